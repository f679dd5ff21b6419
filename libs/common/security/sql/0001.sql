-- Answers to writes that named a key, so that a repeat gets the same answer and acts once.
CREATE TABLE idempotency_key (
  caller text NOT NULL,
  route text NOT NULL,
  key text NOT NULL,
  request_hash bytea NOT NULL,
  status smallint,          -- null only within the transaction that makes the row
  headers jsonb,
  body bytea,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (caller, route, key)
);
CREATE INDEX idempotency_key_recorded_at ON idempotency_key (recorded_at);

-- Who did or read what, when and why: append-only for everybody.
CREATE TABLE audit_line (
  line_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
  recorded_at timestamptz NOT NULL,
  caller text NOT NULL,
  roles text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('read', 'write')),
  act text NOT NULL,
  subject_kind text,
  subjects uuid[] NOT NULL,
  purpose text,
  correlation_id uuid NOT NULL,
  trace_id text
);
CREATE INDEX audit_line_order ON audit_line (xact, line_id);

-- Sealed runs of lines, in (xact, line_id) order, each block over the one before.
CREATE TABLE audit_block (
  block_id bigint PRIMARY KEY,
  last_xact xid8 NOT NULL,
  last_line bigint NOT NULL,
  line_ids bigint[] NOT NULL,
  line_hashes bytea[] NOT NULL,
  previous bytea NOT NULL,
  digest bytea NOT NULL,
  sealed_at timestamptz NOT NULL
);

-- Producer: the ledger is append-only; the outbox is a to-do list that stays small.
CREATE TABLE event_log (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id uuid NOT NULL UNIQUE,
  stream text NOT NULL,
  subject uuid NOT NULL,
  version bigint NOT NULL,
  type text NOT NULL,
  body bytea NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  correlation_id uuid NOT NULL,
  xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
  UNIQUE (stream, subject, version)
);
CREATE TABLE stream_head (
  stream text NOT NULL,
  subject uuid NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (stream, subject)
) WITH (fillfactor = 80);
CREATE TABLE outbox (
  seq bigint PRIMARY KEY REFERENCES event_log (seq),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
  last_error text,
  held boolean NOT NULL DEFAULT false
);

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
  causation_id uuid,
  traceparent text,
  xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
  -- Subject first: the same index serves the trace of one subject.
  UNIQUE (subject, stream, version)
) WITH (toast_tuple_target = 8160);
-- Bodies of some 2 kB are written once and sent at once: keep them in the row, uncompressed.
ALTER TABLE event_log ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX event_log_correlation ON event_log (correlation_id);
CREATE INDEX event_log_recorded ON event_log USING brin (recorded_at);
CREATE TABLE stream_head (
  stream text NOT NULL,
  subject uuid NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (stream, subject)
) WITH (fillfactor = 70);
-- No foreign key: a row is only made by the statement that makes its ledger row, and checking it
-- would lock every ledger row once more.
CREATE TABLE outbox (
  seq bigint PRIMARY KEY,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
  last_error text,
  held boolean NOT NULL DEFAULT false
);
CREATE INDEX outbox_failed ON outbox (seq) WHERE attempts > 0;

-- Consumer: what has been received, how far each subject is, what could not be worked.
CREATE TABLE inbox (
  consumer text NOT NULL,
  event_id uuid NOT NULL,
  received_at timestamptz NOT NULL,
  batch_id uuid NOT NULL,
  PRIMARY KEY (event_id, consumer)
);
CREATE INDEX inbox_received ON inbox USING brin (received_at);
-- One row per micro-batch, written as its last statement: when its effects were there.
CREATE TABLE inbox_batch (
  batch_id uuid PRIMARY KEY,
  consumer text NOT NULL,
  received_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  events integer NOT NULL
);
CREATE TABLE cursor (
  consumer text NOT NULL,
  stream text NOT NULL,
  subject uuid NOT NULL,
  version bigint NOT NULL,
  previous bigint NOT NULL DEFAULT 0,
  seen bigint NOT NULL,
  gap_since timestamptz,
  PRIMARY KEY (consumer, stream, subject)
) WITH (fillfactor = 70);
CREATE INDEX cursor_gap ON cursor (consumer, gap_since) WHERE gap_since IS NOT NULL;
CREATE TABLE parked_message (
  parked_id uuid PRIMARY KEY,
  consumer text NOT NULL,
  event_id uuid NOT NULL,
  type text,
  stream text,
  subject uuid,
  version bigint,
  correlation_id uuid,
  reason text NOT NULL,
  fields text[] NOT NULL,
  error text,
  attempt integer NOT NULL,
  headers jsonb NOT NULL,
  body bytea NOT NULL,
  parked_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'parked'
    CHECK (state IN ('parked', 'redrive', 'redriven', 'discarded', 'settled')),
  settled_at timestamptz,
  settled_by text,
  settled_reason text,
  UNIQUE (consumer, event_id)
);
CREATE INDEX parked_message_open ON parked_message (parked_id)
  WHERE state IN ('parked', 'redrive');
-- Events that may kill the process: noted, and committed, before each one is worked.
CREATE TABLE suspect (
  consumer text NOT NULL,
  event_id uuid NOT NULL,
  n integer NOT NULL,
  noted_at timestamptz NOT NULL,
  PRIMARY KEY (consumer, event_id)
);

-- The local transport: a row is one message, a batch of events of one type for one consumer.
CREATE TABLE local_queue (
  message_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer text NOT NULL,
  is_replay boolean NOT NULL DEFAULT false,
  type text NOT NULL,
  events integer NOT NULL,
  body bytea NOT NULL,
  attempt integer NOT NULL DEFAULT 0,
  deliveries integer NOT NULL DEFAULT 0,
  headers jsonb NOT NULL DEFAULT '{}',
  available_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
ALTER TABLE local_queue ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX local_queue_due ON local_queue (consumer, is_replay, message_id);

-- Replays of this service's ledger to one consumer; a wish for another service's is passed on.
CREATE TABLE replay (
  replay_id uuid PRIMARY KEY,
  producer text NOT NULL,
  consumer text NOT NULL,
  subjects uuid[],
  types text[],
  from_at timestamptz,
  to_at timestamptz,
  per_second integer NOT NULL,
  reason text NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'wanted'
    CHECK (state IN ('wanted', 'running', 'done', 'cancelled', 'passed_on')),
  last_seq bigint NOT NULL DEFAULT 0,
  end_seq bigint,
  fence xid8,
  total bigint,
  sent bigint NOT NULL DEFAULT 0,
  started_at timestamptz,
  finished_at timestamptz,
  last_error text
);
CREATE INDEX replay_open ON replay (requested_at) WHERE state IN ('wanted', 'running');

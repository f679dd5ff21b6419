-- Who outside may see what, and on which legal ground. A change is a new version; the highest counts.
CREATE TABLE partner_registration (
  partner text NOT NULL,
  version bigint NOT NULL,
  name text NOT NULL,
  subjects text[] NOT NULL,
  event_types text[] NOT NULL,
  programmes text[] NOT NULL,
  areas text[] NOT NULL,
  fields text[] NOT NULL,
  legal_basis text NOT NULL,
  legal_document text NOT NULL,
  valid_from date NOT NULL,
  valid_until date CHECK (valid_until >= valid_from),
  per_second integer NOT NULL CHECK (per_second > 0),
  is_confirmed boolean NOT NULL,
  recorded_at timestamptz NOT NULL,
  recorded_by text NOT NULL,
  PRIMARY KEY (partner, version)
);

-- How far a partner has read the change feed, for operators.
CREATE TABLE partner_reading (
  partner text PRIMARY KEY,
  seq bigint NOT NULL,
  read_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Up to where the ledger holds no gap that may still be filled; see `libs.common.partners.horizon`.
CREATE TABLE ledger_horizon (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  safe_seq bigint NOT NULL,
  end_seq bigint NOT NULL,
  waits_for text[] NOT NULL
) WITH (fillfactor = 50);
INSERT INTO ledger_horizon (safe_seq, end_seq, waits_for) VALUES (0, 0, '{}');

-- The API role reads no body of the ledger. This is its one way to those that a partner may see parts
-- of: a bounded page of given types. The edge shows the view of a registration only.
CREATE FUNCTION partner_events(after_seq bigint, until_seq bigint, kinds text[], most integer)
RETURNS TABLE (seq bigint, event_id uuid, stream text, subject uuid, version bigint, type text,
               body bytea, recorded_at timestamptz, traceparent text)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT log.seq, log.event_id, log.stream, log.subject, log.version, log.type, log.body,
         log.recorded_at, log.traceparent
  FROM public.event_log AS log
  WHERE log.seq > after_seq AND log.seq <= until_seq AND log.type = ANY (kinds)
  ORDER BY log.seq LIMIT most;
END;
REVOKE ALL ON FUNCTION partner_events(bigint, bigint, text[], integer) FROM PUBLIC;

-- What was said of subjects right before these versions.
CREATE FUNCTION partner_events_before(streams text[], subjects uuid[], versions bigint[])
RETURNS TABLE (stream text, subject uuid, version bigint, type text, body bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT asked.stream, asked.subject, asked.version, before.type, before.body
  FROM unnest(streams, subjects, versions) AS asked(stream, subject, version)
  CROSS JOIN LATERAL (
    SELECT log.type, log.body FROM public.event_log AS log
    WHERE log.subject = asked.subject AND log.stream = asked.stream
      AND log.version < asked.version
    ORDER BY log.version DESC LIMIT 1) AS before;
END;
REVOKE ALL ON FUNCTION partner_events_before(text[], uuid[], bigint[]) FROM PUBLIC;

-- Where a partner wants to be told. Its secrets follow from ANSINH_PARTNER_KEY; only which of them
-- are in force stands here.
CREATE TABLE webhook_endpoint (
  endpoint_id uuid PRIMARY KEY,
  partner text NOT NULL,
  url text NOT NULL,
  secrets jsonb NOT NULL,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'removed')),
  pause text CHECK (pause IN ('failing', 'gone', 'operator')),
  paused_at timestamptz,
  probe_at timestamptz NOT NULL DEFAULT '-infinity',
  failures integer NOT NULL DEFAULT 0,
  last_success_at timestamptz,
  last_failure_at timestamptz,
  last_status integer,
  last_error text,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  CHECK ((state = 'paused') = (pause IS NOT NULL))
) WITH (fillfactor = 50);
CREATE INDEX webhook_endpoint_partner ON webhook_endpoint (partner);
CREATE TABLE webhook_cursor (
  endpoint_id uuid PRIMARY KEY REFERENCES webhook_endpoint,
  seq bigint NOT NULL
) WITH (fillfactor = 50);
-- What is on its way, has arrived (for a while) or was given up. Never a body: it is read anew from
-- the ledger, through the registration of that moment.
CREATE TABLE webhook_delivery (
  endpoint_id uuid NOT NULL,
  seq bigint NOT NULL,
  event_id uuid NOT NULL,
  stream text NOT NULL,
  subject uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'pending'
    CHECK (state IN ('pending', 'delivered', 'withheld', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
  first_attempt_at timestamptz,
  settled_at timestamptz,
  last_status integer,
  last_error text,
  PRIMARY KEY (endpoint_id, seq)
) WITH (fillfactor = 70);
CREATE INDEX webhook_delivery_pending ON webhook_delivery (endpoint_id, subject, stream, seq)
  WHERE state = 'pending';
CREATE INDEX webhook_delivery_failed ON webhook_delivery (endpoint_id, seq) WHERE state = 'failed';
CREATE INDEX webhook_delivery_settled ON webhook_delivery USING brin (settled_at);

-- How new the newest event of a micro-batch was when it was recorded: a consumer's lag.
ALTER TABLE inbox_batch ADD COLUMN newest_at timestamptz;
CREATE INDEX inbox_batch_last ON inbox_batch (consumer, finished_at);

-- The one way for the API role to a parked body: one message at a time. The edge asks for a purpose
-- and leaves the audit line in the same transaction.
CREATE FUNCTION parked_body(wanted uuid) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT body FROM public.parked_message WHERE parked_id = wanted;
END;
REVOKE ALL ON FUNCTION parked_body(uuid) FROM PUBLIC;

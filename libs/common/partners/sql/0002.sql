ALTER TABLE partner_registration ADD COLUMN certificates text[] NOT NULL DEFAULT '{}';

-- When a partner had read the change feed up to where, each time that it came further; kept for a
-- while, for the trace of a household.
CREATE TABLE partner_page (
  partner text NOT NULL,
  seq bigint NOT NULL,
  read_at timestamptz NOT NULL,
  PRIMARY KEY (partner, seq)
);
CREATE INDEX partner_page_read ON partner_page USING brin (read_at);

-- What a partner did, by the act's correlation id: the events of that act and instant are its answer.
CREATE TABLE partner_act (
  correlation_id uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  partner text NOT NULL,
  act text NOT NULL,
  PRIMARY KEY (correlation_id, recorded_at, partner, act)
);

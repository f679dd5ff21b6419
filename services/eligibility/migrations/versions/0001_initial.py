"""The first schema."""

from alembic import op

from libs.common.areas import schema as areas
from libs.common.database.migrate import run_script
from libs.common.messaging import schema as messaging
from libs.common.security import schema as security
from libs.common.security.rls import grant, protect_by_commune

revision = "0001"
down_revision = None

OWN_TABLES = """
-- What a period belongs to, as one number: the exclusion constraints compare it as a range of one
-- value. A number and not the ids themselves, because int8range has a measure of distance: with
-- ranges of uuid and text the index degrades (measured: 102 us per row against 33, growing).
CREATE FUNCTION slot(household_id uuid, subject_id uuid, name text) RETURNS int8range
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN int8range(
    uuid_hash_extended(household_id, uuid_hash_extended(subject_id, hashtextextended(name, 0))),
    uuid_hash_extended(household_id, uuid_hash_extended(subject_id, hashtextextended(name, 0))),
    '[]'
  );

-- The day up to which time has been applied, and the rules with which: one row.
CREATE TABLE law_day (
  singleton boolean PRIMARY KEY CHECK (singleton),
  day date NOT NULL,
  rules text NOT NULL
);

-- What the registry last said of each household: the sweep decides from this.
CREATE TABLE household_facts (
  household_id uuid PRIMARY KEY,
  commune text NOT NULL,
  household_version bigint NOT NULL,
  facts bytea NOT NULL,
  determined_to date NOT NULL,
  rules text NOT NULL,
  next_change_on date
);
CREATE INDEX household_facts_due ON household_facts (next_change_on, household_id);

-- Bitemporal: a row is what was known from recorded_at until superseded_at.
CREATE TABLE entitlement (
  household_id uuid NOT NULL,
  subject_id uuid NOT NULL,
  programme text NOT NULL,
  from_day date NOT NULL,
  recorded_at timestamptz NOT NULL,
  superseded_at timestamptz,
  commune text NOT NULL,
  support text NOT NULL,
  subject_kind text NOT NULL,
  until date,
  rule_table text NOT NULL,
  rule_row text NOT NULL,
  document text NOT NULL,
  is_confirmed boolean NOT NULL,
  benefit json NOT NULL,
  PRIMARY KEY (household_id, subject_id, programme, from_day, recorded_at),
  CONSTRAINT entitlement_once EXCLUDE USING gist (
    slot(household_id, subject_id, programme) WITH &&,
    daterange(from_day, until) WITH &&
  ) WHERE (superseded_at IS NULL)
);

CREATE TABLE roll_period (
  household_id uuid NOT NULL,
  person_id uuid NOT NULL,
  from_day date NOT NULL,
  recorded_at timestamptz NOT NULL,
  superseded_at timestamptz,
  commune text NOT NULL,
  group_code text NOT NULL,
  support_percent integer NOT NULL,
  benefit_percent integer NOT NULL,
  until date,
  document text NOT NULL,
  is_confirmed boolean NOT NULL,
  order_is_confirmed boolean NOT NULL,
  PRIMARY KEY (household_id, person_id, from_day, recorded_at),
  CONSTRAINT roll_period_once EXCLUDE USING gist (
    slot(household_id, person_id, '') WITH &&,
    daterange(from_day, until) WITH &&
  ) WHERE (superseded_at IS NULL)
);
CREATE INDEX roll_period_by_person ON roll_period (commune, person_id);

CREATE TABLE training_offer (
  household_id uuid NOT NULL,
  person_id uuid NOT NULL,
  group_code text NOT NULL,
  from_day date NOT NULL,
  recorded_at timestamptz NOT NULL,
  superseded_at timestamptz,
  commune text NOT NULL,
  until date,
  benefit json NOT NULL,
  document text NOT NULL,
  is_confirmed boolean NOT NULL,
  PRIMARY KEY (household_id, person_id, group_code, from_day, recorded_at),
  CONSTRAINT training_offer_once EXCLUDE USING gist (
    slot(household_id, person_id, group_code) WITH &&,
    daterange(from_day, until) WITH &&
  ) WHERE (superseded_at IS NULL)
);
CREATE INDEX training_offer_by_person ON training_offer (commune, person_id);

CREATE TABLE sweep (
  day date PRIMARY KEY,
  requested_at timestamptz NOT NULL,
  started_at timestamptz,
  finished_at timestamptz,
  households integer NOT NULL DEFAULT 0,
  changed integer NOT NULL DEFAULT 0
);
"""

ACCESS = "".join(
    (
        *(
            protect_by_commune("eligibility", table)
            + grant("eligibility", table, api="SELECT", worker="SELECT, INSERT, UPDATE, DELETE")
            for table in ("household_facts", "entitlement", "roll_period", "training_offer")
        ),
        grant("eligibility", "law_day", api="SELECT", worker="SELECT, INSERT, UPDATE"),
        grant("eligibility", "sweep", api="SELECT, INSERT, UPDATE", worker="SELECT, INSERT, UPDATE"),
    )
)


def upgrade() -> None:
    bind = op.get_bind()
    for script in (
        messaging.install("eligibility"),
        areas.install("eligibility"),
        security.install("eligibility"),
        OWN_TABLES,
        ACCESS,
    ):
        run_script(bind, script)

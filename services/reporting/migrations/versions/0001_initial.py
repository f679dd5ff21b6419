"""The first schema."""

from alembic import op

from libs.common.areas import schema as areas
from libs.common.database.migrate import run_script
from libs.common.messaging import schema as messaging
from libs.common.security import schema as security
from libs.common.security.rls import grant, protect_by_commune

revision = "0001"
down_revision = None

OWN_TABLES = (
    """
CREATE TABLE household_fact (
  household_id uuid NOT NULL,
  version bigint NOT NULL,
  standard text NOT NULL,
  place smallint NOT NULL,
  commune text NOT NULL,
  resident daterange NOT NULL,
  lives_from date NOT NULL,
  first_day date NOT NULL,
  closed_on date,
  recorded_at timestamptz NOT NULL,
  known_until timestamptz,
  class_days date[] NOT NULL,
  classes text[] NOT NULL,
  escaped datemultirange NOT NULL,
  member_from date[] NOT NULL,
  member_until date[] NOT NULL,
  PRIMARY KEY (household_id, version, standard, place)
);
CREATE INDEX household_fact_commune ON household_fact (commune, known_until);
CREATE TABLE effect_fact (
  stream text NOT NULL,
  household_id uuid NOT NULL,
  version bigint NOT NULL,
  commune text NOT NULL,
  recorded_at timestamptz NOT NULL,
  known_until timestamptz,
  codes text[] NOT NULL,
  from_days date[] NOT NULL,
  until_days date[] NOT NULL,
  PRIMARY KEY (stream, household_id, version)
);
CREATE INDEX effect_fact_commune ON effect_fact (commune, known_until);
CREATE TABLE referral_fact (
  referral_id uuid NOT NULL,
  version bigint NOT NULL,
  household_id uuid NOT NULL,
  commune text NOT NULL,
  programme text NOT NULL,
  state text NOT NULL,
  is_flagged boolean NOT NULL,
  changed_on date NOT NULL,
  replaced_on date,
  recorded_at timestamptz NOT NULL,
  known_until timestamptz,
  PRIMARY KEY (referral_id, version)
);
CREATE INDEX referral_fact_commune ON referral_fact (commune);
CREATE TABLE timeline_entry (
  household_id uuid NOT NULL,
  stream text NOT NULL,
  subject uuid NOT NULL,
  version bigint NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  commune text NOT NULL,
  act text NOT NULL,
  facts jsonb NOT NULL,
  correlation_id uuid NOT NULL,
  causation_id uuid,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (household_id, stream, subject, version)
);
"""
    + "".join(
        protect_by_commune("reporting", table)
        + grant("reporting", table, api="SELECT", worker="SELECT, INSERT, UPDATE, DELETE")
        for table in ("household_fact", "effect_fact", "referral_fact", "timeline_entry")
    )
)


def upgrade() -> None:
    bind = op.get_bind()
    for script in (
        messaging.install("reporting"),
        areas.install("reporting"),
        security.install("reporting"),
        OWN_TABLES,
    ):
        run_script(bind, script)

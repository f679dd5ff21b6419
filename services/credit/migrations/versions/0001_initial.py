"""The first schema."""

from alembic import op

from libs.common.areas import schema as areas
from libs.common.database.migrate import run_script
from libs.common.messaging import schema as messaging
from libs.common.security import schema as security
from libs.common.security.rls import grant, protect_by_commune

revision = "0001"
down_revision = None

STATE = """
  programme text NOT NULL,
  state text NOT NULL,
  is_flagged boolean NOT NULL,
  opened_on date NOT NULL,
  entitled_from date NOT NULL,
  changed_on date NOT NULL,
  until date,
  terms_on date NOT NULL,
  max_amount bigint,
  max_months integer,
  yearly_rate numeric NOT NULL,
  overdue_rate numeric NOT NULL,
  terms_document text NOT NULL,
  terms_are_confirmed boolean NOT NULL
"""

OWN_TABLES = f"""
CREATE TABLE referral_basis (
  household_id uuid PRIMARY KEY,
  commune text NOT NULL,
  entitlement_version bigint NOT NULL,
  programme text,
  since date NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE referral (
  referral_id uuid PRIMARY KEY,
  household_id uuid NOT NULL,
  version bigint NOT NULL,
  commune text NOT NULL,
  area jsonb NOT NULL,
  {STATE}
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX referral_one_open ON referral (household_id) WHERE state = 'open';
CREATE INDEX referral_household ON referral (household_id);
CREATE INDEX referral_programme ON referral (programme, state, referral_id);

CREATE TABLE referral_version (
  referral_id uuid NOT NULL,
  version bigint NOT NULL,
  commune text NOT NULL,
  act text NOT NULL,
  {STATE},
  entitlement_version bigint,
  correlation_id uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (referral_id, version)
);

CREATE TABLE disbursement (
  referral_id uuid PRIMARY KEY,
  commune text NOT NULL,
  paid_on date NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  contract_number text NOT NULL UNIQUE,
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL
);

CREATE TABLE law_day (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  day date NOT NULL
);
INSERT INTO law_day (day) VALUES ('-infinity');

CREATE TABLE sweep (
  day date PRIMARY KEY,
  requested_at timestamptz NOT NULL,
  finished_at timestamptz,
  changed integer NOT NULL
);
"""

OWN_TABLES += "".join(
    protect_by_commune("credit", table)
    for table in ("referral_basis", "referral", "referral_version", "disbursement")
)
OWN_TABLES += "".join(
    grant("credit", table, api=api, worker=worker)
    for table, api, worker in (
        ("referral_basis", "", "SELECT, INSERT, UPDATE"),
        ("referral", "SELECT, UPDATE", "SELECT, INSERT, UPDATE"),
        ("referral_version", "SELECT, INSERT", "SELECT, INSERT"),
        ("disbursement", "SELECT, INSERT", "SELECT"),
        ("law_day", "SELECT", "SELECT, UPDATE"),
        ("sweep", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE"),
    )
)


def upgrade() -> None:
    bind = op.get_bind()
    for script in (
        messaging.install("credit"),
        areas.install("credit"),
        security.install("credit"),
        OWN_TABLES,
    ):
        run_script(bind, script)

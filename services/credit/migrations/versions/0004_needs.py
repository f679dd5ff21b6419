"""Loan needs, the lists 03/TD they are voted on, and the newest need of each referral."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.security.rls import grant, protect_by_commune

revision = "0004"
down_revision = "0003"

STATE = """
  stage text NOT NULL,
  changed_on date NOT NULL,
  due_on date,
  over_cap boolean NOT NULL,
  list_id uuid,
  confirmed_on date,
  is_confirmed boolean,
  received_on date,
  answered_on date,
  approved_amount bigint CHECK (approved_amount > 0),
  approved_months integer CHECK (approved_months > 0),
  reason text
"""

TABLES = f"""
ALTER TABLE referral ADD COLUMN need_id uuid;

CREATE TABLE need (
  need_id uuid PRIMARY KEY,
  referral_id uuid NOT NULL,
  household_id uuid NOT NULL,
  version bigint NOT NULL,
  commune text NOT NULL,
  purpose text NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  months integer NOT NULL CHECK (months > 0),
  source text NOT NULL,
  group_id uuid,
  applied_on date NOT NULL,
  {STATE}
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX need_one_open ON need (referral_id)
  WHERE stage IN ('applied', 'listed', 'sent', 'received', 'approved');
CREATE INDEX need_stage ON need (stage, need_id);
CREATE INDEX need_due ON need (due_on, need_id) WHERE due_on IS NOT NULL;
CREATE INDEX need_waiting ON need (list_id) WHERE stage = 'listed';

CREATE TABLE need_version (
  need_id uuid NOT NULL,
  version bigint NOT NULL,
  commune text NOT NULL,
  act text NOT NULL,
  {STATE},
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (need_id, version)
);

CREATE TABLE need_list (
  list_id uuid PRIMARY KEY,
  commune text NOT NULL,
  group_id uuid,
  voted_on date NOT NULL,
  minutes_number text NOT NULL,
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL
);
CREATE INDEX need_list_commune ON need_list (commune, list_id);

CREATE TABLE need_list_entry (
  list_id uuid NOT NULL,
  place integer NOT NULL,
  commune text NOT NULL,
  need_id uuid NOT NULL,
  votes_for integer NOT NULL CHECK (votes_for >= 0),
  votes_against integer NOT NULL CHECK (votes_against >= 0),
  PRIMARY KEY (list_id, place)
);
"""

TABLES += "".join(
    protect_by_commune("credit", table)
    for table in ("need", "need_version", "need_list", "need_list_entry")
)
TABLES += "".join(
    grant("credit", table, api=api, worker=worker)
    for table, api, worker in (
        ("need", "SELECT, INSERT, UPDATE", "SELECT, UPDATE"),
        ("need_version", "SELECT, INSERT", "SELECT, INSERT"),
        ("need_list", "SELECT, INSERT", "SELECT"),
        ("need_list_entry", "SELECT, INSERT", "SELECT"),
    )
)


def upgrade() -> None:
    run_script(op.get_bind(), TABLES)

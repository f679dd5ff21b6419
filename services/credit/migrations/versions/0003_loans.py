"""Loans, savings-and-credit groups, capital plans."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.database.periods import no_overlap
from libs.common.security.rls import grant, protect_by_commune

revision = "0003"
down_revision = "0002"

BUCKETS = """
  balance_in_term bigint NOT NULL CHECK (balance_in_term >= 0),
  balance_overdue bigint NOT NULL CHECK (balance_overdue >= 0),
  balance_frozen bigint NOT NULL CHECK (balance_frozen >= 0),
  interest_in_term bigint NOT NULL CHECK (interest_in_term >= 0),
  interest_overdue bigint NOT NULL CHECK (interest_overdue >= 0),
  interest_frozen bigint NOT NULL CHECK (interest_frozen >= 0)
"""
STATE = f"""
  programme text NOT NULL,
  source text NOT NULL,
  state text NOT NULL,
  principal bigint NOT NULL CHECK (principal > 0),
  paid_on date NOT NULL,
  months integer NOT NULL,
  first_due_on date NOT NULL,
  due_on date NOT NULL,
  {BUCKETS},
  balance_on date NOT NULL,
  yearly_rate numeric NOT NULL,
  overdue_rate numeric NOT NULL,
  rate_on date NOT NULL,
  rate_document text NOT NULL,
  frozen_from date,
  frozen_until date,
  check_due_on date NOT NULL,
  checked_on date,
  is_used_as_agreed boolean,
  changed_on date NOT NULL
"""
PLAN = """
  commune text NOT NULL,
  source text NOT NULL,
  programme text NOT NULL,
  year integer NOT NULL,
  version integer NOT NULL,
  amount bigint NOT NULL CHECK (amount >= 0),
  document text NOT NULL
"""

TABLES = f"""
CREATE TABLE loan (
  loan_id uuid PRIMARY KEY,
  referral_id uuid NOT NULL UNIQUE,
  need_id uuid,
  household_id uuid NOT NULL,
  version bigint NOT NULL,
  commune text NOT NULL,
  area jsonb NOT NULL,
  contract_number text NOT NULL,
  asked jsonb NOT NULL,
  {STATE}
) WITH (fillfactor = 80);
CREATE INDEX loan_household ON loan (household_id);
CREATE INDEX loan_programme ON loan (programme, state, loan_id);
CREATE INDEX loan_check ON loan (check_due_on) WHERE checked_on IS NULL;

CREATE TABLE loan_version (
  loan_id uuid NOT NULL,
  version bigint NOT NULL,
  commune text NOT NULL,
  act text NOT NULL,
  document text,
  {STATE},
  correlation_id uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (loan_id, version)
);
CREATE INDEX loan_version_opened ON loan_version (commune, source, programme, paid_on)
  WHERE act = 'opened';

CREATE TABLE loan_statement (
  loan_id uuid NOT NULL,
  month_end date NOT NULL,
  commune text NOT NULL,
  {BUCKETS},
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (loan_id, month_end)
);

CREATE TABLE savings_group (
  group_id uuid PRIMARY KEY,
  commune text NOT NULL,
  village text NOT NULL,
  union_kind text NOT NULL,
  founded_on date NOT NULL,
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL
);
CREATE INDEX savings_group_commune ON savings_group (commune, group_id);

CREATE TABLE group_member (
  group_id uuid NOT NULL,
  household_id uuid NOT NULL,
  joined_on date NOT NULL,
  commune text NOT NULL,
  person_id uuid,
  period daterange NOT NULL CHECK (NOT isempty(period) AND lower(period) = joined_on),
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (group_id, household_id, joined_on),
  {no_overlap("group_member_in_one_group", "period", uuids=("household_id",))}
);
CREATE INDEX group_member_household ON group_member (household_id);

CREATE TABLE group_grade (
  group_id uuid NOT NULL,
  graded_on date NOT NULL,
  commune text NOT NULL,
  grade text NOT NULL,
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (group_id, graded_on)
);

CREATE TABLE group_review (
  group_id uuid NOT NULL,
  year integer NOT NULL,
  commune text NOT NULL,
  done_on date NOT NULL,
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (group_id, year)
);

CREATE TABLE capital_plan (
  {PLAN},
  PRIMARY KEY (commune, source, programme, year)
);

CREATE TABLE capital_plan_version (
  {PLAN},
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (commune, source, programme, year, version)
);
"""

GRANTS = (
    ("loan", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE"),
    ("loan_version", "SELECT, INSERT", "SELECT, INSERT"),
    ("loan_statement", "SELECT, INSERT", "SELECT, INSERT, UPDATE"),
    ("savings_group", "SELECT, INSERT, UPDATE", "SELECT"),
    ("group_member", "SELECT, INSERT, UPDATE", "SELECT"),
    ("group_grade", "SELECT, INSERT", "SELECT"),
    ("group_review", "SELECT, INSERT", "SELECT"),
    ("capital_plan", "SELECT, INSERT, UPDATE", "SELECT, UPDATE"),
    ("capital_plan_version", "SELECT, INSERT", "SELECT"),
)


def upgrade() -> None:
    protected = "".join(protect_by_commune("credit", table) for table, _, _ in GRANTS)
    granted = "".join(grant("credit", table, api=api, worker=worker) for table, api, worker in GRANTS)
    run_script(op.get_bind(), TABLES + protected + granted)

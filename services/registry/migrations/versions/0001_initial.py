"""The first schema."""

from alembic import op

from libs.common.areas import schema as areas
from libs.common.database.migrate import run_script
from libs.common.database.periods import no_overlap
from libs.common.messaging import schema as messaging
from libs.common.security import schema as security
from libs.common.security.rls import grant, protect_by_commune

revision = "0001"
down_revision = None

OWN_TABLES = f"""
CREATE TABLE household (
  household_id uuid PRIMARY KEY,
  commune text NOT NULL,
  registered_on date NOT NULL,
  digest bytea NOT NULL,
  correlation_id uuid NOT NULL,
  recorded_at timestamptz NOT NULL
);
CREATE INDEX household_by_commune ON household (commune, household_id);

CREATE TABLE household_fact (
  household_id uuid NOT NULL REFERENCES household,
  effective daterange NOT NULL CHECK (NOT isempty(effective)),
  recorded tstzrange NOT NULL CHECK (NOT isempty(recorded)),
  commune text NOT NULL,
  residence text NOT NULL,
  is_farm_household boolean NOT NULL,
  PRIMARY KEY (household_id, effective, recorded),
  {no_overlap(
      "household_fact_no_overlap",
      "effective",
      uuids=["household_id"],
      where="upper_inf(recorded)",
  )}
);

CREATE TABLE member (
  household_id uuid NOT NULL REFERENCES household,
  person_id uuid NOT NULL,
  recorded tstzrange NOT NULL CHECK (NOT isempty(recorded)),
  commune text NOT NULL,
  place integer NOT NULL,
  birth_date date,
  birth_year integer NOT NULL,
  sex text NOT NULL,
  ethnicity text NOT NULL,
  relation text NOT NULL,
  disability text NOT NULL,
  schooling text NOT NULL,
  employment text NOT NULL,
  has_pension boolean NOT NULL,
  joined_on date NOT NULL,
  left_on date CHECK (left_on > joined_on),
  is_low_income_worker boolean NOT NULL,
  PRIMARY KEY (household_id, person_id, recorded)
);
-- A person is in one household at a time.
CREATE UNIQUE INDEX member_open_membership ON member (person_id)
  WHERE upper_inf(recorded) AND left_on IS NULL;

CREATE TABLE decision (
  decision_id uuid PRIMARY KEY,
  commune text NOT NULL,
  number text NOT NULL,
  kind text NOT NULL,
  signed_on date NOT NULL,
  signed_year integer NOT NULL,
  effective_on date NOT NULL,
  authority text NOT NULL,
  standard text NOT NULL,
  supersedes uuid REFERENCES decision,
  digest bytea NOT NULL,
  state text NOT NULL CHECK (state IN ('accepted', 'done', 'refused')),
  rows_total integer NOT NULL,
  problems jsonb NOT NULL,
  correlation_id uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  finished_at timestamptz
);
CREATE UNIQUE INDEX decision_number ON decision (commune, authority, signed_year, number)
  WHERE state <> 'refused';
CREATE INDEX decision_waiting ON decision (recorded_at) WHERE state = 'accepted';

-- No foreign key: it is written while the job's transaction holds the decision.
CREATE TABLE decision_progress (
  decision_id uuid PRIMARY KEY,
  rows_done integer NOT NULL,
  attempts integer NOT NULL,
  updated_at timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE staged_row (
  decision_id uuid NOT NULL REFERENCES decision,
  line integer NOT NULL,
  commune text NOT NULL,
  household_id uuid NOT NULL,
  status text,
  PRIMARY KEY (decision_id, line)
);

CREATE TABLE decision_row (
  household_id uuid NOT NULL REFERENCES household,
  decision_id uuid NOT NULL REFERENCES decision,
  commune text NOT NULL,
  status text,
  standard text NOT NULL,
  kind text NOT NULL,
  number text NOT NULL,
  authority text NOT NULL,
  signed_on date NOT NULL,
  effective_on date NOT NULL,
  supersedes uuid,
  correlation_id uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (household_id, decision_id)
);
CREATE INDEX decision_row_by_decision ON decision_row (decision_id);

CREATE TABLE status_period (
  household_id uuid NOT NULL REFERENCES household,
  standard text NOT NULL,
  effective daterange NOT NULL CHECK (NOT isempty(effective)),
  recorded tstzrange NOT NULL CHECK (NOT isempty(recorded)),
  commune text NOT NULL,
  status text NOT NULL,
  decision_id uuid NOT NULL,
  PRIMARY KEY (household_id, standard, effective, recorded),
  {no_overlap(
      "status_period_no_overlap",
      "effective",
      uuids=["household_id"],
      texts=["standard"],
      where="upper_inf(recorded)",
  )}
);
CREATE INDEX status_period_by_commune ON status_period (commune, status, household_id)
  WHERE upper_inf(recorded);
""" + "".join(
    protect_by_commune("registry", table) + grant("registry", table, api=api, worker=worker)
    for table, api, worker in (
        ("household", "SELECT, INSERT, UPDATE (commune)", "SELECT"),
        ("household_fact", "SELECT, INSERT, UPDATE", "SELECT"),
        ("member", "SELECT, INSERT, UPDATE", "SELECT"),
        ("decision", "SELECT, INSERT", "SELECT, UPDATE"),
        ("staged_row", "SELECT, INSERT", "SELECT, DELETE"),
        ("decision_row", "SELECT, INSERT, UPDATE (commune)", "SELECT, INSERT"),
        ("status_period", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE"),
    )
) + grant(
    "registry", "decision_progress", api="SELECT, INSERT", worker="SELECT, INSERT, UPDATE"
)


def upgrade() -> None:
    bind = op.get_bind()
    for script in (
        messaging.install("registry"),
        areas.install("registry"),
        security.install("registry"),
        OWN_TABLES,
    ):
        run_script(bind, script)

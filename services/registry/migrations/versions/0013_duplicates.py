"""The same person recorded twice: who is compared, which records look alike, what was decided."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.database.provision import api_role, worker_role
from libs.common.security.rls import grant, protect

revision = "0013"
down_revision = "0012"

TABLES = f"""
-- A row for each write: no writer waits for another, and what is not committed yet is not taken.
CREATE TABLE duplicate_check (
  check_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id uuid NOT NULL,
  hash bytea,
  claimed_by text,
  evidence text
);
-- Whoever writes of a person puts it here; nobody but the search reads it.
ALTER TABLE duplicate_check ENABLE ROW LEVEL SECURITY;
ALTER TABLE duplicate_check FORCE ROW LEVEL SECURITY;
CREATE POLICY writes ON duplicate_check FOR INSERT TO {api_role("registry")} WITH CHECK (true);
CREATE POLICY worker ON duplicate_check TO {worker_role("registry")} USING (true) WITH CHECK (true);

CREATE TABLE duplicate_pair (
  pair_id uuid PRIMARY KEY,
  one uuid NOT NULL,
  other uuid NOT NULL CHECK (one < other),
  one_household uuid NOT NULL,
  other_household uuid NOT NULL,
  score smallint NOT NULL CHECK (score BETWEEN 0 AND 100),
  clues text[] NOT NULL,
  by_number boolean NOT NULL,
  claimed_by text,
  evidence text,
  state text NOT NULL CHECK (state IN ('open', 'same', 'different', 'void')),
  found_at timestamptz NOT NULL,
  compared_at timestamptz NOT NULL,
  UNIQUE (one, other)
);
CREATE INDEX duplicate_pair_by_other ON duplicate_pair (other);
CREATE INDEX duplicate_pair_open ON duplicate_pair (pair_id) WHERE state = 'open';

CREATE TABLE duplicate_step (
  pair_id uuid NOT NULL REFERENCES duplicate_pair,
  place integer NOT NULL,
  step text NOT NULL,
  kept uuid,
  relations jsonb NOT NULL,
  act_id uuid,
  laid_down_at timestamptz,
  handed_over_at timestamptz,
  reason text NOT NULL,
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (pair_id, place)
);

-- Who bears the same words and was born about then: the search for likeness.
CREATE INDEX person_name_alike ON person_name (tokens, birth_year)
  WHERE upper_inf(recorded) AND upper_inf(effective);
"""
_EVERYWHERE = "(SELECT current_setting('ansinh.scope', true)) = '*'"
# A pair concerns whoever sees one of its households. OFFSET: looked up row by row.
_PAIR = f"""{_EVERYWHERE} OR EXISTS (SELECT FROM household WHERE household.household_id IN
  (duplicate_pair.one_household, duplicate_pair.other_household) OFFSET 0)"""
_STEP = f"""{_EVERYWHERE} OR EXISTS (SELECT FROM duplicate_pair AS seen
  WHERE seen.pair_id = duplicate_step.pair_id OFFSET 0)"""


def upgrade() -> None:
    bind = op.get_bind()
    run_script(bind, TABLES)
    run_script(
        bind,
        grant("registry", "duplicate_check", api="INSERT", worker="SELECT, INSERT, UPDATE, DELETE")
        + protect("registry", "duplicate_pair", _PAIR)
        + grant("registry", "duplicate_pair", api="SELECT, UPDATE (state)", worker="SELECT, INSERT, UPDATE")
        + protect("registry", "duplicate_step", _STEP)
        + grant("registry", "duplicate_step", api="SELECT, INSERT", worker="SELECT"),
    )

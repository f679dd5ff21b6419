"""Reorganisations of areas; the village of a residence."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.database.provision import api_role, worker_role
from libs.common.security.rls import grant

revision = "0009"
down_revision = "0008"

_SCOPE = "(SELECT current_setting('ansinh.scope', true))"
_CODES = "(SELECT string_to_array(current_setting('ansinh.scope', true), ','))"
_SEEN = f"{_SCOPE} = '*' OR communes && ({_CODES}::text[])"

TABLES = f"""
ALTER TABLE household_fact ADD COLUMN village text;
CREATE INDEX household_fact_by_residence ON household_fact (residence, household_id);

CREATE TABLE reorganisation (
  reorganisation_id uuid PRIMARY KEY,
  in_force date NOT NULL,
  document text NOT NULL,
  known_from date NOT NULL,
  state text NOT NULL CHECK (state IN
    ('refused', 'entered', 'previewed', 'approved', 'applying', 'done', 'cancelled')),
  communes text[] NOT NULL,
  lines integer NOT NULL,
  entered_by text NOT NULL,
  correlation_id uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  preview jsonb,
  approved_by text CHECK (approved_by <> entered_by),
  approved_at timestamptz,
  households_total integer NOT NULL,
  households_moved integer NOT NULL,
  after_household uuid,
  attempts integer NOT NULL,
  finished_at timestamptz
) WITH (fillfactor = 50);
CREATE INDEX reorganisation_waiting ON reorganisation (in_force)
  WHERE state IN ('approved', 'applying');

CREATE TABLE reorganisation_line (
  reorganisation_id uuid NOT NULL REFERENCES reorganisation,
  line integer NOT NULL,
  cells text[] NOT NULL,
  faults text[] NOT NULL,
  reasons jsonb NOT NULL DEFAULT '[]',
  PRIMARY KEY (reorganisation_id, line)
);

CREATE TABLE reorganisation_route (
  reorganisation_id uuid NOT NULL REFERENCES reorganisation,
  place integer NOT NULL,
  code text NOT NULL,
  valid_from date NOT NULL,
  valid_until date NOT NULL,
  kind text NOT NULL,
  to_code text NOT NULL,
  to_kind text NOT NULL,
  villages text[] NOT NULL,
  is_asked boolean NOT NULL,
  is_done boolean NOT NULL,
  PRIMARY KEY (reorganisation_id, place)
);

-- It names no household, but counts them; whoever may see one of its communes sees that it is there.
ALTER TABLE reorganisation ENABLE ROW LEVEL SECURITY;
ALTER TABLE reorganisation FORCE ROW LEVEL SECURITY;
CREATE POLICY by_communes ON reorganisation TO {api_role("registry")}
  USING ({_SEEN}) WITH CHECK ({_SEEN});
CREATE POLICY worker ON reorganisation TO {worker_role("registry")} USING (true) WITH CHECK (true);
"""
GRANTS = (
    ("reorganisation", "SELECT, INSERT, UPDATE", "SELECT, UPDATE"),
    ("reorganisation_line", "SELECT, INSERT, UPDATE (reasons)", "SELECT, UPDATE (reasons)"),
    ("reorganisation_route", "SELECT, INSERT, UPDATE (is_done)", "SELECT, INSERT, UPDATE, DELETE"),
    # The job moves households as an officer's correction does.
    ("household", "", "UPDATE (commune)"),
    ("household_fact", "", "INSERT, UPDATE"),
    ("member", "", "UPDATE (commune)"),
    ("decision_row", "", "UPDATE (commune)"),
    ("household_act", "", "UPDATE (commune)"),
)


def upgrade() -> None:
    bind = op.get_bind()
    run_script(bind, TABLES)
    run_script(bind, "".join(grant("registry", name, api=a, worker=w) for name, a, w in GRANTS))

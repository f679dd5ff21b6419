"""Imports: files in parts and pages, and the provinces' own codes of households."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.database.provision import api_role, worker_role
from libs.common.security.rls import grant, protect_by_commune

revision = "0010"
down_revision = "0009"

_COUNTED = "registered + corrected + unchanged + refused = lines"
TABLES = f"""
CREATE TABLE household_code (
  commune text NOT NULL,
  code text NOT NULL,
  household_id uuid NOT NULL REFERENCES household,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (commune, code)
);
CREATE INDEX household_code_of ON household_code (household_id);

CREATE TABLE import_file (
  import_id uuid PRIMARY KEY,
  caller text NOT NULL,
  roles text NOT NULL,
  areas text[] NOT NULL,
  communes text[] NOT NULL CHECK (cardinality(communes) > 0),  -- else everybody would see it
  purpose text,
  correlation_id uuid NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  effective_on date NOT NULL,
  state text NOT NULL CHECK (state IN ('sending', 'reading', 'checking', 'checked', 'taking',
                                       'done', 'refused', 'cancelled')),
  parts integer NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  lines integer NOT NULL DEFAULT 0,
  registered integer NOT NULL DEFAULT 0,
  corrected integer NOT NULL DEFAULT 0,
  unchanged integer NOT NULL DEFAULT 0,
  refused integer NOT NULL DEFAULT 0,
  problem jsonb,
  twice bigint[] NOT NULL DEFAULT '{{}}',
  opened_at timestamptz NOT NULL,
  confirmed_by text,
  confirmed_at timestamptz,
  finished_at timestamptz,
  -- Every line is counted once: taken, found the same, or refused.
  CONSTRAINT import_file_counted CHECK (state NOT IN ('checked', 'taking', 'done') OR {_COUNTED})
) WITH (fillfactor = 50);
CREATE INDEX import_file_waiting ON import_file (opened_at)
  WHERE state IN ('reading', 'checking', 'taking');

CREATE TABLE import_part (
  import_id uuid NOT NULL REFERENCES import_file,
  part integer NOT NULL,
  digest bytea NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (import_id, part)
);
-- What is sealed does not get smaller.
ALTER TABLE import_part ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE import_page (
  import_id uuid NOT NULL REFERENCES import_file,
  page integer NOT NULL,
  lines integer NOT NULL,
  state text NOT NULL CHECK (state IN ('read', 'checked', 'taken')),
  sealed bytea,
  keys bigint[] NOT NULL,
  numbers bigint[] NOT NULL,
  outcome jsonb,
  registered integer NOT NULL DEFAULT 0,
  corrected integer NOT NULL DEFAULT 0,
  unchanged integer NOT NULL DEFAULT 0,
  refused integer NOT NULL DEFAULT 0,
  PRIMARY KEY (import_id, page),
  CONSTRAINT import_page_counted CHECK (state = 'read' OR {_COUNTED})
) WITH (fillfactor = 70);
ALTER TABLE import_page ALTER COLUMN sealed SET STORAGE EXTERNAL;
"""


def _protect_imports() -> str:
    """Whoever covers every commune of an import's sender sees it, its parts and its pages."""
    scope = "(SELECT current_setting('ansinh.scope', true))"
    codes = "(SELECT string_to_array(current_setting('ansinh.scope', true), ','))"
    seen = f"{scope} = '*' OR communes <@ {codes}::text[]"
    rules = {"import_file": seen}
    for table in ("import_part", "import_page"):
        through = f"seen.import_id = {table}.import_id"
        rules[table] = f"EXISTS (SELECT FROM import_file AS seen WHERE {through})"
    return "".join(
        f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY by_sender ON {table} TO {api_role("registry")} USING ({rule}) WITH CHECK ({rule});
CREATE POLICY worker ON {table} TO {worker_role("registry")} USING (true) WITH CHECK (true);
"""
        for table, rule in rules.items()
    )


GRANTS = (
    ("household_code", "SELECT", "SELECT, INSERT"),
    ("import_file", "SELECT, INSERT, UPDATE", "SELECT, UPDATE, DELETE"),
    ("import_part", "SELECT, INSERT, DELETE", "SELECT, DELETE"),
    ("import_page", "SELECT, UPDATE (sealed)", "SELECT, INSERT, UPDATE, DELETE"),
    # The job registers and corrects what was confirmed.
    ("household", "", "INSERT"),
    ("household_fact", "", "INSERT, UPDATE"),
    ("member", "", "INSERT, UPDATE"),
)


def upgrade() -> None:
    bind = op.get_bind()
    run_script(bind, TABLES)
    run_script(bind, protect_by_commune("registry", "household_code") + _protect_imports())
    run_script(bind, "".join(grant("registry", name, api=a, worker=w) for name, a, w in GRANTS))

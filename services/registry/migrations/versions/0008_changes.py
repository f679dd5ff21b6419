"""Change requests: life between reviews."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.database.provision import api_role, worker_role
from libs.common.security.rls import grant, protect_by_commune

revision = "0008"
down_revision = "0007"

TABLES = """
CREATE TABLE change_request (
  change_id uuid PRIMARY KEY,
  commune text NOT NULL,
  to_commune text,
  year integer NOT NULL,
  number integer NOT NULL,
  kind text NOT NULL,
  state text NOT NULL
    CHECK (state IN ('asked', 'endorsed', 'applied', 'refused', 'withdrawn')),
  effective_on date NOT NULL,
  proposal jsonb NOT NULL,
  evidence jsonb NOT NULL,
  sealed bytea NOT NULL,
  changes jsonb NOT NULL,
  persons integer NOT NULL CHECK (persons IN (1, 2)),
  persons_row text NOT NULL,
  reverses uuid REFERENCES change_request,
  correlation_id uuid NOT NULL
);
CREATE UNIQUE INDEX change_request_number ON change_request (commune, year, number);
CREATE INDEX change_request_by_commune ON change_request (commune, change_id);
CREATE INDEX change_request_to_commune ON change_request (to_commune, change_id);
-- What was undone once is undone.
CREATE UNIQUE INDEX change_request_reverses ON change_request (reverses) WHERE state = 'applied';

CREATE TABLE change_step (
  change_id uuid NOT NULL REFERENCES change_request,
  state text NOT NULL,
  by text NOT NULL,
  reason text,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (change_id, state)
);

CREATE TABLE change_household (
  change_id uuid NOT NULL REFERENCES change_request,
  household_id uuid NOT NULL,
  version_read bigint,
  version_written bigint,
  PRIMARY KEY (change_id, household_id)
);
CREATE INDEX change_household_by_household ON change_household (household_id, change_id);

CREATE TABLE change_claim (
  subject uuid NOT NULL,
  fact text NOT NULL,
  change_id uuid NOT NULL REFERENCES change_request,
  PRIMARY KEY (subject, fact)
);
CREATE INDEX change_claim_by_change ON change_claim (change_id);

CREATE TABLE change_number (
  commune text NOT NULL,
  year integer NOT NULL,
  last integer NOT NULL,
  PRIMARY KEY (commune, year)
);
"""
API, WORKER = api_role("registry"), worker_role("registry")
_CODES = "(SELECT string_to_array(current_setting('ansinh.scope', true), ','))"
# The commune that takes a household over sees the request and confirms it; it asks for none.
RECEIVING = f"""
CREATE POLICY by_receiving_commune ON change_request FOR SELECT TO {API}
  USING (to_commune = ANY ({_CODES}::text[]));
CREATE POLICY by_receiving_commune_write ON change_request FOR UPDATE TO {API}
  USING (to_commune = ANY ({_CODES}::text[]));
"""


def through_request(table: str) -> str:
    """Who sees the request sees what belongs to it."""
    seen = f"EXISTS (SELECT FROM change_request AS seen WHERE seen.change_id = {table}.change_id)"
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY by_request ON {table} TO {API} USING ({seen}) WITH CHECK ({seen});
CREATE POLICY worker ON {table} TO {WORKER} USING (true) WITH CHECK (true);
"""


SECURITY = (
    protect_by_commune("registry", "change_request")
    + RECEIVING
    + protect_by_commune("registry", "change_number")
    + "".join(through_request(t) for t in ("change_step", "change_household", "change_claim"))
    + "".join(
        grant("registry", table, api=api, worker=worker)
        for table, api, worker in (
            # The worker moves what is sealed to newer keys.
            ("change_request", "SELECT, INSERT, UPDATE (state, sealed)", "SELECT, UPDATE (sealed)"),
            ("change_step", "SELECT, INSERT", "SELECT"),
            ("change_household", "SELECT, INSERT, UPDATE (version_written)", "SELECT"),
            ("change_claim", "SELECT, INSERT, DELETE", "SELECT"),
            ("change_number", "SELECT, INSERT, UPDATE (last)", "SELECT"),
        )
    )
)


def upgrade() -> None:
    bind = op.get_bind()
    for script in (TABLES, SECURITY):
        run_script(bind, script)

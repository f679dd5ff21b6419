"""The bank's outcome files, line by line; payments may be recorded by the worker that works them."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.security.rls import grant

revision = "0007"
down_revision = "0006"

# No commune: a line names a referral that its sender may not see. Rows are asked for by partner, as
# idempotency keys are by caller.
TABLES = """
CREATE TABLE outcome_file (
  file_id uuid PRIMARY KEY,
  partner text NOT NULL,
  caller text NOT NULL,
  roles text NOT NULL,
  areas text[] NOT NULL,
  purpose text,
  correlation_id uuid NOT NULL,
  digest bytea NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'done')),
  lines integer NOT NULL,
  recorded integer NOT NULL,
  unchanged integer NOT NULL,
  refused integer NOT NULL,
  done_line integer NOT NULL,
  attempts integer NOT NULL,
  recorded_at timestamptz NOT NULL,
  finished_at timestamptz,
  CHECK (recorded + unchanged + refused <= lines),
  CHECK (state <> 'done' OR recorded + unchanged + refused = lines)
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX outcome_file_waiting ON outcome_file (partner, digest) WHERE state = 'waiting';

CREATE TABLE outcome_line (
  file_id uuid NOT NULL,
  line integer NOT NULL,
  cells text[] NOT NULL,
  faults text[] NOT NULL,
  result text CHECK (result IN ('recorded', 'unchanged', 'refused')),
  reasons jsonb,
  PRIMARY KEY (file_id, line)
) WITH (fillfactor = 80);
"""
GRANTS = (
    ("outcome_file", "SELECT, INSERT, UPDATE", "SELECT, UPDATE, DELETE"),
    ("outcome_line", "SELECT, INSERT, UPDATE", "SELECT, UPDATE, DELETE"),
    ("disbursement", "", "INSERT"),
)


def upgrade() -> None:
    granted = "".join(grant("credit", table, api=api, worker=worker) for table, api, worker in GRANTS)
    run_script(op.get_bind(), TABLES + granted)

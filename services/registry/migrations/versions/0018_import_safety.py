"""Imports: which lines take two persons, that two have confirmed, and pages that fail."""

from alembic import op

from libs.common.database.migrate import run_script

revision = "0018"
down_revision = "0017"

COLUMNS = """
ALTER TABLE import_page ADD COLUMN takes_two integer NOT NULL DEFAULT 0,
  ADD COLUMN attempts integer NOT NULL DEFAULT 0, ADD COLUMN due_at timestamptz;
ALTER TABLE import_file ADD COLUMN by_two boolean NOT NULL DEFAULT false;
"""


def upgrade() -> None:
    run_script(op.get_bind(), COLUMNS)

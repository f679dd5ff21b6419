"""Imports: columns from which nothing is taken, and how many persons out of sight were told of."""

from alembic import op

from libs.common.database.migrate import run_script

revision = "0020"
down_revision = "0018"

COLUMNS = """
ALTER TABLE import_file ADD COLUMN notices jsonb NOT NULL DEFAULT '[]';
ALTER TABLE import_page ADD COLUMN elsewhere integer NOT NULL DEFAULT 0;
"""


def upgrade() -> None:
    run_script(op.get_bind(), COLUMNS)

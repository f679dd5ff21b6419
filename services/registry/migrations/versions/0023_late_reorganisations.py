"""Reorganisations: by which file they were entered, and who was recorded before the map changed."""

from alembic import op

from libs.common.database.migrate import run_script

revision = "0023"
down_revision = "0022"

COLUMNS = """
ALTER TABLE reorganisation ADD COLUMN digest text;
ALTER TABLE reorganisation_route ADD COLUMN recorded_before timestamptz;
"""


def upgrade() -> None:
    run_script(op.get_bind(), COLUMNS)

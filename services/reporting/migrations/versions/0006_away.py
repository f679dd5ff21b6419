"""A household's facts say when it was away: closed, and back again."""

from alembic import op

from libs.common.database.migrate import run_script

revision = "0006"
down_revision = "0005"

COLUMN = "ALTER TABLE household_fact ADD COLUMN away datemultirange NOT NULL DEFAULT '{}'"


def upgrade() -> None:
    run_script(op.get_bind(), COLUMN)

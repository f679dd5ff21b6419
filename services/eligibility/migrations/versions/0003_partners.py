"""Partners: registrations, the change feed, webhooks."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.partners import schema as partners

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_script(op.get_bind(), partners.install("eligibility"))

"""Reconciliations: an insurer's roll beside ours."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.partners.reconciling import schema as reconciling

revision = "0004"
down_revision = "0003"

LISTS = (("roll", "insurance.roll_changed.v1", True),)


def upgrade() -> None:
    run_script(op.get_bind(), reconciling.install("eligibility", LISTS))

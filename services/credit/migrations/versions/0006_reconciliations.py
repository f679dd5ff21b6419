"""Reconciliations: a bank's loans and referrals beside ours."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.partners.reconciling import schema as reconciling

revision = "0006"
down_revision = "0005"

LISTS = (
    ("loans", "loan.changed.v1", True),
    ("referrals", "referral.changed.v1", False),
)


def upgrade() -> None:
    run_script(op.get_bind(), reconciling.install("credit", LISTS))

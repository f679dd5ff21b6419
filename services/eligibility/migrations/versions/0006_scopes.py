"""A partner sees the rows of its registration's programmes alone; certificates, and what it was told and did."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.partners.schema import install_traces
from libs.common.security.rls import narrow_by_programme

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    policies = [
        narrow_by_programme("eligibility", table, "insurance", "'insurance.' || group_code")
        for table in ("roll_period", "card_answer")
    ]
    run_script(op.get_bind(), install_traces("eligibility") + "".join(policies))

"""A partner sees the rows of its registration's programmes alone; its certificates."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.partners.schema import CERTIFICATES
from libs.common.security.rls import narrow_by_programme

revision = "0007"
down_revision = "0003"


def upgrade() -> None:
    policy = narrow_by_programme(
        "eligibility", "roll_period", "insurance", "'insurance.' || group_code"
    )
    run_script(op.get_bind(), CERTIFICATES + policy)

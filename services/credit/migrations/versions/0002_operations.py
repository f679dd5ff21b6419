"""What an operator sees and mends."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.messaging import schema as messaging

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_script(op.get_bind(), messaging.install_operations("credit"))

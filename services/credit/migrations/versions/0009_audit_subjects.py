"""The audit trail can be read by whose data it is about."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.security import schema as security

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_script(op.get_bind(), security.install_subjects("credit"))

"""The first schema."""

from alembic import op

from libs.common.areas import schema as areas
from libs.common.database.migrate import run_script
from libs.common.messaging import schema as messaging
from libs.common.security import schema as security

revision = "0001"
down_revision = None

OWN_TABLES = """
"""


def upgrade() -> None:
    bind = op.get_bind()
    for script in (
        messaging.install("eligibility"),
        areas.install("eligibility"),
        security.install("eligibility"),
        OWN_TABLES,
    ):
        run_script(bind, script)

"""The placeholder that partners' webhooks took the place of; nothing ever filled it."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("DROP TABLE IF EXISTS outbound_request")

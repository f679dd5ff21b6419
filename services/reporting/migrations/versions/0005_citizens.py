"""Who may see a household may see who read of it."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.security import schema as security

revision = "0005"
down_revision = "0004"

# Both are found by the household, with which their keys begin.
VISIBLE = """EXISTS (SELECT FROM timeline_entry AS held
    WHERE held.household_id = audit_subject.subject OFFSET 0)
  OR EXISTS (SELECT FROM household_fact AS held
    WHERE held.household_id = audit_subject.subject OFFSET 0)"""


def upgrade() -> None:
    run_script(op.get_bind(), security.show_subjects(VISIBLE))

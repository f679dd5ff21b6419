"""Who may see a household may see who read of it; needs are found by their household."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.security import schema as security

revision = "0010"
down_revision = "0009"

# A household is known by what it was referred for, or by the group that it is in.
VISIBLE = """EXISTS (SELECT FROM referral AS held
    WHERE held.household_id = audit_subject.subject OFFSET 0)
  OR EXISTS (SELECT FROM group_member AS held
    WHERE held.household_id = audit_subject.subject OFFSET 0)"""


def upgrade() -> None:
    run_script(op.get_bind(), security.show_subjects(VISIBLE))
    run_script(op.get_bind(), "CREATE INDEX need_household ON need (household_id);")

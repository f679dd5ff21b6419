"""The audit trail can be read by whose data it is about."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.security import schema as security

revision = "0011"
down_revision = "0010"

# Who may see a household, or a person as a member today, may see who read of them.
VISIBLE = """EXISTS (SELECT FROM household WHERE household.household_id = audit_subject.subject OFFSET 0)
  OR EXISTS (SELECT FROM member WHERE member.person_id = audit_subject.subject
    AND upper_inf(member.recorded) AND member.left_on IS NULL OFFSET 0)"""


def upgrade() -> None:
    run_script(op.get_bind(), security.install_subjects("registry", VISIBLE))

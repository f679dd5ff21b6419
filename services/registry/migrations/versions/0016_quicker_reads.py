"""Memberships found by the person, superseded ones too; a province's names looked up by a hash."""

from alembic import op

from libs.common.database.migrate import run_script

revision = "0016"
down_revision = "0015"

# The whole index serves what the partial one served; ids follow time, so that it grows at its end.
MEMBERS = """
CREATE INDEX member_by_person ON member (person_id);
DROP INDEX member_past_membership;
"""
# A search reads thousands of tokens, and each is compared with the scope: `= ANY` goes through the
# scope's codes, of which a province has hundreds; IN makes a hash of them, once a statement. Nothing
# is lost: whoever searches names the commune beside it.
TOKENS = """
ALTER POLICY by_member ON name_token USING (
  (SELECT current_setting('ansinh.scope', true)) = '*'
  OR commune IN (SELECT unnest(string_to_array(current_setting('ansinh.scope', true), ',')))
  OR EXISTS (SELECT FROM member WHERE member.person_id = name_token.person_id
             AND upper_inf(member.recorded) AND member.left_on IS NULL OFFSET 0));
"""


def upgrade() -> None:
    run_script(op.get_bind(), MEMBERS)
    run_script(op.get_bind(), TOKENS)

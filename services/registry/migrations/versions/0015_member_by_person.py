"""A person's memberships, superseded ones too, are found by the person: a citizen's file."""

from alembic import op

from libs.common.database.migrate import run_script

revision = "0015"
down_revision = "0013"

# The whole index serves what the partial one served; ids follow time, so that it grows at its end.
INDEX = """
CREATE INDEX member_by_person ON member (person_id);
DROP INDEX member_past_membership;
"""


def upgrade() -> None:
    run_script(op.get_bind(), INDEX)

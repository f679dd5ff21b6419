"""Who may see a household or a person may see who read of them."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.security import schema as security

revision = "0008"
down_revision = "0007"

# A person is found by the rows that stand: the index begins with their present commune.
_COMMUNES = "(SELECT string_to_array(current_setting('ansinh.scope', true), ','))::text[]"


def _held(table: str) -> str:
    return f"""EXISTS (SELECT FROM {table} AS held WHERE held.commune = ANY ({_COMMUNES})
    AND held.person_id = audit_subject.subject AND held.superseded_at IS NULL OFFSET 0)"""


VISIBLE = f"""EXISTS (SELECT FROM household_facts AS home
    WHERE home.household_id = audit_subject.subject OFFSET 0)
  OR {_held("roll_period")} OR {_held("training_offer")}"""


def upgrade() -> None:
    run_script(op.get_bind(), security.show_subjects(VISIBLE))

"""A change request is asked and endorsed once more where another commune has to agree by now."""

from alembic import op

from libs.common.database.migrate import run_script

revision = "0026"
down_revision = "0023"

KEY = """
ALTER TABLE change_step DROP CONSTRAINT change_step_pkey,
  ADD PRIMARY KEY (change_id, recorded_at, state);
"""


def upgrade() -> None:
    run_script(op.get_bind(), KEY)

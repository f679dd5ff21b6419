"""A change request is asked and endorsed once more where another commune has to agree by now; the
open ones of a commune are found without the others.
"""

from alembic import op

from libs.common.database.migrate import run_script

revision = "0026"
down_revision = "0024"

KEY = """
ALTER TABLE change_step DROP CONSTRAINT change_step_pkey,
  ADD PRIMARY KEY (change_id, recorded_at, state);
"""
OPEN = """
CREATE INDEX change_request_open ON change_request (commune, change_id)
  WHERE state IN ('asked', 'endorsed');
"""


def upgrade() -> None:
    run_script(op.get_bind(), KEY)
    run_script(op.get_bind(), OPEN)

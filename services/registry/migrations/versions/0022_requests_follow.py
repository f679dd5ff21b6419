"""Change requests follow their households: competent is where these live, numbered is where it was
asked.
"""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.security.rls import grant

revision = "0022"
down_revision = "0021"

# None: it was asked before this migration and has not moved since; `commune` says where.
COLUMNS = """
ALTER TABLE change_request ADD COLUMN asked_in text;
DROP INDEX change_request_number;
CREATE UNIQUE INDEX change_request_number ON change_request (asked_in, year, number);
"""
# By an approved move, and by the job that applies a reorganisation.
_FOLLOW = "SELECT, UPDATE (commune, to_commune, asked_in)"
SECURITY = (
    grant("registry", "change_request", api=_FOLLOW, worker=_FOLLOW)
    + grant("registry", "change_household", api="", worker="SELECT")
)


def upgrade() -> None:
    bind = op.get_bind()
    for script in (COLUMNS, SECURITY):
        run_script(bind, script)

"""Imports: columns from which nothing is taken, how many persons out of sight were told of, and a
commune's namesakes found at once.
"""

from alembic import op

from libs.common.database.migrate import run_script

revision = "0020"
down_revision = "0018"

COLUMNS = """
ALTER TABLE import_file ADD COLUMN notices jsonb NOT NULL DEFAULT '[]';
ALTER TABLE import_page ADD COLUMN elsewhere integer NOT NULL DEFAULT 0,
  ADD COLUMN told_at timestamptz;
CREATE INDEX import_page_elsewhere ON import_page (import_id, told_at) WHERE elsewhere > 0;
"""
# It serves what the shorter one served.
NAMESAKES = """
CREATE INDEX person_name_in_commune ON person_name (tokens, birth_year, commune)
  WHERE upper_inf(recorded) AND upper_inf(effective);
DROP INDEX person_name_alike;
"""


def upgrade() -> None:
    run_script(op.get_bind(), COLUMNS)
    run_script(op.get_bind(), NAMESAKES)

"""Answers to what a reorganisation asks: asked by one person, confirmed by another."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.security.rls import grant, protect

revision = "0017"
down_revision = "0016"

_SCOPE = "(SELECT current_setting('ansinh.scope', true))"
_CODES = "(SELECT string_to_array(current_setting('ansinh.scope', true), ','))"
# It names households that live under the old commune or under one of its successors: each of these
# is asked, and none of them alone decides.
_SEEN = f"{_SCOPE} = '*' OR communes && ({_CODES}::text[])"
_THROUGH = f"""{_SCOPE} = '*' OR EXISTS (SELECT FROM reorganisation_answer AS seen
    WHERE seen.answer_id = reorganisation_answer_step.answer_id OFFSET 0)"""

TABLES = f"""
CREATE TABLE reorganisation_answer (
  answer_id uuid PRIMARY KEY,
  reorganisation_id uuid NOT NULL REFERENCES reorganisation,
  commune text NOT NULL,
  village text,
  to_commune text NOT NULL,
  communes text[] NOT NULL CHECK (to_commune = ANY (communes) AND commune = ANY (communes)),
  households uuid[] NOT NULL
);
CREATE INDEX reorganisation_answer_of ON reorganisation_answer (reorganisation_id, answer_id);

CREATE TABLE reorganisation_answer_step (
  answer_id uuid NOT NULL REFERENCES reorganisation_answer,
  place integer NOT NULL,
  state text NOT NULL CHECK (state IN ('asked', 'applied', 'refused', 'undo_asked', 'undone')),
  by text NOT NULL,
  households uuid[] NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (answer_id, place)
);
{protect("registry", "reorganisation_answer", _SEEN)}
{protect("registry", "reorganisation_answer_step", _THROUGH)}
"""


def upgrade() -> None:
    bind = op.get_bind()
    run_script(bind, TABLES)
    for table in ("reorganisation_answer", "reorganisation_answer_step"):
        run_script(bind, grant("registry", table, api="SELECT, INSERT", worker=""))

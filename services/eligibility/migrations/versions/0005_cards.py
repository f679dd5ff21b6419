"""What the insurer answers to the roll."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.security.rls import grant, protect_by_commune

revision = "0005"
down_revision = "0004"

CARDS = """
-- Every answer stays. Of those to one line the highest number counts: the one not superseded.
CREATE TABLE card_answer (
  household_id uuid NOT NULL,
  person_id uuid NOT NULL,
  group_code text NOT NULL,
  from_day date NOT NULL,
  number bigint NOT NULL CHECK (number > 0),
  commune text NOT NULL,
  until date,
  roll_version bigint NOT NULL,
  told_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('issued', 'rejected', 'withdrawn')),
  reason text,
  reference uuid,
  benefit_level integer CHECK (benefit_level BETWEEN 1 AND 5),
  valid_from date,
  valid_until date,
  answered_on date NOT NULL,
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL,
  superseded_at timestamptz,
  PRIMARY KEY (household_id, person_id, group_code, from_day, number),
  CHECK ((state = 'issued') = (reason IS NULL)),
  CHECK (state <> 'issued' OR (reference IS NOT NULL AND valid_from IS NOT NULL))
);
CREATE UNIQUE INDEX card_answer_counts ON card_answer
  (household_id, person_id, group_code, from_day) WHERE superseded_at IS NULL;
CREATE INDEX card_answer_page ON card_answer
  (commune, person_id, household_id, group_code, from_day) WHERE superseded_at IS NULL;
CREATE INDEX card_answer_not_issued ON card_answer
  (commune, person_id, household_id, group_code, from_day)
  WHERE superseded_at IS NULL AND state <> 'issued';
"""

ACCESS = protect_by_commune("eligibility", "card_answer") + grant(
    "eligibility",
    "card_answer",
    api="SELECT, INSERT, UPDATE (superseded_at)",
    worker="SELECT, INSERT, UPDATE, DELETE",
)


def upgrade() -> None:
    run_script(op.get_bind(), CARDS + ACCESS)

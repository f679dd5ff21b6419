"""Life between reviews: acts on households, why members left, closed households."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.security.rls import grant, protect_by_commune

revision = "0006"
down_revision = "0005"

# Who left a household and came back stands in it once for each stay.
MEMBERS = """
ALTER TABLE member ADD COLUMN left_reason text;
ALTER TABLE member DROP CONSTRAINT member_pkey;
ALTER TABLE member ADD PRIMARY KEY (household_id, person_id, joined_on, recorded);
CREATE INDEX member_past_membership ON member (person_id)
  WHERE upper_inf(recorded) AND left_on IS NOT NULL;
ALTER TABLE household ADD COLUMN closed_on date;
"""
ACTS = (
    """
CREATE TABLE household_act (
  household_id uuid NOT NULL REFERENCES household,
  act_id uuid NOT NULL,
  commune text NOT NULL,
  kind text NOT NULL,
  version bigint NOT NULL,
  effective_on date NOT NULL,
  closed_on date,
  reason text,
  relation text,
  other_id uuid,
  to_review boolean NOT NULL,
  reverses uuid,
  correlation_id uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (household_id, act_id)
);
-- An act is reversed once.
CREATE UNIQUE INDEX household_act_reversed ON household_act (household_id, reverses);
CREATE INDEX household_act_to_review ON household_act (commune, household_id) WHERE to_review;
"""
    + protect_by_commune("registry", "household_act")
    + grant("registry", "household_act", api="SELECT, INSERT, UPDATE (commune)", worker="SELECT")
    + grant("registry", "household", api="UPDATE (closed_on)", worker="")
)


def upgrade() -> None:
    run_script(op.get_bind(), MEMBERS)
    run_script(op.get_bind(), ACTS)

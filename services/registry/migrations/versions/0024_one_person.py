"""What a person has limited holds wherever it was granted, and for every record of the person."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.database.provision import api_role, worker_role
from libs.common.security.schema import show_subjects

revision = "0024"
down_revision = "0023"

# Whoever asks may not see where else a person is recorded, or who limited what there. So both look
# everywhere (the setting is that of the policies, for this one statement) and answer ids alone.
_FUNCTIONS = """
CREATE FUNCTION records_of(people uuid[]) RETURNS TABLE (asked uuid, person_id uuid)
LANGUAGE sql STABLE ROWS 10 SET search_path = pg_catalog, pg_temp SET "ansinh.scope" = '*'
BEGIN ATOMIC
  WITH RECURSIVE record (asked, person_id) AS (
    SELECT one, one FROM unnest(people) AS one
    UNION
    SELECT record.asked, twin.person_id
    FROM record CROSS JOIN LATERAL (
      SELECT pair.other FROM public.duplicate_pair AS pair
      WHERE pair.one = record.person_id AND pair.state = 'same'
      UNION ALL
      SELECT pair.one FROM public.duplicate_pair AS pair
      WHERE pair.other = record.person_id AND pair.state = 'same'
    ) AS twin (person_id)
  )
  SELECT record.asked, record.person_id FROM record;
END;

CREATE FUNCTION limited_persons(people uuid[], day date, used_for text, is_duty boolean)
RETURNS SETOF uuid
LANGUAGE sql STABLE ROWS 10 SET search_path = pg_catalog, pg_temp SET "ansinh.scope" = '*'
BEGIN ATOMIC
  SELECT DISTINCT record.asked
  FROM public.records_of(people) AS record
  JOIN public.processing_limit AS held ON held.person_id = record.person_id
  WHERE upper_inf(held.recorded) AND held.effective @> day
    AND (used_for IS NULL OR held.purpose = used_for OR held.purpose IS NULL AND NOT is_duty);
END;
"""
_ACCESS = "".join(
    f"""
REVOKE ALL ON FUNCTION {function} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {function} TO {api_role("registry")}, {worker_role("registry")};
"""
    for function in ("records_of(uuid[])", "limited_persons(uuid[], date, text, boolean)")
)


def _shown_by(table: str, person: str, household: str) -> str:
    """As in 0011 and 0012, by the household or the person as a member today; and by the record that
    stayed, of what stands under the one that went. OFFSET: looked up row by row, and last.
    """
    return f"""EXISTS (
    SELECT FROM household WHERE household.household_id = {table}.{household} OFFSET 0)
  OR EXISTS (SELECT FROM member WHERE member.person_id = {table}.{person}
    AND upper_inf(member.recorded) AND member.left_on IS NULL OFFSET 0)
  OR EXISTS (SELECT FROM records_of(ARRAY[{table}.{person}]) AS record
    JOIN member ON member.person_id = record.person_id
    WHERE upper_inf(member.recorded) AND member.left_on IS NULL OFFSET 0)"""


_REQUEST = f"""(SELECT current_setting('ansinh.scope', true)) = '*'
  OR {_shown_by("data_request", "person_id", "household_id")}"""
# Whoever has the person answers and lifts what it asked, and tells it who read of either record.
_SEEN = f"""
ALTER POLICY by_commune ON data_request USING ({_REQUEST}) WITH CHECK ({_REQUEST});
{show_subjects(_shown_by("audit_subject", "subject", "subject"))}
"""


def upgrade() -> None:
    run_script(op.get_bind(), _FUNCTIONS + _ACCESS + _SEEN)

"""Who has died or left every household is still seen where the last one is."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.database.provision import api_role

revision = "0015"
down_revision = "0014"

_ROLE = api_role("registry")
_SCOPE = "(SELECT current_setting('ansinh.scope', true))"
# Whoever asks may not see where a person lives today. So this looks everywhere (the setting is that
# of the policies, for this one statement) and tells of nobody who is a member today.
LAST = f"""
CREATE FUNCTION last_household(of_person uuid) RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET "ansinh.scope" = '*'
BEGIN ATOMIC
  SELECT past.household_id FROM public.member AS past
  WHERE past.person_id = of_person AND upper_inf(past.recorded) AND past.left_on IS NOT NULL
    AND NOT EXISTS (
      SELECT FROM public.member AS now
      WHERE now.person_id = of_person AND upper_inf(now.recorded) AND now.left_on IS NULL)
  ORDER BY past.left_on DESC, past.joined_on DESC LIMIT 1;
END;
REVOKE ALL ON FUNCTION last_household(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION last_household(uuid) TO {_ROLE};
"""


def _seen(table: str) -> str:
    """As a member at present, as before; else, and only then looked at, where the person was last.

    The function is asked about the row that was found, so that it is a filter and no key: for a
    person who never was a member here it is not called. OFFSET: looked up row by row.
    """
    return f"""
DROP POLICY by_member ON {table};
CREATE POLICY by_member ON {table} TO {_ROLE} USING ({_SCOPE} = '*'
  OR EXISTS (SELECT FROM member WHERE member.person_id = {table}.person_id
    AND upper_inf(member.recorded) AND member.left_on IS NULL OFFSET 0)
  OR EXISTS (SELECT FROM member AS past WHERE past.person_id = {table}.person_id
    AND upper_inf(past.recorded) AND past.left_on IS NOT NULL
    AND past.household_id = last_household(past.person_id) OFFSET 0));
"""


def upgrade() -> None:
    bind = op.get_bind()
    run_script(bind, LAST)
    for table in ("person_name", "person_address", "identifier"):
        run_script(bind, _seen(table))

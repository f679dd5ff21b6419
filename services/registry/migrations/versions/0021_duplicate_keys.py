"""Records of one person found all over, by what a slip of the pen leaves as it was; what was known
of a record that was taken out as one too many is seen where it was, and what somebody was called who
left for a household out of sight.
"""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.database.provision import api_role, worker_role
from libs.common.security.rls import grant

revision = "0021"
down_revision = "0020"

_NOBODY = "00000000-0000-0000-0000-000000000000"
# The search alone reads and writes them. Who was recorded before is filed by it, portion by portion.
TABLES = f"""
CREATE TABLE duplicate_key (
  key bigint NOT NULL,
  person_id uuid NOT NULL,
  PRIMARY KEY (key, person_id)
);
CREATE INDEX duplicate_key_by_person ON duplicate_key (person_id);
CREATE TABLE duplicate_sweep (
  single boolean PRIMARY KEY CHECK (single),
  after uuid
);
INSERT INTO duplicate_sweep
  SELECT true, CASE WHEN EXISTS (SELECT FROM person_name) THEN '{_NOBODY}'::uuid END;
"""
_ACCESS = "".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON {table} TO {worker_role("registry")} USING (true) WITH CHECK (true);
"""
    for table in ("duplicate_key", "duplicate_sweep")
)

_SCOPE = "(SELECT current_setting('ansinh.scope', true))"


def _seen(table: str) -> str:
    """As a member at present or where the person was last, as before; else where a record was that
    a pair was settled by. OFFSET: looked up row by row, and last.
    """
    return f"""
DROP POLICY by_member ON {table};
CREATE POLICY by_member ON {table} TO {api_role("registry")} USING ({_SCOPE} = '*'
  OR EXISTS (SELECT FROM member WHERE member.person_id = {table}.person_id
    AND upper_inf(member.recorded) AND member.left_on IS NULL OFFSET 0)
  OR EXISTS (SELECT FROM member AS past WHERE past.person_id = {table}.person_id
    AND upper_inf(past.recorded) AND past.left_on IS NOT NULL
    AND past.household_id = last_household(past.person_id) OFFSET 0)
  OR EXISTS (SELECT FROM duplicate_pair AS settled JOIN household
      ON household.household_id = settled.one_household
    WHERE settled.one = {table}.person_id AND settled.state = 'same' OFFSET 0)
  OR EXISTS (SELECT FROM duplicate_pair AS settled JOIN household
      ON household.household_id = settled.other_household
    WHERE settled.other = {table}.person_id AND settled.state = 'same' OFFSET 0));
"""


# Where a person lives today is out of sight for whoever asks, and so is the name. What it was called
# when that it left was recorded, its old household may say; asked beside `household`, so that it is
# asked of households in sight alone.
_CALLED = f"""
CREATE FUNCTION former_names(of_household uuid) RETURNS TABLE (person_id uuid, sealed bytea)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET "ansinh.scope" = '*'
BEGIN ATOMIC
  SELECT DISTINCT ON (name.person_id) name.person_id, name.sealed
  FROM public.member AS past JOIN public.person_name AS name ON name.person_id = past.person_id
  WHERE past.household_id = of_household AND upper_inf(past.recorded) AND past.left_on IS NOT NULL
    AND lower(name.recorded) <= (
      SELECT min(lower(first.recorded)) FROM public.member AS first
      WHERE first.person_id = past.person_id AND first.household_id = past.household_id
        AND first.left_on IS NOT NULL)
  ORDER BY name.person_id, lower(name.recorded) DESC, lower(name.effective) DESC;
END;
REVOKE ALL ON FUNCTION former_names(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION former_names(uuid) TO {api_role("registry")};
GRANT EXECUTE ON FUNCTION last_household(uuid) TO {worker_role("registry")};
"""


def upgrade() -> None:
    bind = op.get_bind()
    run_script(bind, TABLES)
    for table in ("person_name", "person_address", "identifier"):
        run_script(bind, _seen(table))
    run_script(bind, _CALLED)
    run_script(
        bind,
        _ACCESS
        + grant("registry", "duplicate_key", api="", worker="SELECT, INSERT, DELETE")
        + grant("registry", "duplicate_sweep", api="", worker="SELECT, UPDATE"),
    )

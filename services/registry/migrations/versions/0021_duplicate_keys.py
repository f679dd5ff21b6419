"""Records of one person found all over, by what a slip of the pen leaves as it was; what was held of
a record until it was taken out as one too many can be told where it was, and what somebody was called
who left for a household out of sight.
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

# A record that a pair was settled by is no member any more, and so out of everybody's sight. What was
# held of it until then is told of a pair; of the record that stays nothing is: it lives on, perhaps
# elsewhere. Asked beside `duplicate_pair` and `household`, so that both are in sight.
_WENT = f"""
CREATE FUNCTION settled_values(of_pair uuid)
RETURNS TABLE (person_id uuid, household_id uuid, drawer text, type text, sealed bytea,
               effective daterange, recorded tstzrange)
LANGUAGE sql STABLE ROWS 5 SET search_path = pg_catalog, pg_temp SET "ansinh.scope" = '*'
BEGIN ATOMIC
  WITH went AS (
    SELECT side.person_id, side.household_id, step.recorded_at AS settled_at
    FROM public.duplicate_pair AS pair
    CROSS JOIN LATERAL (
      SELECT same.kept, same.recorded_at FROM public.duplicate_step AS same
      WHERE same.pair_id = pair.pair_id AND same.step = 'same'
      ORDER BY same.place DESC LIMIT 1) AS step
    CROSS JOIN LATERAL (
      VALUES (pair.one, pair.one_household), (pair.other, pair.other_household)
    ) AS side (person_id, household_id)
    WHERE pair.pair_id = of_pair AND pair.state = 'same' AND side.person_id <> step.kept
  )
  SELECT went.person_id, went.household_id, 'person_name', '', value.sealed, value.effective, value.recorded
  FROM went JOIN public.person_name AS value ON value.person_id = went.person_id
    AND lower(value.recorded) < went.settled_at
  UNION ALL
  SELECT went.person_id, went.household_id, 'person_address', '', value.sealed, value.effective, value.recorded
  FROM went JOIN public.person_address AS value ON value.person_id = went.person_id
    AND lower(value.recorded) < went.settled_at
  UNION ALL
  SELECT went.person_id, went.household_id, 'identifier', value.type, value.sealed, value.effective, value.recorded
  FROM went JOIN public.identifier AS value ON value.person_id = went.person_id
    AND lower(value.recorded) < went.settled_at;
END;
REVOKE ALL ON FUNCTION settled_values(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION settled_values(uuid) TO {api_role("registry")};
"""


def upgrade() -> None:
    bind = op.get_bind()
    run_script(bind, TABLES)
    run_script(bind, _CALLED + _WENT)
    run_script(
        bind,
        _ACCESS
        + grant("registry", "duplicate_key", api="", worker="SELECT, INSERT, DELETE")
        + grant("registry", "duplicate_sweep", api="", worker="SELECT, UPDATE"),
    )

"""The vault: names and addresses, numbers with their values, names found by their words."""

from alembic import op

from libs.common.database.migrate import run_script
from libs.common.database.periods import no_overlap
from libs.common.database.provision import api_role, worker_role
from libs.common.security.rls import grant

revision = "0007"
down_revision = "0006"

_SCOPE = "(SELECT current_setting('ansinh.scope', true))"


def _as_member(table: str) -> str:
    """Who sees a person as a member at present: the rule follows the person by itself.

    OFFSET: looked up row by row. A hash would read every member for one page.
    """
    return (
        f"EXISTS (SELECT FROM member WHERE member.person_id = {table}.person_id "
        "AND upper_inf(member.recorded) AND member.left_on IS NULL OFFSET 0)"
    )


def _protect(table: str, visible: str) -> str:
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY by_member ON {table} TO {api_role("registry")} USING ({_SCOPE} = '*' OR {visible});
CREATE POLICY worker ON {table} TO {worker_role("registry")} USING (true) WITH CHECK (true);
"""


def _dated(table: str, more: str = "") -> str:
    return f"""
CREATE TABLE {table} (
  person_id uuid NOT NULL,
  effective daterange NOT NULL CHECK (NOT isempty(effective)),
  recorded tstzrange NOT NULL CHECK (NOT isempty(recorded)),
  sealed bytea NOT NULL,
  {more}
  PRIMARY KEY (person_id, effective, recorded),
  {no_overlap(f"{table}_no_overlap", "effective", uuids=["person_id"], where="upper_inf(recorded)")}
);
"""


_FILED = "tokens bigint[] NOT NULL, commune text NOT NULL, birth_year smallint NOT NULL,"
# Found by commune, which row-level security compares, and then by year: a page is one range of the
# key. A person who moves is still seen by whoever has him as a member, and so can be filed anew.
_TOKENS = f"""
CREATE TABLE name_token (
  token bigint NOT NULL,
  commune text NOT NULL,
  birth_year smallint NOT NULL,
  person_id uuid NOT NULL,
  PRIMARY KEY (token, commune, birth_year, person_id)
);
""" + _protect(
    "name_token",
    "commune = ANY ((SELECT string_to_array(current_setting('ansinh.scope', true), ','))::text[])"
    f" OR {_as_member('name_token')}",
)
_NUMBERS = f"""
ALTER TABLE identifier ADD COLUMN sealed bytea;
DROP POLICY by_member ON identifier;
CREATE POLICY by_member ON identifier TO {api_role("registry")}
  USING ({_SCOPE} = '*' OR {_as_member("identifier")});
"""
_GRANTS = (
    ("person_name", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE, DELETE"),
    ("person_address", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE, DELETE"),
    ("name_token", "SELECT, INSERT, UPDATE, DELETE", "SELECT, INSERT, UPDATE, DELETE"),
    ("identifier", "", "INSERT, UPDATE, DELETE"),
)


def upgrade() -> None:
    bind = op.get_bind()
    run_script(bind, _dated("person_name", _FILED))
    run_script(bind, _protect("person_name", _as_member("person_name")))
    run_script(bind, _dated("person_address"))
    run_script(bind, _protect("person_address", _as_member("person_address")))
    run_script(bind, _TOKENS + _NUMBERS)
    run_script(bind, "".join(grant("registry", name, api=a, worker=w) for name, a, w in _GRANTS))

"""Every table that holds a household is protected by area, in every service."""

import asyncpg
import pytest

from libs.common.clock import SystemClock
from libs.common.database import Database
from libs.common.database.provision import SERVICES, api_role, worker_role
from libs.common.security.startup import UnsafeRole, assert_role_is_safe
from tests.conftest import MakeDatabase

_TABLES = """
SELECT relation.relname AS name, relation.relrowsecurity AS enabled,
  relation.relforcerowsecurity AS forced,
  ARRAY(SELECT role.rolname::text FROM pg_policy AS policy
        JOIN pg_roles AS role ON role.oid = ANY (policy.polroles)
        WHERE policy.polrelid = relation.oid) AS roles
FROM pg_class AS relation
JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid
WHERE relation.relkind IN ('r', 'p') AND relation.relnamespace = 'public'::regnamespace
  AND attribute.attname = 'commune' AND NOT attribute.attisdropped
"""
# Whatever names a household or a person: who may not be told of all of them does not see it whole.
_OPEN = """
SELECT DISTINCT relation.relname AS name FROM pg_class AS relation
JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid
WHERE relation.relkind IN ('r', 'p') AND relation.relnamespace = 'public'::regnamespace
  AND attribute.attname ~ '^(household|person|member)_id$' AND NOT attribute.attisdropped
  AND NOT (relation.relrowsecurity AND relation.relforcerowsecurity)
  AND has_any_column_privilege($1, relation.oid, 'SELECT')
"""


@pytest.mark.parametrize("service", SERVICES)
async def test_tables_with_a_commune_are_protected(
    service: str, make_database: MakeDatabase
) -> None:
    database = await make_database(service)
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        tables = await owner.fetch(_TABLES)
        assert await owner.fetch(_OPEN, api_role(service)) == []
    finally:
        await owner.close()
    for table in tables:
        assert table["enabled"], table["name"]
        assert table["forced"], table["name"]
        assert set(table["roles"]) == {api_role(service), worker_role(service)}, table["name"]


async def test_the_roles_of_a_service_are_safe(make_database: MakeDatabase) -> None:
    database = await make_database("registry")
    async with database.as_api() as api, database.as_worker() as worker:
        await assert_role_is_safe(api)
        await assert_role_is_safe(worker)


async def test_a_superuser_is_refused(make_database: MakeDatabase) -> None:
    database = await make_database("registry")
    opened = await Database.connect(database.owner_dsn, SystemClock(), application="test")
    async with opened:
        with pytest.raises(UnsafeRole, match="superuser"):
            await assert_role_is_safe(opened)


async def test_an_owner_is_refused(make_database: MakeDatabase) -> None:
    database = await make_database("registry")
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        await owner.execute("CREATE TABLE own (id int)")
        await owner.execute(f"ALTER TABLE own OWNER TO {api_role('registry')}")
    finally:
        await owner.close()
    async with database.as_api() as api:
        with pytest.raises(UnsafeRole, match="owns"):
            await assert_role_is_safe(api)

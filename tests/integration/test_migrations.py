"""Every service migrates from nothing, and its declared tables are what the migrations made."""

import asyncio

import pytest

from libs.common.database.migrate import check
from libs.common.database.provision import SERVICES
from tests.conftest import MakeDatabase


@pytest.mark.parametrize("service", SERVICES)
async def test_migrated_schema_is_the_declared_one(
    service: str, make_database: MakeDatabase
) -> None:
    database = await make_database(service)
    await asyncio.to_thread(check, service, database.owner_dsn)


async def test_scope_lives_for_one_transaction_only(make_database: MakeDatabase) -> None:
    database = await make_database("registry")
    read_scope = "SELECT current_setting('ansinh.scope', true)"
    async with database.as_api() as connections:
        async with connections.transaction("01882") as tx:
            assert await tx.fetchval(read_scope) == "01882"
        async with connections.transaction() as tx:
            assert not await tx.fetchval(read_scope)

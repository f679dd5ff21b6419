"""A registry that knows the communes of Pác Nặm, for every test here."""

import pytest_asyncio

from tests.conftest import MakeDatabase
from tests.integration.registry.builders import load_communes
from tests.support.servers import ServiceDatabase


@pytest_asyncio.fixture
async def registry(make_database: MakeDatabase) -> ServiceDatabase:
    database = await make_database("registry")
    await load_communes(database)
    return database

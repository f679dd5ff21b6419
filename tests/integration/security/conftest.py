"""A registry database with the trial service's table, and a client of that service."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.conftest import MakeDatabase
from tests.support.edge import open_client
from tests.support.notes import SERVICE, prepare
from tests.support.servers import ServiceDatabase


@pytest.fixture
async def database(make_database: MakeDatabase) -> ServiceDatabase:
    made = await make_database("registry")
    await prepare(made)
    return made


@pytest.fixture
async def client(database: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(SERVICE, database) as opened:
        yield opened

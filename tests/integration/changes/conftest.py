"""A registry that knows the communes of Pác Nặm, and whoever asks and decides there."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from libs.common.clock import FixedDayClock
from services.registry.app import build
from tests.conftest import MakeDatabase
from tests.integration.changes.people import Office
from tests.integration.registry.builders import TODAY, load_communes
from tests.support.edge import open_client
from tests.support.servers import ServiceDatabase


@pytest_asyncio.fixture
async def registry(make_database: MakeDatabase) -> ServiceDatabase:
    database = await make_database("registry")
    await load_communes(database)
    return database


@pytest_asyncio.fixture
async def client(registry: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(build(), registry, clock=FixedDayClock(TODAY)) as client:
        yield client


@pytest_asyncio.fixture
async def office(client: httpx.AsyncClient) -> Office:
    return Office(client)

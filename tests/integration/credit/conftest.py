"""A database of credit, and the road of loan needs over its HTTP interface."""

from collections.abc import AsyncIterator

import pytest_asyncio

from libs.common.clock import FixedDayClock
from services.credit.app import build
from tests.conftest import MakeDatabase
from tests.integration.credit.needs import ON_TIME, Road
from tests.support.edge import open_client
from tests.support.partners import register_tester
from tests.support.servers import ServiceDatabase


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> ServiceDatabase:
    made = await make_database("credit")
    await register_tester(made, "credit")
    return made


@pytest_asyncio.fixture
async def road(database: ServiceDatabase) -> AsyncIterator[Road]:
    async with open_client(build(), database, clock=FixedDayClock(ON_TIME)) as client:
        yield Road(client)

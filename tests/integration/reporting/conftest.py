"""The database of the reporting service, fresh for each test."""

import pytest_asyncio

from tests.conftest import MakeDatabase
from tests.support.servers import ServiceDatabase


@pytest_asyncio.fixture
async def reporting(make_database: MakeDatabase) -> ServiceDatabase:
    return await make_database("reporting")

"""A migrated eligibility database whose law has come to 15 January 2022."""

from collections.abc import AsyncIterator
from datetime import date

import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.database import Database
from services.eligibility.sweeps.store import set_law_day_if_absent
from tests.conftest import MakeDatabase
from tests.support.partners import register_tester
from tests.support.servers import ServiceDatabase

LAW_DAY = date(2022, 1, 15)


@pytest_asyncio.fixture
async def service(make_database: MakeDatabase) -> ServiceDatabase:
    made = await make_database("eligibility")
    await register_tester(made, "eligibility")
    return made


@pytest_asyncio.fixture
async def database(service: ServiceDatabase) -> AsyncIterator[Database]:
    """On the worker's role, as consumers and ticks."""
    async with service.as_worker(FixedDayClock(LAW_DAY)) as connections:
        async with connections.transaction() as tx:
            await set_law_day_if_absent(tx, LAW_DAY)
        yield connections

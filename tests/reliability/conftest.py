"""The road of the failure tests over each transport."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.conftest import MakeDatabase
from tests.support.road import SERVICES, Road, open_road


@pytest_asyncio.fixture(params=["local", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
async def road(request: pytest.FixtureRequest, make_database: MakeDatabase) -> AsyncIterator[Road]:
    """Fresh databases and queues; `over_rabbitmq` leaves the local transport out."""
    databases = {name: await make_database(name) for name in SERVICES}
    async with open_road(request.param, databases) as opened:
        yield opened


over_rabbitmq = pytest.mark.parametrize(
    "road", [pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)], indirect=True
)
over_local = pytest.mark.parametrize("road", ["local"], indirect=True)

"""One suite of promises, run against both transports."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.conftest import MakeDatabase
from tests.support.broker import NO_BROKER, broker_answers
from tests.support.bus import Bus, open_bus


@pytest_asyncio.fixture(
    params=["local", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)],
)
async def bus(request: pytest.FixtureRequest, make_database: MakeDatabase) -> AsyncIterator[Bus]:
    if request.param == "rabbitmq" and not broker_answers():
        pytest.skip(NO_BROKER)
    registry, eligibility = await make_database("registry"), await make_database("eligibility")
    async with open_bus(request.param, registry, eligibility) as opened:
        yield opened

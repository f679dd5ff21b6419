"""F16: a consumer's database is gone for a while, repeatedly: nothing is retried or parked."""

import asyncio
from dataclasses import replace

import pytest

from libs.common.ids import new_id
from tests.support import oracle
from tests.support.bus import eventually
from tests.support.parts import CONSUME, Part
from tests.support.road import CONSUMERS, RELAYS, Road

GONE_SECONDS = 60 / 50
NO_RUNGS = replace(CONSUME, rungs_seconds=())  # one attempt burnt would park


@pytest.mark.parametrize("consumer", CONSUMERS)
async def test_a_consumer_whose_database_goes_away_resumes(consumer: str, road: Road) -> None:
    households = [new_id() for _ in range(20)]
    service = consumer.partition(".")[0]
    others = [name for name in CONSUMERS if name != consumer]

    async def relayed() -> bool:
        return not await road.workers["registry"].pool.fetchval("SELECT count(*) FROM outbox")

    async with (
        road.running(*RELAYS, *others),
        road.database_proxied(service) as proxy,
        road.running(Part(consumer, consume=NO_RUNGS)),
    ):
        await road.say(*households)
        await oracle.settled(road)
        for _ in range(3):
            await proxy.cut()
            until = asyncio.get_running_loop().time() + GONE_SECONDS
            while asyncio.get_running_loop().time() < until:
                await road.say(*households)
                await asyncio.sleep(0.1)  # an officer's pace: thousands of events prove no more
            await eventually(relayed)
            await proxy.open()
            await road.say(*households)
        await oracle.holds(road)

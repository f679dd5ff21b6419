"""F17: a half-open network, on which nothing arrives and nothing breaks; a broker-sent cancel."""

import pytest

from libs.common.ids import new_id
from tests.reliability.conftest import over_rabbitmq
from tests.support import oracle
from tests.support.bus import eventually
from tests.support.road import CONSUMERS, RELAYS, Road

# The product promises 60 s; here its own waits are a fiftieth, heartbeats at least a second.
RECOVERS_SECONDS = 60


@over_rabbitmq
async def test_nobody_waits_for_ever_for_a_silent_broker(road: Road) -> None:
    households = [new_id() for _ in range(20)]
    async with road.proxied() as proxy, road.running(*RELAYS, *CONSUMERS):
        await road.say(*households)
        await oracle.settled(road)
        before = proxy.connections
        proxy.swallow()
        await road.say(*households)

        async def given_up() -> bool:
            return proxy.left >= before

        await eventually(given_up, RECOVERS_SECONDS)
        await proxy.open()
        await road.say(*households)
        await oracle.holds(road)


@pytest.mark.parametrize("service", ["registry", "eligibility", "reporting"])
async def test_nobody_waits_for_ever_for_a_silent_database(service: str, road: Road) -> None:
    households = [new_id() for _ in range(20)]
    async with road.database_proxied(service) as proxy, road.running(*RELAYS, *CONSUMERS):
        await road.say(*households)
        await oracle.settled(road)
        proxy.swallow()
        await road.say(*households)

        async def given_up() -> bool:
            return proxy.left > 0

        await eventually(given_up, RECOVERS_SECONDS)
        await proxy.open()
        await road.say(*households)
        await oracle.holds(road)


@over_rabbitmq
async def test_a_cancel_from_the_broker_is_answered_by_a_new_consumer(road: Road) -> None:
    households = [new_id() for _ in range(20)]
    async with road.proxied() as proxy, road.running(*RELAYS, *CONSUMERS):
        for _ in range(4):
            await road.say(*households)
            await oracle.settled(road)
            assert proxy.cancel_consumers() == 2 * len(CONSUMERS)  # the live and the replay lane
        await road.say(*households)
        await oracle.holds(road)

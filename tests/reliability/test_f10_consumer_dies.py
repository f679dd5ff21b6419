"""F10: a consumer is killed before its commit, after it, and after the ack: one effect in all."""

import signal

import pytest

from libs.common.ids import new_id
from tests.support import oracle
from tests.support.road import CONSUMERS, ENTITLEMENTS, RELAYS, TIMELINE, Road


@pytest.mark.parametrize("consumer", [ENTITLEMENTS, TIMELINE])
@pytest.mark.parametrize("point", ["before_commit", "after_commit", "after_ack"])
async def test_a_consumer_that_dies_has_one_effect(point: str, consumer: str, road: Road) -> None:
    households = [new_id() for _ in range(30)]
    await road.say(*households)
    async with road.running(*RELAYS, *(name for name in CONSUMERS if name != consumer)):
        assert await road.start(consumer, faults=f"{point}=kill").ends() == -signal.SIGKILL
        assert bool(await road.told(consumer)) == (point != "before_commit")

        async with road.running(consumer):
            await oracle.holds(road)

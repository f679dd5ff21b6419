"""F11: one message at two consumers at once; versions 2 and 3 of a new subject at two at once."""

import asyncio

import pytest

from libs.common.ids import new_id
from tests.support import oracle
from tests.support.parts import Part
from tests.support.road import CONSUMERS, ENTITLEMENTS, RELAYS, TIMELINE, Road


@pytest.mark.parametrize("consumer", CONSUMERS)
async def test_one_message_at_two_processes_has_one_effect(consumer: str, road: Road) -> None:
    households = [new_id() for _ in range(20)]
    await road.say(*households)
    bodies = await road.bodies(*households)
    for _ in range(4):
        for body in bodies:
            await road.send(consumer, body)
    for _ in range(2):
        road.start(consumer)
    async with road.running(*RELAYS, *(name for name in CONSUMERS if name != consumer)):
        await oracle.holds(road)


async def test_of_two_first_versions_at_once_the_higher_wins(road: Road) -> None:
    households = [new_id() for _ in range(20)]
    for _ in range(3):
        bodies = await road.said_only(*households)
    _, *later = [bodies[start : start + 20] for start in (0, 20, 40)]
    meeting = asyncio.Barrier(2)

    async def wait_for_the_other(events: object) -> None:
        """Both have taken one before either commits, for as long as both have something."""
        try:
            async with asyncio.timeout(0.2):
                await meeting.wait()
        except (TimeoutError, asyncio.BrokenBarrierError):
            await meeting.reset()

    lanes = [Part(ENTITLEMENTS, wait_for_the_other) for _ in range(2)]
    async with road.running(*RELAYS, *lanes, TIMELINE):
        for second, third in zip(*later, strict=True):
            await asyncio.gather(road.send(ENTITLEMENTS, second), road.send(ENTITLEMENTS, third))
        for consumer in CONSUMERS:  # what was never sent comes late, and changes nothing
            await road.send(consumer, *bodies)
        await oracle.holds(road)

"""F18: SIGTERM under load: the running batch is finished, and the rest comes again."""

import pytest

from libs.common.ids import new_id
from tests.support import oracle
from tests.support.bus import eventually
from tests.support.road import CONSUMERS, RELAYS, Road


@pytest.mark.parametrize("part", [*CONSUMERS, "registry.relay"])
async def test_a_part_told_to_stop_under_load_ends_well(part: str, road: Road) -> None:
    households = [new_id() for _ in range(40)]
    others = [name for name in (*RELAYS, *CONSUMERS) if name != part]
    async with road.running(*others):
        process = road.start(part)

        async def has_begun() -> bool:
            await road.say(*households)
            return bool(await road.received(CONSUMERS[1]) and await road.received(CONSUMERS[0]))

        await eventually(has_begun)
        for _ in range(10):
            await road.say(*households)
        process.tell_to_stop()
        process.tell_to_stop()  # impatience changes nothing
        assert await process.ends() == 0
        async with road.running(part):
            await oracle.holds(road)
    for consumer in CONSUMERS:
        assert await road.parked(consumer) == []

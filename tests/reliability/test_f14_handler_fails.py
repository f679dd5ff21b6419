"""F14: the handler fails k times for one event of a batch."""

from collections.abc import Sequence
from typing import Any

import pytest

from libs.common.contracts.envelope import Received
from libs.common.ids import new_id
from libs.common.messaging.operations import parked
from tests.support import oracle
from tests.support.bus import eventually
from tests.support.parts import CONSUME, Part
from tests.support.road import CONSUMERS, RELAYS, Road

RUNGS = len(CONSUME.rungs_seconds)


class _Broken(Exception):
    """A message text that must not be kept: Nguyễn Thị Hoa."""


def _fails(consumer: str, subject: object, times: int) -> Part:
    """The handler fails for this subject while it stands alone, so many times."""
    failed = 0

    async def sabotage(events: Sequence[Received[Any]]) -> None:
        nonlocal failed
        if not any(event.subject == subject and event.stream == "household" for event in events):
            return
        if len(events) > 1:
            raise _Broken
        if failed < times:
            failed += 1
            raise _Broken(str(_Broken.__doc__))

    return Part(consumer, sabotage)


@pytest.mark.parametrize("times", [1, RUNGS])
@pytest.mark.parametrize("consumer", CONSUMERS)
async def test_it_climbs_the_rungs_until_it_succeeds(times: int, consumer: str, road: Road) -> None:
    culprit, neighbours = new_id(), [new_id() for _ in range(8)]
    await road.said_only(*neighbours[:4], culprit, *neighbours[4:])
    bodies = await road.bodies(*neighbours[:4], culprit, *neighbours[4:])
    others = [name for name in CONSUMERS if name != consumer]
    async with road.running(*RELAYS, _fails(consumer, culprit, times), *others):
        for name in CONSUMERS:
            await road.send(name, *bodies)

        async def neighbours_applied() -> bool:
            return {(one, 1) for one in neighbours} <= set(await road.told(consumer))

        await eventually(neighbours_applied)
        await oracle.holds(road)
    assert await road.parked(consumer) == []


@pytest.mark.parametrize("consumer", CONSUMERS)
async def test_with_the_ladder_used_up_it_is_parked_and_can_be_redriven(
    consumer: str, road: Road
) -> None:
    culprit, neighbour = new_id(), new_id()
    await road.said_only(culprit, neighbour)
    bodies = await road.bodies(culprit, neighbour)
    others = [name for name in CONSUMERS if name != consumer]
    replays = f"{consumer.partition('.')[0]}.replays"
    async with road.running(*RELAYS, _fails(consumer, culprit, RUNGS + 1), *others, replays):
        for name in CONSUMERS:
            await road.send(name, *bodies)
        await oracle.holds(road, parked={consumer: 1})
        [row] = await road.parked(consumer)
        assert (row["reason"], row["error"], row["attempt"]) == ("RETRIES_USED", "_Broken", RUNGS)
        assert "Hoa" not in str(dict(row))  # an error's text may quote a person

        async with road.workers[consumer.partition(".")[0]].transaction() as tx:
            await parked.redrive(tx, [row["parked_id"]], None, None, "operator")
        await oracle.holds(road)

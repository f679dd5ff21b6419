"""F15: one event of a batch kills the process."""

import pytest

from libs.common.ids import new_id
from tests.support import oracle
from tests.support.bus import eventually
from tests.support.peer import Peer
from tests.support.road import CONSUMERS, RELAYS, Road

MOST_DEATHS = 6


@pytest.mark.slow
@pytest.mark.parametrize("consumer", CONSUMERS)
async def test_it_is_parked_after_few_deaths_and_all_else_takes_effect(
    consumer: str, road: Road
) -> None:
    killer, beside, after = new_id(), [new_id() for _ in range(4)], [new_id() for _ in range(4)]
    bodies = await road.said_only(beside[0], killer, *beside[1:], *after)
    others = [name for name in CONSUMERS if name != consumer]
    async with road.running(*RELAYS, *others):
        for name in CONSUMERS:
            await road.send(name, *bodies[:5])
            for body in bodies[5:]:
                await road.send(name, body)
        deaths, process = 0, road.start(consumer, deadly=[killer])
        while not await road.parked(consumer):
            if await _dies(process, road, consumer):
                deaths, process = deaths + 1, road.start(consumer, deadly=[killer])
            assert deaths <= MOST_DEATHS
        await oracle.holds(road, parked={consumer: 1})
        process.tell_to_stop()
        assert await process.ends() == 0

    [row] = await road.parked(consumer)
    assert (row["reason"], row["subject"]) == ("KILLS_PROCESS", killer)
    service = road.workers[consumer.partition(".")[0]]
    assert await service.pool.fetchval("SELECT count(*) FROM suspect") == 0


async def _dies(process: Peer, road: Road, consumer: str) -> bool:
    """Whether the process died, and not the event was parked."""

    async def over() -> bool:
        return process.has_ended or bool(await road.parked(consumer))

    await eventually(over)
    return process.has_ended

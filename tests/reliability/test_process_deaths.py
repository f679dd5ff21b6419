"""Processes that die as by SIGKILL, at every point that matters: one effect, and nothing lost."""

import signal

import pytest

from libs.common.ids import new_id
from tests.reliability.conftest import StartPeer
from tests.support.bus import Bus, an_event, eventually
from tests.support.peer import Peer

KILLED = -signal.SIGKILL
MOST_DEATHS = 6


async def _once(bus: Bus) -> bool:
    """Whether no effect was had twice."""
    return bool(await bus.consumer.pool.fetchval("SELECT bool_and(times = 1) FROM scratch_latest"))


async def _settled(bus: Bus) -> bool:
    return await bus.outbox() == 0 and (
        await bus.consumer.pool.fetchval("SELECT count(*) FROM local_queue") == 0
    )


async def _dies(peer: Peer, bus: Bus) -> bool:
    """Whether the process died, and not the event was parked."""

    async def over() -> bool:
        return peer.process.poll() is not None or bool(await bus.parked())

    await eventually(over, 30)
    return peer.process.poll() is not None


@pytest.mark.parametrize("point", ["after_claim", "after_confirm"])
async def test_a_relay_that_dies_loses_and_repeats_nothing(
    point: str, bus: Bus, start: StartPeer
) -> None:
    subjects = [new_id() for _ in range(30)]
    await bus.say(*subjects)
    assert await start("relay", faults=f"{point}=kill").ends() == KILLED
    assert await bus.outbox() == len(subjects)  # what is not known to be there goes again

    start("relay")
    start("consume")
    await bus.reaches(dict.fromkeys(subjects, 1))
    await eventually(lambda: _settled(bus))
    assert await _once(bus)
    assert await bus.received() == len(subjects)
    assert await bus.parked() == []


@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
async def test_a_consumer_that_dies_has_one_effect(point: str, bus: Bus, start: StartPeer) -> None:
    subjects = [new_id() for _ in range(30)]
    await bus.send(*(an_event(subject, 1) for subject in subjects))
    assert await start("consume", faults=f"{point}=kill").ends() == KILLED
    assert bool(await bus.latest()) == (point == "after_commit")

    start("consume")
    last = new_id()
    await bus.send(an_event(last, 1))  # by its effect, the redelivery before it was worked too
    await bus.reaches(dict.fromkeys((*subjects, last), 1))
    await eventually(lambda: _settled(bus))
    assert await _once(bus)
    assert await bus.parked() == []


@pytest.mark.slow
async def test_an_event_that_kills_the_process_is_parked_and_its_neighbours_take_effect(
    bus: Bus, start: StartPeer
) -> None:
    killer, beside, after = new_id(), [new_id() for _ in range(4)], [new_id() for _ in range(4)]
    await bus.send(
        an_event(beside[0], 1), an_event(killer, 1), *(an_event(s, 1) for s in beside[1:])
    )
    for subject in after:
        await bus.send(an_event(subject, 1))
    deaths = 0
    while not await bus.parked():
        deaths += await _dies(start("consume", killer=killer), bus)
        assert deaths <= MOST_DEATHS
    await bus.reaches(dict.fromkeys((*beside, *after), 1))

    [parked] = await bus.parked()
    assert (parked["reason"], parked["subject"]) == ("KILLS_PROCESS", killer)
    assert await _once(bus)
    assert await bus.consumer.pool.fetchval("SELECT count(*) FROM suspect") == 0


async def test_a_consumer_told_to_stop_under_load_ends_well(bus: Bus, start: StartPeer) -> None:
    subjects = [new_id() for _ in range(600)]
    first = start("consume")
    bodies = [an_event(subject, 1) for subject in subjects]
    for place in range(0, 200, 4):
        await bus.send(*bodies[place : place + 4])

    async def has_begun() -> bool:
        return bool(await bus.latest())

    await eventually(has_begun)
    for place in range(200, 600, 4):
        await bus.send(*bodies[place : place + 4])
    first.tell_to_stop()
    assert await first.ends() == 0

    start("consume")
    await bus.reaches(dict.fromkeys(subjects, 1))
    await eventually(lambda: _settled(bus))
    assert await _once(bus)
    assert await bus.received() == len(subjects)
    assert await bus.parked() == []

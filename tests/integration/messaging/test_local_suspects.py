"""Over the local transport: what counts as a return, and who works what came back too often."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from libs.common.contracts.envelope import Received
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging.consumer import Shape
from tests.support.bus import CONSUME, Bus, a_consumer, an_event, eventually, keep_all

pytestmark = pytest.mark.parametrize("bus", ["local"], indirect=True)

LEASED = replace(CONSUME, lease_seconds=60)


async def _queued(bus: Bus) -> int:
    return int(await bus.consumer.pool.fetchval("SELECT count(*) FROM local_queue"))


async def _came_back(bus: Bus, times: int) -> None:
    await bus.consumer.pool.execute("UPDATE local_queue SET deliveries = $1", times)


async def test_a_start_counts_once_however_many_lanes_begin(bus: Bus) -> None:
    begun = asyncio.Event()

    async def holds_up(events: Sequence[Received[Any]], tx: Transaction) -> None:
        begun.set()
        await asyncio.Event().wait()

    await bus.send(an_event(new_id(), 1))
    handler = a_consumer(holds_up)
    settings = replace(CONSUME, drain_seconds=0)
    async with bus.running(handler, handler, handler, relays=0, settings=settings):
        await begun.wait()
    assert await bus.consumer.pool.fetchval("SELECT deliveries FROM local_queue") == 1


async def test_one_that_came_back_too_often_is_worked_by_one_alone(bus: Bus) -> None:
    suspect, other, go_on = new_id(), new_id(), asyncio.Event()

    async def slow(events: Sequence[Received[Any]], tx: Transaction) -> None:
        if any(event.subject == suspect for event in events):
            await go_on.wait()
        await keep_all(events, tx)

    await bus.send(an_event(suspect, 1))
    await _came_back(bus, 4)
    await bus.send(an_event(other, 1))
    consumer = a_consumer(slow, Shape.SET_INSERT)

    async def neighbour_is_kept() -> bool:
        return (other, 1) in await bus.kept()

    async def is_empty() -> bool:
        return not await _queued(bus)

    async with bus.running(consumer, consumer, relays=0, settings=LEASED):
        await eventually(neighbour_is_kept)
        assert await bus.consumer.pool.fetchval("SELECT max(n) FROM suspect") == 1
        go_on.set()
        await eventually(is_empty)
    assert await bus.kept() == {(suspect, 1): 1, (other, 1): 1}


async def test_what_was_not_finished_is_given_back_at_the_end(bus: Bus) -> None:
    subject, begun = new_id(), asyncio.Event()

    async def holds_up(events: Sequence[Received[Any]], tx: Transaction) -> None:
        begun.set()
        await asyncio.Event().wait()

    await bus.send(an_event(subject, 1))
    await _came_back(bus, 2)
    settings = replace(LEASED, drain_seconds=0)
    async with bus.running(a_consumer(holds_up), relays=0, settings=settings):
        await begun.wait()
    async with bus.running(a_consumer(), relays=0, settings=LEASED):
        await bus.reaches({subject: 1})

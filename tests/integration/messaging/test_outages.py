"""Outages burn no attempt: nothing is retried or parked, and the work goes on by itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import aio_pika
import asyncpg
import pytest

from libs.common.contracts.catalogue import Subscription
from libs.common.contracts.envelope import Received
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.messaging.consume import run_consumer
from libs.common.messaging.failures import is_infrastructure
from libs.common.messaging.settings import BackoffSettings, ConsumeSettings
from libs.common.messaging.transport import ConsumerLost
from libs.common.messaging.transports import rabbitmq
from tests.support.broker import broker_url
from tests.support.bus import (
    CONSUME,
    SUBSCRIPTION,
    Bus,
    a_consumer,
    an_event,
    eventually,
    keep_latest,
)

_CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def _cut(owner_dsn: str) -> None:
    """End every session of the test's own database."""
    owner = await asyncpg.connect(owner_dsn)
    await owner.execute(_CUT)
    await owner.close()


async def _despite_cuts(ask: Callable[[], Awaitable[bool]]) -> None:
    """The test's own sessions are cut too: it asks again."""

    async def asked() -> bool:
        try:
            return await ask()
        except Exception as error:
            if not is_infrastructure(error):
                raise
            return False

    await eventually(asked)


@pytest.mark.parametrize("each", [10, 1])  # of few, halving would soon blame one event
async def test_a_consumer_whose_database_goes_away_resumes(bus: Bus, each: int) -> None:
    subjects, cut = [new_id() for _ in range(2 * each)], 0

    async def interrupted(events: Sequence[Received[Any]], tx: Transaction) -> None:
        nonlocal cut
        await keep_latest(events, tx)
        if cut < 3:
            cut += 1
            await _cut(bus.consumer_dsn)  # in the middle of the batch

    # Before the cuts, which would end the sender's session too.
    await bus.send(*(an_event(subject, 1) for subject in subjects[:each]))
    await bus.send(*(an_event(subject, 1) for subject in subjects[each:]))
    no_rungs = replace(CONSUME, rungs_seconds=())  # one attempt burnt would park
    async with bus.running(a_consumer(interrupted), relays=0, settings=no_rungs):

        async def there() -> bool:
            return await bus.latest() == dict.fromkeys(subjects, 1)

        await _despite_cuts(there)
    assert cut == 3
    assert await bus.parked() == []
    assert await bus.received() == len(subjects)
    assert await bus.consumer.pool.fetchval("SELECT bool_and(times = 1) FROM scratch_latest")


async def test_a_relay_whose_database_goes_away_resumes(bus: Bus) -> None:
    subjects = [new_id() for _ in range(10)]
    async with bus.running(a_consumer()):
        for subject in subjects:
            await _cut(bus.producer_dsn)
            await _despite_cuts(partial(_said, bus, subject))
        await bus.reaches(dict.fromkeys(subjects, 1))

        async def empty() -> bool:
            return await bus.outbox() == 0

        await _despite_cuts(empty)


async def _said(bus: Bus, subject: UUID) -> bool:
    await bus.say(subject)
    return True


async def test_a_transaction_that_met_another_is_run_again_in_place(bus: Bus) -> None:
    subject, tries = new_id(), 0

    async def meet(events: Sequence[Received[Any]], tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            await tx.execute("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")
        await keep_latest(events, tx)

    no_rungs = replace(CONSUME, rungs_seconds=())
    await bus.send(an_event(subject, 1))
    async with bus.running(a_consumer(meet), relays=0, settings=no_rungs):
        await bus.reaches({subject: 1})
    assert tries == 3
    assert await bus.parked() == []


class _Watched(rabbitmq.RabbitTransport):
    """Keeps its sources in reach, so that a test can take their consumer away."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(broker_url(), bus.prefix)
        self.sources: list[Any] = []

    @asynccontextmanager
    async def source(
        self, subscription: Subscription, database: Database, settings: ConsumeSettings
    ) -> AsyncIterator[Any]:
        async with super().source(subscription, database, settings) as opened:
            self.sources.append(opened)
            yield opened


@pytest.mark.rabbitmq
@pytest.mark.parametrize("bus", ["rabbitmq"], indirect=True)
async def test_a_consumer_that_lost_its_queue_in_silence_ends_its_process(
    bus: Bus,
) -> None:
    transport, subject = _Watched(bus), new_id()
    settings = replace(CONSUME, watch_seconds=30 / 50)
    running = asyncio.create_task(
        run_consumer(bus.consumer, transport, a_consumer(), asyncio.Event(), settings)
    )
    await bus.send(an_event(subject, 1))
    await bus.reaches({subject: 1})
    for lane in transport.sources[0]._lanes.values():
        channel = await lane.channel.get_underlay_channel()
        for tag in list(channel.consumers):
            await channel.basic_cancel(tag)
    async with asyncio.timeout(90):
        with pytest.raises(ConsumerLost):
            await running
    await transport.close()


@pytest.mark.rabbitmq
@pytest.mark.parametrize("bus", ["rabbitmq"], indirect=True)
async def test_a_consumer_that_has_paused_by_itself_is_not_taken_for_lost(bus: Bus) -> None:
    subject, failed = new_id(), 0

    async def away_at_first(events: Sequence[Received[Any]], tx: Transaction) -> None:
        nonlocal failed
        failed += 1
        if failed == 1:
            raise OSError
        await keep_latest(events, tx)

    # It pauses for ten looks of its watchdog, which find the queue without a consumer.
    settings = replace(CONSUME, watch_seconds=0.1, backoff=BackoffSettings(2.0, 2.0))
    async with bus.running(a_consumer(away_at_first), relays=0, settings=settings):
        await bus.send(an_event(subject, 1))
        await bus.reaches({subject: 1})
    assert failed == 2


@pytest.mark.rabbitmq
@pytest.mark.parametrize("bus", ["rabbitmq"], indirect=True)
async def test_a_consumer_whose_queue_is_deleted_declares_it_again(bus: Bus) -> None:
    first, second = new_id(), new_id()
    async with bus.running(a_consumer()):
        await bus.say(first)
        await bus.reaches({first: 1})
        connection = await aio_pika.connect(broker_url())
        async with connection, connection.channel() as channel:
            await channel.queue_delete(bus.prefix + SUBSCRIPTION.queue)  # the broker cancels us
        await bus.say(second)
        await bus.reaches({first: 1, second: 1})

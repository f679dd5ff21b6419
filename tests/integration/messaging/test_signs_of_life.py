"""What a running service says of its consumers and queues: alive or not, behind or not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from ansinh.readiness import consumer_checks
from libs.common.contracts.area import CHANGED
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.contracts.envelope import Received
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging.consume import run_consumer
from libs.common.messaging.dead_letters import park_dead_letters
from libs.common.messaging.operations.measure import run_measures
from libs.common.messaging.operations.parked import discard
from libs.common.messaging.pulse import Pulse
from libs.common.messaging.transport import Message
from libs.common.messaging.transports.rabbitmq import RabbitTransport
from libs.common.telemetry import Telemetry
from libs.common.telemetry.setup import activate, build
from libs.common.web.health import failing
from tests.support.bus import (
    CONSUME,
    CONSUMER,
    SUBSCRIPTION,
    Bus,
    a_consumer,
    an_event,
    eventually,
)
from tests.support.metrics import Samples, samples


async def _consumer_fails(bus: Bus, pulse: Pulse) -> bool:
    return await failing(consumer_checks({CONSUMER: pulse})) == [f"consumer {CONSUMER}"]


async def test_a_consumer_is_asked_whether_it_consumes(bus: Bus) -> None:
    pulse = Pulse(CONSUMER, bus.consumer.clock)
    assert await _consumer_fails(bus, pulse)
    stop = asyncio.Event()
    running = asyncio.create_task(
        run_consumer(bus.consumer, bus.transport, a_consumer(), stop, CONSUME, pulse)
    )
    await eventually(pulse_is_alive(pulse))
    assert await failing(consumer_checks({CONSUMER: pulse})) == []
    stop.set()
    await running
    assert await _consumer_fails(bus, pulse)


async def test_a_handler_that_hangs_is_no_consumer(bus: Bus) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def hang(events: Sequence[Received[Any]], tx: Transaction) -> None:
        entered.set()
        await go_on.wait()

    pulse = Pulse(CONSUMER, bus.consumer.clock)
    impatient = replace(CONSUME, stuck_seconds=0.0)
    stop = asyncio.Event()
    running = asyncio.create_task(
        run_consumer(bus.consumer, bus.transport, a_consumer(hang), stop, impatient, pulse)
    )
    await eventually(pulse_is_alive(pulse))
    await bus.say(new_id())
    async with bus.running():
        await entered.wait()
        assert await _consumer_fails(bus, pulse)
        go_on.set()
        await eventually(pulse_is_alive(pulse))
    stop.set()
    await running


def pulse_is_alive(pulse: Pulse) -> Callable[[], Awaitable[bool]]:
    async def alive() -> bool:
        return pulse.is_alive()

    return alive


@asynccontextmanager
async def _measured(bus: Bus) -> AsyncIterator[Telemetry]:
    """The measures of the consuming service, many times a second."""
    telemetry = build("test", 0.0, [], [], is_scraped=True)
    activate(telemetry)
    stop = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(run_measures(bus.consumer, bus.transport, "eligibility", stop, 0.02))
            try:
                yield telemetry
            finally:
                stop.set()
    finally:
        telemetry.shutdown()


def says(telemetry: Telemetry, holds: Callable[[Samples], bool]) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return holds(samples(telemetry.scrape().decode()))

    return look


async def test_what_waits_with_nobody_there_is_counted_and_grows_older(bus: Bus) -> None:
    """The process is gone, or stands still: who measures is another."""
    async with _measured(bus) as telemetry, bus.running():
        await eventually(says(telemetry, lambda found: found.lag(CONSUMER) == 0))
        await bus.say(new_id())

        async def waits() -> bool:
            return (await bus.transport.depths([SUBSCRIPTION]))[CONSUMER].waiting == 1

        await eventually(waits)
        await eventually(says(telemetry, lambda found: found.lag(CONSUMER) > 0.05))
        first = samples(telemetry.scrape().decode()).lag(CONSUMER)
        await eventually(says(telemetry, lambda found: found.lag(CONSUMER) > first))
        async with bus.running(a_consumer()):
            await eventually(says(telemetry, lambda found: found.alive(CONSUMER) == 1))
            await eventually(lambda: _received(bus))


async def _received(bus: Bus) -> bool:
    return await bus.received() == 1


@pytest.mark.rabbitmq
async def test_dead_letters_are_counted_on_rabbitmq_and_do_not_exist_locally(bus: Bus) -> None:
    async with _measured(bus) as telemetry:
        await eventually(says(telemetry, lambda found: found.dead_letters(CONSUMER) == 0))
        if isinstance(bus.transport, RabbitTransport):
            queue = f"{bus.prefix}{SUBSCRIPTION.queue}.dlq"
            await bus.transport.send_direct(queue, [Message("unknown", b"[]", 1)])
            await eventually(says(telemetry, lambda found: found.dead_letters(CONSUMER) == 1))
            # A consumer without queues is readiness's matter; here it is not counted as empty.
            other = SUBSCRIPTIONS["eligibility.insurance"]
            assert list(await bus.transport.depths([other, SUBSCRIPTION])) == [CONSUMER]


async def _park_a_dead_letter(transport: RabbitTransport, bus: Bus) -> None:
    message = Message(CHANGED, b"[" + an_event(new_id(), 1) + b"]", 1)
    await transport.send_direct(f"{bus.prefix}{SUBSCRIPTION.queue}.dlq", [message])
    await park_dead_letters(bus.consumer, transport, "eligibility")


@pytest.mark.rabbitmq
async def test_a_dead_letter_counts_until_a_person_has_decided(bus: Bus) -> None:
    """It leaves its queue for the parking lot within seconds: the alert must not end with that."""
    if not isinstance(bus.transport, RabbitTransport):
        pytest.skip("the local transport has no dead letters")
    await _park_a_dead_letter(bus.transport, bus)
    assert (await bus.transport.depths([SUBSCRIPTION]))[CONSUMER].dead == 0
    [parked] = await bus.parked()
    async with _measured(bus) as telemetry:
        await eventually(says(telemetry, lambda found: found.dead_letters(CONSUMER) == 1))
        async with bus.consumer.transaction() as tx:
            await discard(tx, [parked["parked_id"]], "not ours", "test")
        await eventually(says(telemetry, lambda found: found.dead_letters(CONSUMER) == 0))


@pytest.mark.rabbitmq
async def test_what_is_parked_counts_while_the_bus_is_away(bus: Bus) -> None:
    """And a dead-letter queue that nobody can see is not said to be empty."""
    if not isinstance(bus.transport, RabbitTransport):
        pytest.skip("the local transport has no dead letters")
    await _park_a_dead_letter(bus.transport, bus)
    nobody = replace(bus, transport=RabbitTransport("amqp://guest:guest@127.0.0.1:1/", bus.prefix))
    async with _measured(nobody) as telemetry:
        await eventually(says(telemetry, lambda found: found.dead_letters(CONSUMER) == 1))
        others = samples(telemetry.scrape().decode()).labels("dlq_messages")
        assert [one["ansinh_consumer"] for one in others] == [CONSUMER]


async def test_an_open_writer_of_any_role_and_database_holds_the_horizon(bus: Bus) -> None:
    owner = await asyncpg.connect(bus.producer_dsn)
    try:
        async with _measured(bus) as telemetry, owner.transaction():
            await owner.execute("SELECT pg_current_xact_id()")
            await bus.say(new_id())  # somebody is done after it began
            await eventually(says(telemetry, lambda found: found.horizon("eligibility") > 0))
    finally:
        await owner.close()

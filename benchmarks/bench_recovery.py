"""How fast the backlog of a broker outage drains, beside what the same platform does undisturbed.

    python -m benchmarks.bench_recovery [outage seconds]

Two real processes reach the broker through a door of ours. A load registers households and decides
on them, step by step. First it goes as fast as it is answered, undisturbed: the normal rate. Then
it keeps a steady pace; the door is closed for a minute and opened again, and the load goes on until
nobody is behind any more. Both rates are counted the same way: events that the consumers have taken
in, by the second, until the last effect.

It fails when a write fails, when a process ends, or when a consumer needed a hand: an event that is
parked, was retried, or lies among the dead letters.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import aio_pika

from ansinh.demo.load import communes_of_province, household_request
from ansinh.demo.population import ReviewedHousehold, generate
from ansinh.services import NAMES
from benchmarks.platform import REGISTERED_ON, SEED, Platform, load, platform
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.security.roles import Role
from tests.support.broker import broker_url
from tests.support.doors import Door

OUTAGE_SECONDS = 60.0
NORMAL_STEPS, WARM_UP_STEPS = 40, 5
STEP_HOUSEHOLDS = 200
STEP_SECONDS = 2.0
_HOUSEHOLDS = 60_000  # more than there are steps for
# What the consumers took in since then: how many events, the first and the last time.
_TAKEN = """
SELECT coalesce(sum(events), 0)::bigint, extract(epoch FROM min(finished_at))::float8,
       extract(epoch FROM max(finished_at))::float8
FROM inbox_batch WHERE finished_at >= to_timestamp($1)
"""


@dataclass
class Load:
    """Writes step by step: some households are registered, then decided on."""

    platform: Platform
    people: list[ReviewedHousehold]
    steps: int = 0

    async def step(self) -> None:
        start = self.steps * STEP_HOUSEHOLDS
        self.steps += 1
        households = self.people[start : start + STEP_HOUSEHOLDS]
        body = {"households": [household_request(one, REGISTERED_ON) for one in households]}
        await self.platform.client.post(Role.OFFICER, "/registry/v1/households/batches", body)
        await self.platform.decide(households, f"{self.steps}/QĐ-UBND")

    @asynccontextmanager
    async def steady(self) -> AsyncIterator[None]:
        """Within, a step every so many seconds; a write that fails fails the benchmark."""
        stop = asyncio.Event()

        async def keep_on() -> None:
            started = time.time()
            for due in count(1):
                if stop.is_set():
                    return
                await self.step()
                await asyncio.sleep(max(0.0, started + due * STEP_SECONDS - time.time()))

        async with asyncio.TaskGroup() as group:
            group.create_task(keep_on())
            try:
                yield
            finally:
                stop.set()


@dataclass(frozen=True)
class Taken:
    """What all consumers took in since a moment."""

    events: int
    seconds: float
    first_after: float

    @property
    def rate(self) -> float:
        return self.events / self.seconds


async def measure(outage_seconds: float) -> None:
    door = Door(broker_url(), 5672)
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(AsyncExitStack())
        await opened.enter_async_context(door.open())
        url = f"amqp://user:password@{door.address}/?heartbeat=15"
        running = await stack.enter_async_context(platform(amqp_url=url))
        commune = min(await communes_of_province(running.client))
        writing = Load(running, list(generate([commune], SEED, _HOUSEHOLDS)))
        for _ in range(WARM_UP_STEPS):
            await writing.step()
        await running.effects()

        print(f"  undisturbed; {load()}")
        began_at = time.time()
        for _ in range(NORMAL_STEPS):
            await writing.step()
        await running.effects()
        normal = await _taken(running, began_at)
        print(
            f"  {NORMAL_STEPS * STEP_HOUSEHOLDS:,} households in {normal.seconds:.1f} s; {load()}"
        )

        async with writing.steady():
            await asyncio.sleep(STEP_SECONDS * 3)
            await opened.aclose()
            before, closed_at = writing.steps, time.time()
            await asyncio.sleep(outage_seconds)
            written, waiting = (writing.steps - before) * STEP_HOUSEHOLDS, await _outbox(running)
            await opened.enter_async_context(door.open())
            opened_at = time.time()
            print(
                f"  broker away for {opened_at - closed_at:.0f} s: {written:,} households written, "
                f"{waiting:,} events wait; {load()}"
            )
            await running.effects()
            drained = await _taken(running, opened_at)
        print(f"  nobody behind {drained.seconds:.1f} s after the opening; {load()}")
        await running.effects()
        await _assert_untouched(running)
        ratio = drained.rate / normal.rate
        print(f"RESULT recovery.first_effect {drained.first_after:.1f} s")
        print(
            f"RESULT recovery.drain {drained.rate:.0f} events/s floor={normal.rate:.0f} "
            f"ratio={ratio:.2f}"
        )


async def _taken(running: Platform, since: float) -> Taken:
    events, first, last = 0, float("inf"), since
    for name in NAMES:
        for taken, begun, ended in await _ask(running, name, _TAKEN, since):
            if taken:
                events, first, last = events + taken, min(first, begun), max(last, ended)
    return Taken(events, last - since, first - since)


async def _outbox(running: Platform) -> int:
    return sum([(await _ask(running, name, "SELECT count(*) FROM outbox"))[0][0] for name in NAMES])


async def _ask(running: Platform, service: str, sql: str, *arguments: object) -> list[Any]:
    owner = await running.owner(service)
    try:
        return list(await owner.fetch(sql, *arguments))
    finally:
        await owner.close()


async def _assert_untouched(running: Platform) -> None:
    """No consumer needed a hand. Ends the processes, which tell what they have retried."""
    for name in NAMES:
        assert not await _ask(running, name, "SELECT FROM parked_message"), f"{name} has parked"
    connection = await aio_pika.connect(broker_url())
    async with connection, connection.channel() as channel:
        for entry in SUBSCRIPTIONS.values():
            dead = await channel.declare_queue(f"{running.prefix}{entry.queue}.dlq", passive=True)
            assert not dead.declaration_result.message_count, f"{entry.consumer} has dead letters"
    assert all(process.returncode is None for _, process in running.running), "a process has ended"
    assert not sum(report.retried for report in await running.stop()), "something was retried"


if __name__ == "__main__":
    asyncio.run(measure(float(sys.argv[1]) if len(sys.argv) > 1 else OUTAGE_SECONDS))

"""How fast the backlog of a broker outage drains, beside what the same platform does undisturbed.

    python -m benchmarks.bench_recovery [outage seconds]

Two real processes reach the broker through a door of ours. A writer registers households and
decides on them, step by step. First it goes as fast as it is answered, undisturbed: the normal
rate. Then it keeps a steady pace, a quarter of that; the door is closed for a minute and opened
again, and the writing goes on until nobody is behind any more. Both rates are counted the same way:
events that the consumers have taken in, by the second, until the last effect.

It fails when a write fails, when a process ends, or when a consumer needed a hand: an event that is
parked, was retried, or lies among the dead letters.
"""

import asyncio
import sys
import time
from contextlib import AsyncExitStack

import aio_pika

from ansinh.services import NAMES
from benchmarks.platform import Platform, load, platform
from benchmarks.traffic import Writer, taken_in
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from tests.support.broker import broker_url
from tests.support.doors import Door

OUTAGE_SECONDS = 60.0
NORMAL_HOUSEHOLDS, WARM_UP_HOUSEHOLDS = 8_000, 1_000
STEP_HOUSEHOLDS = 200
STEADY_SHARE = 0.25
_HOUSEHOLDS = 60_000  # more than there is time for


async def measure(outage_seconds: float) -> None:
    door = Door(broker_url(), 5672)
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(AsyncExitStack())
        await opened.enter_async_context(door.open())
        url = f"amqp://user:password@{door.address}/?heartbeat=15"
        running = await stack.enter_async_context(platform(amqp_url=url))
        writer = await Writer.of(running, _HOUSEHOLDS, STEP_HOUSEHOLDS)
        await writer.write(WARM_UP_HOUSEHOLDS)
        await running.effects()

        print(f"  undisturbed; {load()}")
        began_at = time.time()
        await writer.write(NORMAL_HOUSEHOLDS)
        await running.effects()
        normal = await taken_in(running, began_at)
        print(f"  {NORMAL_HOUSEHOLDS:,} households in {normal.last:.1f} s; {load()}")

        pace = normal.last / NORMAL_HOUSEHOLDS * STEP_HOUSEHOLDS / STEADY_SHARE
        async with writer.steady(pace):
            await asyncio.sleep(pace * 3)
            await opened.aclose()
            closed_at, before = time.time(), writer.written
            await asyncio.sleep(outage_seconds)
            await opened.enter_async_context(door.open())
            opened_at = time.time()
            print(
                f"  broker away for {opened_at - closed_at:.0f} s, {writer.written - before:,} "
                f"households written meanwhile; {load()}"
            )
            await running.effects()
            drained = await taken_in(running, opened_at)
        print(f"  nobody behind {drained.last:.1f} s after the opening; {load()}")
        await running.effects()
        await _assert_untouched(running)
        print(f"RESULT recovery.first_effect {drained.first:.1f} s")
        print(
            f"RESULT recovery.drain {drained.rate:.0f} events/s floor={normal.rate:.0f} "
            f"ratio={drained.rate / normal.rate:.2f}"
        )


async def _assert_untouched(running: Platform) -> None:
    """No consumer needed a hand. Ends the processes, which tell what they have retried."""
    for name in NAMES:
        owner = await running.owner(name)
        try:
            assert not await owner.fetchval("SELECT count(*) FROM parked_message"), "parked"
        finally:
            await owner.close()
    connection = await aio_pika.connect(broker_url())
    async with connection, connection.channel() as channel:
        for entry in SUBSCRIPTIONS.values():
            name = f"{running.prefix}{entry.queue}.dlq"
            dead = await channel.declare_queue(name, passive=True)
            assert not dead.declaration_result.message_count, "dead letters"
    assert all(process.returncode is None for _, process in running.running), "a process has ended"
    assert not sum(report.retried for report in await running.stop()), "retried"


if __name__ == "__main__":
    asyncio.run(measure(float(sys.argv[1]) if len(sys.argv) > 1 else OUTAGE_SECONDS))

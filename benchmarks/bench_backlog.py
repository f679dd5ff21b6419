"""A consumer a day behind: what waits for it, where it waits, and how it catches up.

    python -m benchmarks.bench_backlog [households] [transport …]

One process per service. Reporting, which hears everything, is down while households are registered
and decided on; then it is started again and takes in all of that. A day of a whole country's review
is not more: 20,000 households are some 300,000 events for it. Measured on each transport: the most
memory that each process has held (the limit stands in the floor's place), the events that reporting
takes in by the second beside what it takes in when it is never behind, and which tables grew.
"""

import asyncio
import sys
import time
from collections import Counter

import aio_pika

from ansinh.services import NAMES
from benchmarks.bench_memory import LIMIT_MB, PROCESSES
from benchmarks.platform import Platform, load, platform
from benchmarks.sizes import MEGABYTE, Sizes, read_sizes, tell_grown
from benchmarks.traffic import Writer, taken_in
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from tests.support.broker import broker_url

HOUSEHOLDS = 20_000
NORMAL_HOUSEHOLDS = 4_000
STEP_HOUSEHOLDS = 1000
TRANSPORTS = ("rabbitmq", "local")
DOWN = "reporting"


async def measure(households: int, transport: str) -> None:
    url = broker_url() if transport == "rabbitmq" else ""
    async with platform(PROCESSES, amqp_url=url) as running:
        writer = await Writer.of(running, households + NORMAL_HOUSEHOLDS, STEP_HOUSEHOLDS)
        began_at = time.time()
        await writer.write(NORMAL_HOUSEHOLDS)
        await running.effects()
        normal = await taken_in(running, began_at, DOWN)

        await running.stop(DOWN)
        before = await _sizes(running)
        await writer.write(households)
        await running.effects(but=DOWN)
        waiting = await _sizes(running)
        print(f"  {transport}: {households:,} households while {DOWN} is down; {load()}")
        await _tell_waiting(running)
        tell_grown("grown while it was down", before, waiting)

        began_at = time.time()
        await running.start_one(DOWN)
        await running.effects()
        caught_up = await taken_in(running, began_at, DOWN)
        print(
            f"  {caught_up.events:,} events taken in {caught_up.last:.0f} s after the start; "
            f"{load()}"
        )
        tell_grown("grown while it caught up", waiting, await _sizes(running))
        for report in await running.stop():
            ratio = report.peak_mb / LIMIT_MB
            print(
                f"RESULT backlog.{transport}.memory.{report.name} {report.peak_mb:.0f} MB "
                f"floor={LIMIT_MB} ratio={ratio:.2f}"
            )
        print(
            f"RESULT backlog.{transport}.catching_up {caught_up.rate:.0f} events/s "
            f"floor={normal.rate:.0f} ratio={caught_up.rate / normal.rate:.2f}"
        )


async def _sizes(running: Platform) -> Sizes:
    sizes: Sizes = Counter()
    for name in NAMES:
        owner = await running.owner(name)
        try:
            sizes.update(await read_sizes(owner, name))
        finally:
            await owner.close()
    return sizes


async def _tell_waiting(running: Platform) -> None:
    """Where the events wait: the broker's queues, the local ones, the ledgers."""
    if running.amqp_url:
        connection = await aio_pika.connect(broker_url())
        async with connection, connection.channel() as channel:
            for entry in SUBSCRIPTIONS.values():
                if entry.service == DOWN:
                    name = running.prefix + entry.queue
                    queue = await channel.declare_queue(name, passive=True)
                    count = queue.declaration_result.message_count
                    print(f"  waiting in {entry.queue}: {count:,} messages")
        return
    for name in NAMES:
        owner = await running.owner(name)
        try:
            for row in await owner.fetch(
                "SELECT consumer, count(*), sum(events), sum(octet_length(body)) FROM local_queue"
                " GROUP BY consumer"
            ):
                queued = f"{row[1]:,} messages, {row[2]:,} events, {row[3] / MEGABYTE:.0f} MB"
                print(f"  queued for {row[0]}: {queued}")
            for row in await owner.fetch(
                "SELECT consumer, total - sent FROM replay WHERE reason = 'BACKLOG'"
            ):
                print(f"  waiting for {row[0]} in the ledger of {name}: {row[1]:,} events")
        finally:
            await owner.close()


async def measure_all(households: int, transports: list[str]) -> None:
    for transport in transports:
        await measure(households, transport)


if __name__ == "__main__":
    asyncio.run(
        measure_all(
            int(sys.argv[1]) if len(sys.argv) > 1 else HOUSEHOLDS,
            sys.argv[2:] or list(TRANSPORTS),
        )
    )

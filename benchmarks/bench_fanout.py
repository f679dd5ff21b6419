"""Households per second from a decision to all its effects, over RabbitMQ.

    python -m benchmarks.bench_fanout [households]

Two real processes, everything durable, audit and telemetry on. The households are registered and
all of that has taken effect before the clock starts; then decisions of up to 1,000 of them are
posted over HTTP. The clock stops with the last effect. The floor writes the same rows and sends the
same messages (see `benchmarks.floor`); both counts are asserted.
"""

import asyncio
import sys
import time

from ansinh.demo.population import ReviewedHousehold
from benchmarks.compared import Timed
from benchmarks.platform import DECISION_ROWS, Platform, decisions, household_ids, load, platform

HOUSEHOLDS = 10_000
WARM_UP = 40


async def measure(count: int) -> None:
    async with platform() as running:
        people = await running.population(max(1, count // DECISION_ROWS), count + WARM_UP)
        people, first = people[:count], people[count:]
        timed = Timed(running)
        await timed.prepare()
        await running.decide(first, "1/QĐ-UBND")
        await running.effects()
        print(f"  {count:,} households; before: {load()}")
        await timed.begin()
        seconds = await _decide(running, people, timed)
        print(f"  our run: {seconds:.1f} s; {load()}")
        reports = await running.stop()
        for report in reports:
            print(
                f"  process {report.name}: {report.cpu_seconds:.1f} s of CPU, "
                f"{report.peak_mb:.0f} MB at most"
            )
        floor = await timed.floor(household_ids(people), reports)
        print(f"  the floor: {floor.seconds:.1f} s; {load()}")
        ours, theirs = count / seconds, count / floor.seconds
        print(f"RESULT fanout {ours:.0f} households/s floor={theirs:.0f} ratio={ours / theirs:.2f}")


async def _decide(running: Platform, people: list[ReviewedHousehold], timed: Timed) -> float:
    """Seconds from the first request to the last effect."""
    started = time.time()
    for place, households in enumerate(decisions(people)):
        await running.decide(households, f"{100 + place}/QĐ-UBND")
    print(f"  posted after {time.time() - started:.1f} s")
    await running.effects()
    return await timed.last_effect() - started


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else HOUSEHOLDS))

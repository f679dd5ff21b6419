"""The most memory that each process holds while one large decision takes effect everywhere.

    python -m benchmarks.bench_memory [households]

The households are registered first, so their processes are new when the decision comes. One process
per service, all roles in each; the limit per process stands in the floor's place.
"""

import asyncio
import sys
import time

from ansinh.services import NAMES
from benchmarks.platform import load, platform

HOUSEHOLDS = 50_000
LIMIT_MB = 250
PROCESSES = tuple((name,) for name in NAMES)


async def measure(count: int) -> None:
    async with platform(PROCESSES) as running:
        people = await running.population(1, count)
        before = await running.stop()
        await running.start()
        started = time.perf_counter()
        await running.decide(people, "1/QĐ-UBND")
        await running.decided()
        await running.effects()
        seconds = time.perf_counter() - started
        print(f"  one decision over {count:,} households: {seconds:.0f} s; {load()}")
        after = await running.stop()
        for one in before:
            print(f"  while registering, {one.name}: {one.peak_mb:.0f} MB")
        for one in after:
            print(
                f"RESULT memory.{one.name} {one.peak_mb:.0f} MB floor={LIMIT_MB} "
                f"ratio={one.peak_mb / LIMIT_MB:.2f}"
            )


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else HOUSEHOLDS))

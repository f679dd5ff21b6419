"""How long one change takes on an idle system, from its commit to its last effect, over RabbitMQ.

    python -m benchmarks.bench_latency [changes]

One household after the other is decided over HTTP, with a pause in which everything comes to rest.
The clock of a change starts when the answer is there, so it has been committed, and stops with the
last statement of its last effect. The floor makes the same changes by the same hops, a message and
a transaction each, with nothing in between (see `benchmarks.floor`); its clock starts when it has
committed. Neither counts its first changes. Printed beside it: the same with the act itself, from
the request, or the floor's first transaction, on.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from uuid import UUID

from ansinh.demo.population import ReviewedHousehold
from ansinh.services import NAMES
from benchmarks.compared import Timed
from benchmarks.platform import Platform, household_ids, load, platform

CHANGES = 250
WARM_UP = 30
PAUSE_SECONDS = 0.15
_ACTS = """
SELECT correlation_id, subject FROM event_log
WHERE stream = 'household' AND subject = ANY($1::uuid[]) AND type = 'household.status_changed.v1'
"""
_SAID = "SELECT event_id, correlation_id FROM event_log WHERE correlation_id = ANY($1::uuid[])"
_RECEIVED = """
SELECT event_id, extract(epoch FROM finished_at)::float8
FROM inbox JOIN inbox_batch USING (batch_id) WHERE event_id = ANY($1::uuid[])
"""


async def measure(count: int) -> None:
    async with platform() as running:
        people = await running.population(1, count + WARM_UP)
        people, first = people[:count], people[count:]
        timed = Timed(running)
        await timed.prepare()
        await _change(running, first, 1)
        await running.effects()
        await timed.begin()
        print(f"  {count} changes; before: {load()}")
        asked, answered = await _change(running, people, 1 + WARM_UP)
        await running.effects()
        print(f"  after: {load()}")
        finished = await _finished(running, household_ids(people))
        counted = household_ids(people)[WARM_UP:]
        ours = [finished[one] - answered[one] for one in counted]
        _print("from the request on", [finished[one] - asked[one] for one in counted])
        reports = await running.stop()
        floor = await timed.floor(
            household_ids(people), reports, at_once=1, pause_seconds=PAUSE_SECONDS
        )
        print(f"  after the floor: {load()}")
        theirs = [floor.finished[str(one)] - floor.committed[str(one)] for one in counted]
        _print(
            "the floor from its first transaction on",
            [floor.finished[str(one)] - floor.begun[str(one)] for one in counted],
        )
        for name, part in (("p50", 0.5), ("p99", 0.99)):
            mine, bare = 1000 * _quantile(ours, part), 1000 * _quantile(theirs, part)
            print(f"RESULT latency.{name} {mine:.1f} ms floor={bare:.1f} ratio={mine / bare:.2f}")


async def _change(
    running: Platform, people: Sequence[ReviewedHousehold], number: int
) -> tuple[dict[UUID, float], dict[UUID, float]]:
    """Decide one household after the other; when each request was sent, and answered."""
    asked, answered = {}, {}
    for place, household in enumerate(people, number):
        asked[household.household_id] = time.time()
        await running.decide([household], f"{place}/QĐ-UBND")
        answered[household.household_id] = time.time()
        await asyncio.sleep(PAUSE_SECONDS)
    return asked, answered


async def _finished(running: Platform, households: Sequence[UUID]) -> dict[UUID, float]:
    """When each household's last effect was in."""
    registry = await running.owner("registry")
    acts = {row[0]: row[1] for row in await registry.fetch(_ACTS, households)}
    await registry.close()
    databases = [await running.owner(name) for name in NAMES]
    said: dict[UUID, UUID] = {}
    for database in databases:
        for event_id, correlation_id in await database.fetch(_SAID, list(acts)):
            said[event_id] = acts[correlation_id]
    finished: dict[UUID, float] = {}
    for database in databases:
        for event_id, at in await database.fetch(_RECEIVED, list(said)):
            household = said[event_id]
            finished[household] = max(at, finished.get(household, 0.0))
        await database.close()
    return finished


def _print(what: str, seconds: Sequence[float]) -> None:
    p50, p99 = (1000 * _quantile(seconds, part) for part in (0.5, 0.99))
    print(f"  {what}: p50 {p50:.1f} ms, p99 {p99:.1f} ms")


def _quantile(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else CHANGES))

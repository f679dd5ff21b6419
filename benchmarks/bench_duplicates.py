"""The search for persons recorded twice: what it finds, what it suspects wrongly, how fast it is.

    python -m benchmarks.bench_duplicates [persons=20000]

So many persons of common names in twenty communes, one in ten of them in a pair of which it is
known whether it is one person: written in another commune, without marks, in another order, with a
slip of the pen, day and month swapped, only the year, one digit wrong; and twins, and others who
share name and day, or name alone. Two kinds are beyond the search's reach and no part of recall.
All are written as officers write them and then compared. The floor asks the same statements for
candidates, portion by portion, and compares nobody.
"""

import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from uuid import UUID

import asyncpg

from libs.common.clock import SystemClock
from libs.common.roles import run_loop
from services.registry.areas.load import load_areas
from services.registry.duplicates import store
from services.registry.duplicates.work import PORTION, search
from tests.support.alike import BEYOND, KINDS, Couple, Someone, Writer, record
from tests.support.servers import ServiceDatabase, clone_database, drop_database, drop_run
from tests.support.vault import VAULT

GOAL_RECALL = 0.95
_COMMUNES = """
SELECT code FROM area_unit WHERE level = 'commune' AND valid_until IS NULL ORDER BY code LIMIT 20
"""
_TOGETHER = 1_000
_ALL = KINDS + BEYOND


def everybody(writer: Writer, couples: list[Couple], persons: int) -> Iterator[Someone]:
    """The couples, and others of whom nobody is known to be written twice."""
    for couple in couples:
        yield couple.one
        yield couple.other
    for _ in range(persons - 2 * len(couples)):
        yield writer.someone()


async def write(
    database: ServiceDatabase, persons: int
) -> tuple[list[Couple], dict[Someone, UUID]]:
    ids: dict[Someone, UUID] = {}
    async with database.as_worker() as worker:
        await load_areas(worker, SystemClock())
        communes = [row["code"] for row in await worker.pool.fetch(_COMMUNES)]
    writer = Writer(communes)
    couples = list(writer.couples(persons // (20 * len(_ALL)), also_beyond=True))
    async with database.as_api() as api:
        people = everybody(writer, couples, persons)
        while some := list(islice(people, _TOGETHER)):
            ids |= await record(api, some)
    owner = await asyncpg.connect(database.owner_dsn)
    await owner.execute("VACUUM ANALYZE")
    await owner.close()
    return couples, ids


async def floor(database: ServiceDatabase, people: list[UUID]) -> float:
    """The seconds of finding the candidates alone."""
    async with database.as_worker() as worker:
        begun = time.perf_counter()
        for start in range(0, len(people), PORTION):
            async with worker.transaction() as tx:
                await store.candidates(tx, people[start : start + PORTION])
        return time.perf_counter() - begun


def report(couples: list[Couple], ids: dict[Someone, UUID], pairs: set[frozenset[UUID]]) -> None:
    found, same = Counter[str](), set[frozenset[UUID]]()
    for couple in couples:
        pair = frozenset((ids[couple.one], ids[couple.other]))
        found[couple.kind] += pair in pairs
        if couple.is_one_person:
            same.add(pair)
    of_each = len(couples) // len(_ALL)
    for kind, is_one_person, _ in _ALL:
        what = "found" if is_one_person else "wrongly suspected"
        print(f"  {kind}: {found[kind]} of {of_each} {what}")
    sought = [kind for kind, is_one_person, _ in KINDS if is_one_person]
    recall = sum(found[kind] for kind in sought) / (of_each * len(sought))
    precision = len(pairs & same) / len(pairs)
    print(f"  of all that were written twice, {len(pairs & same) / len(same):.3f} were found")
    print(f"RESULT duplicates.recall {recall:.3f} of 1 floor={GOAL_RECALL} ratio={recall:.3f}")
    print(f"RESULT duplicates.precision {precision:.3f} of 1 floor=1 ratio={precision:.3f}")


async def measure(persons: int) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    database = await clone_database("registry")
    try:
        couples, ids = await write(database, persons)
        bare = await floor(database, sorted(ids.values()))
        async with database.as_worker() as worker:
            begun = time.perf_counter()
            await search(worker, SystemClock(), VAULT)
            seconds = time.perf_counter() - begun
            rows = await worker.pool.fetch("SELECT one, other FROM duplicate_pair")
        print(f"{len(ids):,} persons compared in {seconds:.1f} s; load {os.getloadavg()[0]:.1f}")
        report(couples, ids, {frozenset((row["one"], row["other"])) for row in rows})
        rate, least = len(ids) / seconds, len(ids) / bare
        print(f"RESULT duplicates {rate:.0f} persons/s floor={least:.0f} ratio={rate / least:.2f}")
    finally:
        await drop_database(database)
        await drop_run()


if __name__ == "__main__":
    run_loop(measure(int(sys.argv[1]) if sys.argv[1:] else 20_000))

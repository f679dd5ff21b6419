"""The search for persons recorded twice: what it finds, what it suspects wrongly, how fast it is.

    python -m benchmarks.bench_duplicates [persons=20000]

So many persons of common names in twenty communes, one in ten of them in a pair of which it is
known whether it is one person: written in another commune, without marks, in another order, with a
slip of the pen, day and month swapped, only the year, one digit wrong, each also in another
commune; without the middle name, under another family name; and twins, and others who share name
and day, or name alone. Of each kind of clue about the name it is said how many of the pairs that it
brought were right. All are written as officers write them and then compared. The floor asks the
same statements for candidates, portion by portion, and compares nobody.
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
from services.registry.duplicates import key_store
from services.registry.duplicates.work import PORTION, search
from tests.support.alike import ALL_KINDS, Couple, Someone, Writer, record
from tests.support.servers import ServiceDatabase, clone_database, drop_database, drop_run
from tests.support.vault import VAULT

GOAL = 0.95
Pairs = dict[frozenset[UUID], list[str]]
_COMMUNES = """
SELECT code FROM area_unit WHERE level = 'commune' AND valid_until IS NULL ORDER BY code LIMIT 20
"""
_TOGETHER = 1_000
_KEYS = "SELECT person_id, key FROM duplicate_key WHERE person_id = ANY($1::uuid[])"


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
    couples = list(writer.couples(persons // (20 * len(ALL_KINDS))))
    async with database.as_api() as api:
        people = everybody(writer, couples, persons)
        while some := list(islice(people, _TOGETHER)):
            ids |= await record(api, some)
    owner = await asyncpg.connect(database.owner_dsn)
    await owner.execute("VACUUM ANALYZE")
    await owner.close()
    return couples, ids


async def floor(database: ServiceDatabase, people: list[UUID]) -> tuple[float, int, int]:
    """The seconds of finding the candidates alone, once all are filed; how many there are, and how
    many at most for one person.
    """
    found = Counter[UUID]()
    async with database.as_worker() as worker:
        begun = time.perf_counter()
        for start in range(0, len(people), PORTION):
            some = people[start : start + PORTION]
            async with worker.transaction() as tx:
                keys: dict[UUID, list[int]] = {}
                for person_id, key in await tx.fetch(_KEYS, some):
                    keys.setdefault(person_id, []).append(key)
                pairs = await key_store.candidates(tx, some, keys)
            found.update(one for pair in pairs for one in pair if one in keys)
        return time.perf_counter() - begun, found.total(), max(found.values())


def report(couples: list[Couple], ids: dict[Someone, UUID], pairs: Pairs) -> None:
    found, same = Counter[str](), set[frozenset[UUID]]()
    for couple in couples:
        pair = frozenset((ids[couple.one], ids[couple.other]))
        found[couple.kind] += pair in pairs
        if couple.is_one_person:
            same.add(pair)
    of_each = len(couples) // len(ALL_KINDS)
    for kind, is_one_person, _ in ALL_KINDS:
        what = "found" if is_one_person else "wrongly suspected"
        print(f"  {kind}: {found[kind]} of {of_each} {what}")
    by_clue: dict[str, list[bool]] = {}
    for pair, clues in pairs.items():
        by_clue.setdefault(next(clue for clue in clues if clue.startswith("name.")), []).append(
            pair in same
        )
    for clue, right in sorted(by_clue.items()):
        print(f"  {clue}: {sum(right)} of {len(right)} suspected are one person")
    recall, precision = len(pairs.keys() & same) / len(same), len(pairs.keys() & same) / len(pairs)
    print(f"RESULT duplicates.recall {recall:.3f} of 1 floor={GOAL} ratio={recall:.3f}")
    print(f"RESULT duplicates.precision {precision:.3f} of 1 floor={GOAL} ratio={precision:.3f}")


async def measure(persons: int) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    database = await clone_database("registry")
    try:
        couples, ids = await write(database, persons)
        async with database.as_worker() as worker:
            begun = time.perf_counter()
            await search(worker, SystemClock(), VAULT)
            seconds = time.perf_counter() - begun
            rows = await worker.pool.fetch("SELECT one, other, clues FROM duplicate_pair")
        bare, candidates, most = await floor(database, sorted(ids.values()))
        print(f"{len(ids):,} persons compared in {seconds:.1f} s; load {os.getloadavg()[0]:.1f}")
        print(f"  candidates of a person: {candidates / len(ids):.1f}, at most {most}")
        report(couples, ids, {frozenset((row["one"], row["other"])): row["clues"] for row in rows})
        rate, least = len(ids) / seconds, len(ids) / bare
        print(f"RESULT duplicates {rate:.0f} persons/s floor={least:.0f} ratio={rate / least:.2f}")
    finally:
        await drop_database(database)
        await drop_run()


if __name__ == "__main__":
    run_loop(measure(int(sys.argv[1]) if sys.argv[1:] else 20_000))

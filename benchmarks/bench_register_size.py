"""What officers and jobs do all day, on a register of a country's poorer half, built once.

    python -m benchmarks.bench_register_size [households=571429] [database]

The register (`register`): 571,429 households are 2 million persons, 2,000,000 households are 7
million. With the name of a database that `python -m benchmarks.register HOUSEHOLDS` has left, a
copy of that one is measured. One after the other, each in a process whose memory is told:

- persons by name, as `bench_name_search` asks, by the largest commune, a hundred, all;
- one household read over HTTP, anywhere, beside a bare handler (`bench_household_read`);
- a page of fifty households over HTTP, of all in an officer's sight and of a commune that is named,
  beside the same households read by the worker by their ids;
- a household's history over HTTP, beside the same history read by the worker without a request;
- a thousand changed persons compared, beside their candidates alone;
- a spreadsheet of 20,000 persons, beside the same one into an empty register;
- Bắc Kạn reorganised, 81,000 households of it, beside the minute it may take.
"""

import asyncio
import os
import random
import resource
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from uuid import UUID

from benchmarks import bench_duplicates, bench_import, bench_name_search
from benchmarks.bench_household_read import compare
from benchmarks.bench_memory import LIMIT_MB
from benchmarks.bench_reorganisation import CLOCK, approved, outcome
from benchmarks.people import REGISTERED_ON, Chunk, Home, homes
from benchmarks.platform import load
from benchmarks.register import Register, again, build
from libs.common.clock import FixedDayClock
from libs.common.roles import run_loop
from libs.common.security.roles import Role
from services.registry.app import build as build_registry
from services.registry.areas.load import load_areas
from services.registry.duplicates.marking import mark
from services.registry.duplicates.work import search
from services.registry.households.reading import read_whole
from services.registry.reorganisations.work import run_reorganisations
from services.registry.timeline.reading import read_history
from tests.integration.registry.builders import TODAY
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase, clone_database, drop_database, drop_run
from tests.support.vault import VAULT

HOUSEHOLDS, SEARCHES, READS, CHANGED, PAGES = 571_429, 300, 4_000, 1_000, 50
MINUTE = 60
EVERYWHERE = bearer(Role.PROVINCE)
_OF_A_CHUNK = 20
Told = TypeVar("Told")


def some(chunks: Sequence[Chunk], count: int, seed: int) -> Iterator[Home]:
    """So many households from all over the register."""
    chance = random.Random(seed)
    for start in range(0, count, _OF_A_CHUNK):
        chunk, wanted = chance.choice(chunks), min(_OF_A_CHUNK, count - start)
        first = chance.randrange(max(1, chunk.households - wanted))
        yield from islice(homes(chunk), first, first + wanted)


async def timeline(database: ServiceDatabase, ids: Sequence[UUID]) -> None:
    """A household's first page of history."""
    seconds, bare = [], []
    clock = FixedDayClock(TODAY)
    async with (
        open_client(build_registry(), database, clock=clock) as client,
        database.as_worker(clock) as worker,
    ):
        for one in ids:
            began = time.perf_counter()
            answer = await client.get(f"/v1/households/{one}/timeline", headers=EVERYWHERE)
            seconds.append(time.perf_counter() - began)
            assert answer.status_code == 200, answer.text
            assert len(answer.json()["items"]) > len(("residence", "event", "written"))
            began = time.perf_counter()
            async with worker.transaction() as tx:
                await read_history(tx, one, None, 51, kinds=frozenset(), as_of=None, known_at=None)
            bare.append(time.perf_counter() - began)
    ours, floor = statistics.median(seconds) * 1000, statistics.median(bare) * 1000
    print(f"a household's history: p99 {statistics.quantiles(seconds, n=100)[-1] * 1000:.1f} ms")
    print(f"RESULT size.timeline.p50 {ours:.1f} ms floor={floor:.1f} ratio={ours / floor:.1f}")


async def listing(database: ServiceDatabase, communes: Sequence[str]) -> None:
    """A page of households, by who asks and whether a commune is named."""
    clock, chance = FixedDayClock(TODAY), random.Random(2)
    hundred = sorted(communes)[-100:]
    asked = {
        "all_of_a_commune": (communes[-1:], None),
        "all_of_a_province": (hundred, None),
        "a_commune_of_a_province": (hundred, hundred),
        "a_commune_of_everywhere": (["*"], communes),
    }
    async with (
        open_client(build_registry(), database, clock=clock) as client,
        database.as_worker(clock) as worker,
    ):
        for name, (areas, named) in asked.items():
            headers, seconds, bare = bearer(Role.PROVINCE, areas=areas), [], []
            for _ in range(PAGES):
                query = {} if named is None else {"commune": chance.choice(named)}
                began = time.perf_counter()
                answer = await client.get("/v1/households", params=query, headers=headers)
                seconds.append(time.perf_counter() - began)
                assert answer.status_code == 200, answer.text
                ids = [UUID(one["household_id"]) for one in answer.json()["items"]]
                assert ids
                began = time.perf_counter()
                async with worker.transaction() as tx:
                    await read_whole(tx, ids)
                bare.append(time.perf_counter() - began)
            p99 = statistics.quantiles(seconds, n=100)[-1] * 1000
            ours, floor = statistics.median(seconds) * 1000, statistics.median(bare) * 1000
            print(f"{name}: p99 {p99:.1f} ms")
            print(
                f"RESULT size.list.{name}.p50 {ours:.1f} ms floor={floor:.1f} "
                f"ratio={ours / floor:.1f}"
            )


async def duplicates(database: ServiceDatabase, people: Sequence[UUID]) -> None:
    """Changed persons from all over, compared with whoever may be the same."""
    async with database.as_worker() as worker:
        async with worker.transaction() as tx:
            await mark(tx, people)
        began = time.perf_counter()
        await search(worker, FixedDayClock(TODAY), VAULT)
        seconds = time.perf_counter() - began
        found = await worker.pool.fetchval("SELECT count(*) FROM duplicate_pair")
    bare, _, _ = await bench_duplicates.floor(database, list(people))
    rate, floor = len(people) / seconds, len(people) / bare
    print(f"{len(people):,} changed persons compared in {seconds:.1f} s, {found} pairs suspected")
    print(f"RESULT size.duplicates {rate:.0f} persons/s floor={floor:.0f} ratio={rate / floor:.2f}")


async def reorganise(database: ServiceDatabase) -> None:
    """The real succession of the province's communes."""
    key = await approved(database)
    async with database.as_worker(CLOCK) as worker:
        began = time.perf_counter()
        await run_reorganisations(worker, CLOCK)
        seconds = time.perf_counter() - began
        moved, asked = await outcome(worker, key)
    print(f"{moved:,} households moved, {asked:,} to be asked about")
    print(f"RESULT size.reorganisation {seconds:.1f} s floor={MINUTE} ratio={seconds / MINUTE:.2f}")


def take_both(database: ServiceDatabase) -> None:
    """The same file into the register and into an empty one."""
    empty = asyncio.run(_empty())
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "households.csv"
            lines = bench_import.write(path, bench_import.ROWS)
            ours = apart("import", bench_import.take, database, path)["done"]
            bare = apart("import_into_none", bench_import.take, empty, path)["done"]
    finally:
        asyncio.run(drop_database(empty))
    rate, floor = lines / ours, lines / bare
    print(f"{lines:,} lines imported in {ours:.1f} s, into an empty register in {bare:.1f} s")
    print(f"RESULT size.import {rate:.0f} rows/s floor={floor:.0f} ratio={rate / floor:.2f}")


async def _empty() -> ServiceDatabase:
    database = await clone_database("registry")
    async with database.as_worker() as worker:
        await load_areas(worker, FixedDayClock(REGISTERED_ON))
    return database


def apart(name: str, what: Callable[..., Coroutine[Any, Any, Told]], *arguments: Any) -> Told:
    """Do it in a process of its own, tell that one's memory and the load; no loop runs."""
    ours, theirs = get_context("fork").Pipe(duplex=False)
    process = get_context("fork").Process(target=_apart, args=(theirs, what, arguments))
    process.start()
    theirs.close()
    told, peak = ours.recv()
    process.join()
    print(f"  {load()}")
    tell_memory(name, peak)
    value: Told = told
    return value


def _apart(
    there: Connection, what: Callable[..., Coroutine[Any, Any, Told]], arguments: tuple[Any, ...]
) -> None:
    told = run_loop(what(*arguments))
    sys.stdout.flush()
    there.send((told, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def tell_memory(name: str, peak_mb: float) -> None:
    ratio = peak_mb / LIMIT_MB
    print(f"RESULT size.{name}.memory {peak_mb:.0f} MB floor={LIMIT_MB} ratio={ratio:.2f}")


def measure(register: Register) -> None:
    database, chunks = register.database, register.chunks
    if register.peak_mb:
        tell_memory("building", register.peak_mb)
    apart("name_search", bench_name_search.search, database, chunks, SEARCHES)
    ids = [home.facts.household_id for home in some(chunks, 2_000, seed=3)]
    compare(database, ids, READS, EVERYWHERE, "size.household_read")
    apart("list", listing, database, register.communes)
    apart("timeline", timeline, database, ids[:SEARCHES])
    people = [home.identities[0].person_id for home in some(chunks, CHANGED, seed=8)]
    apart("duplicates", duplicates, database, people)
    take_both(database)
    apart("reorganisation", reorganise, database)


def main(households: int = HOUSEHOLDS, name: str = "") -> None:
    os.environ["ANSINH_TEST_RUN"] = f"bench{secrets.token_hex(3)}"  # never that of a register kept
    register = again(name, households) if name else build(households)
    try:
        print(f"{households:,} households, {register.persons:,} persons")
        measure(register)
    finally:
        asyncio.run(_remove(register.database))


async def _remove(database: ServiceDatabase) -> None:
    await drop_database(database)
    await drop_run()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else HOUSEHOLDS, *given[1:2])

"""Persons found by names over HTTP: p50 and p99 of a search, by who asks and how.

    python -m benchmarks.bench_name_search [households=571429] [searches=300]

A register of so many households (`register`; 2 million persons by default). Officers of one
commune, a province of a hundred, and one who sees every commune ask by whole names, by two words,
by one, with and without a year of birth; words in any order, without marks. The floor is the same
page of persons read by their ids, by plain SQL, in the same run. Beside the figures stands how many
searches were told to be narrowed.
"""

import asyncio
import os
import random
import secrets
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from uuid import UUID

import httpx

from benchmarks.people import Chunk, homes
from benchmarks.register import build
from libs.common.clock import FixedDayClock
from libs.common.security.roles import Role
from services.registry.app import build as build_registry
from services.registry.areas.domain import fold
from tests.integration.registry.builders import TODAY
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase, drop_database, drop_run

GOAL_MS, SEARCHES, IN_PROVINCE = 50, 300, 100
_OF_A_CHUNK = 10


async def search(database: ServiceDatabase, chunks: Sequence[Chunk], searches: int) -> None:
    """Ask as each asker, in the largest communes of the register; print what came of it."""
    sizes = Counter[str]()
    for chunk in chunks:
        sizes[chunk.commune] += chunk.households
    largest = [code for code, _ in sizes.most_common()]
    clock = FixedDayClock(TODAY)
    async with open_client(build_registry(), database, clock=clock) as client:
        for who, communes in (("commune", 1), ("province", IN_PROVINCE), ("everywhere", None)):
            seen = set(largest[:communes])
            theirs = [chunk for chunk in chunks if chunk.commune in seen]
            areas = ["*"] if communes is None else sorted(seen)
            headers = bearer(Role.PROVINCE, areas=areas)
            await ask(client, headers, questions(theirs, 20, seed=4))  # connections, caches
            seconds, found, broad = await ask(client, headers, questions(theirs, searches))
            report(who, seconds, await floor(database, found), broad)


def questions(chunks: Sequence[Chunk], searches: int, seed: int = 5) -> Iterator[dict[str, str]]:
    """By names that somebody bears in these parts of the register."""
    chance = random.Random(seed)
    each = min(_OF_A_CHUNK, searches)
    for chunk in chance.choices(chunks, k=-(-searches // each)):
        first = chance.randrange(max(1, chunk.households - each))
        for home in islice(homes(chunk), first, first + each):
            place = chance.randrange(len(home.identities))
            parts = fold(home.identities[place].name or "").split()
            chance.shuffle(parts)
            kind = chance.randrange(5)
            if kind >= 3:  # two words, or one
                parts = parts[: 2 if kind == 3 else 1]
            asked = {"name": " ".join(parts)}
            if kind in (1, 3) and chance.random() < 0.5:
                asked["birth_year"] = str(home.facts.members[place].year)
            yield asked


async def ask(
    client: httpx.AsyncClient, headers: dict[str, str], asked: Iterator[dict[str, str]]
) -> tuple[list[float], list[list[UUID]], int]:
    """Each search's seconds, who was found, and how many searches were to be narrowed."""
    seconds, found, broad = [], [], 0
    for query in asked:
        begun = time.perf_counter()
        answer = await client.post("/v1/persons/search", json=query, headers=headers)
        seconds.append(time.perf_counter() - begun)
        if answer.status_code == 422 and answer.json()["code"] == "search.too_broad":
            broad += 1
            continue
        assert answer.status_code == 200, answer.text
        found.append([UUID(one["person_id"]) for one in answer.json()["items"]])
        assert found[-1], "somebody bears these words"
    return seconds, found, broad


async def floor(database: ServiceDatabase, pages: list[list[UUID]]) -> list[float]:
    """The seconds of reading each page's persons by their ids."""
    seconds = []
    async with database.as_worker() as worker:
        for page in pages:
            begun = time.perf_counter()
            await worker.pool.fetch(
                "SELECT m.household_id, m.person_id, m.sex, n.sealed FROM member AS m "
                "JOIN person_name AS n USING (person_id) WHERE m.person_id = ANY($1) "
                "AND upper_inf(m.recorded) AND m.left_on IS NULL",
                page,
            )
            seconds.append(time.perf_counter() - begun)
    return seconds


def report(who: str, seconds: list[float], bare: list[float], broad: int) -> None:
    def at(values: list[float], share: float) -> float:
        return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000

    p99, least = at(seconds, 0.99), at(bare, 0.99)
    print(
        f"{who}: {len(seconds)} searches, p50 {statistics.median(seconds) * 1000:.1f} ms, "
        f"most {max(seconds) * 1000:.0f} ms; to be narrowed: {broad}; load {os.getloadavg()[0]:.1f}"
    )
    print(
        f"RESULT name_search.{who}.p99 {p99:.1f} ms floor={least:.1f} ratio={p99 / least:.1f} "
        f"(goal {GOAL_MS} ms: {'held' if p99 <= GOAL_MS else 'MISSED'})"
    )


def main(households: int = 571_429, searches: int = SEARCHES) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    register = build(households)
    try:
        asyncio.run(search(register.database, register.chunks, searches))
    finally:
        asyncio.run(_remove(register.database))


async def _remove(database: ServiceDatabase) -> None:
    await drop_database(database)
    await drop_run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

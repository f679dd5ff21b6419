"""Persons are found by words of their names; what a search looks through is bounded."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from libs.common.database import Transaction
from libs.common.problems import Problem
from services.registry.households import acts as households
from services.registry.households.territory import read_territory
from services.registry.vault import acts, filing, search
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.search import START, find_by_name
from tests.integration.registry.builders import (
    COMMUNE,
    NEIGHBOUR,
    TODAY,
    a_household,
    a_member,
    load_communes,
    stated,
)
from tests.support.servers import ServiceDatabase, clone_database, drop_database
from tests.support.vault import VAULT

DAY = date(2022, 1, 5)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def all_persons() -> AsyncIterator[ServiceDatabase]:
    """One database for all tests of this file: each has names of its own."""
    database = await clone_database("registry")
    await load_communes(database)
    yield database
    await drop_database(database)


@pytest.fixture
def registry(all_persons: ServiceDatabase) -> ServiceDatabase:
    return all_persons


SCOPES = [COMMUNE, f"{NEIGHBOUR},{COMMUNE}", "*"]


async def settle(
    database: ServiceDatabase, *names: str, commune: str = COMMUNE, born: str = "1980-05-01"
) -> list[UUID]:
    """One household for each name, of one person; answers the persons."""
    bodies = [a_household(a_member(birth_date=born), commune=commune) for _ in names]
    people = [UUID(body["members"][0]["person_id"]) for body in bodies]
    async with database.as_api() as api, api.transaction(commune) as tx:
        written = await households.register(tx, [stated(body) for body in bodies], TODAY)
        identities = [
            PersonIdentity(person, one.household_id, DAY, name)
            for person, one, name in zip(people, written, names, strict=True)
        ]
        await acts.record(tx, VAULT, identities)
    return people


async def find(
    database: ServiceDatabase, text: str, scope: str = "*", commune: str | None = None, **more: Any
) -> list[str]:
    async with database.as_api() as api, api.transaction(scope) as tx:
        if commune is not None:
            more["where"] = await read_territory(tx, commune, TODAY, TODAY)
        return [one.name or "" for one in await find_by_name(tx, VAULT, text, **more)]


async def test_words_without_marks_in_any_order(registry: ServiceDatabase) -> None:
    await settle(registry, "Nông Thị Đẹp", "Nông Văn Độ", "H’Đẹp Niê")
    for scope in SCOPES:
        for text in ("dep nong", "ĐẸP  thị nông", "đẹp nông"):
            assert await find(registry, text, scope) == ["Nông Thị Đẹp"], (text, scope)
        assert sorted(await find(registry, "dep", scope)) == ["H’Đẹp Niê", "Nông Thị Đẹp"]
        assert await find(registry, "nong kieu", scope) == []
        with pytest.raises(Problem, match=r"search\.empty"):
            await find(registry, " .- ", scope)


async def test_year_and_commune_narrow_and_scope_hides(registry: ServiceDatabase) -> None:
    await settle(registry, "Lý A Một", born="1980-05-01")
    await settle(registry, "Lý A Hai", born="1981-05-01")
    await settle(registry, "Lý A Ba", commune=NEIGHBOUR)
    for scope in (f"{COMMUNE},{NEIGHBOUR}", "*"):
        assert len(await find(registry, "ly a", scope)) == 3
        assert await find(registry, "ly a", scope, birth_year=1981) == ["Lý A Hai"]
        assert await find(registry, "ly a", scope, commune=NEIGHBOUR) == ["Lý A Ba"]
        assert await find(registry, "ly a", scope, commune=NEIGHBOUR, birth_year=1981) == []
    assert await find(registry, "ly a", NEIGHBOUR) == ["Lý A Ba"]
    assert await find(registry, "ly a", COMMUNE, commune=NEIGHBOUR) == []
    assert await find(registry, "ly a", "") == []


async def test_pages_follow_one_another_and_end(registry: ServiceDatabase) -> None:
    people = set(await settle(registry, *[f"Ma Văn {'I' * count}" for count in range(1, 6)]))
    for scope in SCOPES:
        seen: list[UUID] = []
        async with registry.as_api() as api, api.transaction(scope) as tx:
            place = START
            while found := await find_by_name(tx, VAULT, "van ma", after=place, limit=2):
                seen += [one.person_id for one in found]
                place = found[-1].place
        assert len(seen) == len(people), scope
        assert set(seen) == people, scope


async def test_words_too_common_are_to_be_narrowed(
    registry: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten persons of each word and none of both: not looked through where five is the most."""
    await settle(registry, *["Giàng Seo"] * 10, *["Sùng Pà"] * 10)
    for scope in (COMMUNE, "*"):
        monkeypatch.setattr(search, "MOST_CANDIDATES", 10_000)
        assert await find(registry, "seo pa", scope) == []
        monkeypatch.setattr(search, "MOST_CANDIDATES", 5)
        assert len(await find(registry, "seo", scope, limit=5)) == 5
        with pytest.raises(Problem, match=r"search\.too_broad"):
            await find(registry, "seo pa", scope)


async def test_a_name_follows_its_bearer_and_its_year(registry: ServiceDatabase) -> None:
    """Another name, another year of birth, another commune: found as it is now, and only so."""
    [person] = await settle(registry, "Hoàng Thị Sen")
    both = f"{COMMUNE},{NEIGHBOUR}"
    async with registry.as_api() as api:
        async with api.transaction(both) as tx:
            home = await tx.fetchval("SELECT household_id FROM member WHERE person_id = $1", person)
            await acts.record(tx, VAULT, [PersonIdentity(person, home, TODAY, "Hoàng Thị Mận")])
        member = a_member(person_id=str(person), birth_date="1982-05-01")
        body = a_household(member, commune=NEIGHBOUR, household_id=str(home))
        moved = replace(stated(body), pointer="")
        async with api.transaction(both) as tx:
            await households.correct(tx, moved, TODAY, TODAY, lambda version: None)
    assert await find(registry, "sen", both) == []
    assert await find(registry, "man hoang", NEIGHBOUR, birth_year=1982) == ["Hoàng Thị Mận"]
    assert await find(registry, "man hoang", COMMUNE) == []
    async with registry.as_worker() as worker:
        filed = "SELECT count(*) FROM name_token WHERE person_id = $1"
        assert await worker.pool.fetchval(filed, person) == 3


async def plan_of(tx: Transaction, statement: str, *arguments: object) -> list[dict[str, Any]]:
    """Every node of a statement's plan."""
    [row] = await tx.fetch(f"EXPLAIN (FORMAT JSON) {statement}", *arguments)
    found, waiting = [], [row[0][0]["Plan"]]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += node.get("Plans", [])
    return found


async def test_behind_row_security_the_key_is_used(registry: ServiceDatabase) -> None:
    """As the API's role, among thousands of tokens: a range of the key, one look for each other."""
    async with registry.as_worker() as worker, worker.transaction() as tx:
        await tx.execute(
            "INSERT INTO name_token SELECT n % 50, '0' || 1000 + n % 700, 1930 + n % 90, "
            "gen_random_uuid() FROM generate_series(1, 20000) AS n"
        )
    tokens = VAULT.hashes("name", ["ly", "thi"])
    asked = []
    for communes, year in product((None, [COMMUNE]), (None, 1980)):
        sql, more = filing.reach_statement(year, communes)
        asked.append((sql, [tokens, *START, 100, *more]))
        sql, more = filing.page_statement(len(tokens) - 1, year, communes)
        asked.append((sql, [tokens[0], tokens[1:], 100, *START, 50, *more]))
    async with registry.as_api() as api, api.transaction(COMMUNE) as tx, filing.by_key(tx):
        for sql, values in asked:
            nodes = await plan_of(tx, sql, *values)
            reads = [node for node in nodes if node.get("Relation Name") == "name_token"]
            assert reads, sql
            for node in reads:
                assert node["Index Name"] == "name_token_pkey", (sql, node)
                needed = ("token", "person_id") if node["Alias"] == "other" else ("token",)
                assert all(f"{part} =" in node["Index Cond"] for part in needed), node
            # Nothing is gathered and put in order before a page is answered.
            assert not [node for node in nodes if "Sort" in node["Node Type"]], sql

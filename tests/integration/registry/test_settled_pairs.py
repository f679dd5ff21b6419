"""Two records of one person, settled: what is shown of each, and what the person limited."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from libs.common.clock import FixedDayClock, SystemClock
from libs.common.ids import new_id
from libs.common.security import audit
from services.registry.app import build
from services.registry.rights.store import limited as limited_among
from tests.integration.registry.builders import COMMUNE, NEIGHBOUR, TODAY, a_household, a_member
from tests.integration.registry.twins import (
    BOTH,
    HERE,
    NAME,
    THERE,
    UIN,
    a_family,
    a_pair,
    decided,
    name,
    ok,
    queue,
    search,
)
from tests.support.edge import open_client
from tests.support.servers import ServiceDatabase

PURPOSE = {"X-Purpose": "duplicates"}


@pytest_asyncio.fixture
async def client(registry: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(build(), registry, clock=FixedDayClock(TODAY)) as client:
        yield client


async def move(client: httpx.AsyncClient, home: str, person: str, commune: str) -> str:
    """The child leaves for a new household elsewhere, whose id is answered."""
    whole = await ok(await client.get(f"/v1/households/{home}", headers=BOTH))
    body = {
        "residence": {key: whole["residence"][key] for key in ("commune", "from_day")},
        "is_farm_household": whole["is_farm_household"],
        "members": [
            one | ({"left_on": str(TODAY)} if one["person_id"] == person else {})
            for one in whole["members"]
        ],
    }
    anew = BOTH | {"If-Match": "*"}
    await ok(await client.put(f"/v1/households/{home}", json=body, headers=anew))
    child = a_member(person_id=person, relation="child", birth_date="2015-03-02")
    child["joined_on"] = str(TODAY)
    there = a_household(a_member(birth_date="1985-01-01"), child, commune=commune)
    await ok(await client.post("/v1/households", json=there, headers=BOTH))
    return str(there["household_id"])


async def limited(client: httpx.AsyncClient, home: str, person: str) -> str:
    """An objection to every use that is no duty of the state, granted; answers its id."""
    asked = {"request_id": str(new_id()), "household_id": home, "person_id": person}
    asked |= {"kind": "objection", "asked_by": "representative", "evidence": "12/2022"}
    asked["received_on"] = str(TODAY)
    await ok(await client.post("/v1/data-requests", json=asked, headers=HERE))
    granted = {"on": str(TODAY), "granted": True, "reason": "13/2022"}
    at = f"/v1/data-requests/{asked['request_id']}"
    await ok(await client.post(f"{at}/answer", json=granted, headers=HERE))
    return asked["request_id"]


async def read_file(
    client: httpx.AsyncClient, person: str, headers: dict[str, str], section: str
) -> list[dict[str, Any]]:
    """The rows of a section of the citizen's file."""
    answer = await client.get(
        f"/v1/persons/{person}/file", headers=headers | {"X-Purpose": "data-subject.1"}
    )
    sections = (await ok(answer))["sections"]
    [rows] = [one["rows"] for one in sections if one["name"] == section]
    found: list[dict[str, Any]] = rows
    return found


async def test_a_settled_pair_shows_both_as_they_were(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    pair = await a_pair(client, registry)
    at = f"/v1/duplicates/{pair['pair_id']}"
    clear = BOTH | {"X-Purpose": "duplicates"}
    before = await ok(await client.get(at, headers=clear))
    same = {"keep": pair["persons"][1], "reason": "Giấy khai sinh 12/2015"}
    await decided(client, at, "same", same)
    settled = await ok(await client.get(at, headers=clear))
    assert settled["sides"] == before["sides"]
    assert (settled["score"], settled["clues"]) == (before["score"], before["clues"])
    by = [(step["step"], step["recorded_by"]) for step in settled["steps"]]
    assert [step for step, _ in by] == ["propose_same", "same"]
    assert by[0][1] != by[1][1]
    # Each commune's officers see, as before, the record that was theirs, and no other.
    for own in (HERE, THERE):
        [side] = (await ok(await client.get(at, headers=own | PURPOSE)))["sides"]
        assert side in before["sides"]


async def test_of_the_record_that_stays_a_settled_pair_shows_nothing_where_it_has_left(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    home, person = await a_family(client, COMMUNE, NAME, numbers={"UIN": UIN})
    _, gone = await a_family(client, NEIGHBOUR, "Nong Thi Ha")
    await search(registry)
    [pair] = await queue(client)
    at = f"/v1/duplicates/{pair['pair_id']}"
    await decided(client, at, "same", {"keep": person, "reason": "Giấy khai sinh 12/2015"})
    new_home = await move(client, home, person, NEIGHBOUR)
    await name(client, new_home, person, address="Thôn Khuổi Ún")

    [kept] = (await ok(await client.get(at, headers=HERE | PURPOSE)))["sides"]
    assert (kept["person_id"], kept["name"], kept["numbers"]) == (person, None, {})
    assert await read_file(client, person, HERE, "identity") == []
    # Of the one that went its commune still knows what it was, and the person's file has it.
    sides = (await ok(await client.get(at, headers=THERE | PURPOSE)))["sides"]
    assert "Nong Thi Ha" in {side["name"] for side in sides}
    assert [row["value"] for row in await read_file(client, gone, THERE, "identity")] == [
        "Nong Thi Ha"
    ]
    file = await read_file(client, person, THERE, "identity")
    assert {row["value"] for row in file} == {NAME, UIN, "Nong Thi Ha", "Thôn Khuổi Ún"}


async def test_what_a_person_limited_holds_for_each_of_its_records_until_they_are_told_apart(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    home, gone = await a_family(client, COMMUNE, NAME, numbers={"UIN": UIN})
    stays_in, keep = await a_family(client, NEIGHBOUR, NAME)
    await search(registry)
    [pair] = await queue(client)
    limit = await limited(client, home, gone)
    at, credit = f"/v1/duplicates/{pair['pair_id']}", BOTH | {"X-Purpose": "credit"}

    async def masked() -> set[str]:
        sides = (await ok(await client.get(at, headers=credit)))["sides"]
        return {side["person_id"] for side in sides if side["name"] != NAME}

    assert await masked() == {gone}
    await decided(client, at, "same", {"keep": keep, "reason": "CCCD"})
    assert await masked() == {gone, keep}
    identity = f"/v1/households/{stays_in}/members/{keep}/identity"
    assert (await ok(await client.get(identity, headers=credit)))["is_masked"]
    # Whoever has the person answers what was asked under the record that went.
    [asked] = await read_file(client, keep, THERE, "requests")
    assert asked["evidence"] == "12/2022"
    assert len(await read_file(client, keep, THERE, "limits")) == 1
    assert await read_file(client, keep, THERE, "records") == [{"person_id": gone}]
    async with registry.as_worker() as worker, worker.transaction() as tx:
        third = UUID(int=1)  # a pair's records are as long a chain as people have settled
        await tx.execute(
            "INSERT INTO duplicate_pair SELECT $1, $1, other, one_household, other_household, "
            "score, clues, by_number, claimed_by, evidence, state, found_at, compared_at "
            "FROM duplicate_pair WHERE pair_id = $2",
            third,
            UUID(pair["pair_id"]),
        )
        assert await limited_among(tx, [third], TODAY, "credit", is_duty=False) == {third}
        await tx.execute("UPDATE duplicate_pair SET state = 'void' WHERE one = $1", third)

    await decided(client, at, "undo", {"reason": "Nhầm"})
    assert await masked() == {gone}
    assert await read_file(client, keep, THERE, "requests") == []
    unseen = await client.get(f"/v1/data-requests/{limit}", headers=THERE)
    assert unseen.status_code == 404

    await decided(client, at, "same", {"keep": keep, "reason": "CCCD"})
    lifted = {"on": str(TODAY), "reason": "14/2022"}
    await ok(await client.post(f"/v1/data-requests/{limit}/lifting", json=lifted, headers=THERE))
    assert await masked() == set()


async def test_a_person_is_told_who_read_either_record(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    pair = await a_pair(client, registry)
    at, keep = f"/v1/duplicates/{pair['pair_id']}", pair["persons"][0]
    [gone] = [
        side
        for side in (await ok(await client.get(at, headers=BOTH)))["sides"]
        if side["person_id"] != keep
    ]
    read = "/v1/households/{household_id}/members/{person_id}/identity".format(**gone)
    await ok(await client.get(read, headers=BOTH | {"X-Purpose": "complaint.kn-12"}))
    await decided(client, at, "same", {"keep": keep, "reason": "CCCD"})
    async with registry.as_worker() as connections, asyncio.timeout(90):
        purposes: set[str] = set()
        while "complaint.kn-12" not in purposes:
            await audit.SEALER.run(connections, SystemClock())
            headers = BOTH | {"X-Purpose": "data-subject.1"}
            file = await ok(await client.get(f"/v1/persons/{keep}/file", headers=headers))
            purposes = {line["purpose"] for line in file["accounts"]}

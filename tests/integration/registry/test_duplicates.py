"""The same person in two households: found by itself, settled by people, undone without a trace."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.security.roles import Role
from services.registry.app import build
from services.registry.duplicates.work import compare_next
from services.registry.vault import acts as vault_acts
from services.registry.vault.acts import PersonIdentity
from tests.integration.registry.builders import (
    COMMUNE,
    NEIGHBOUR,
    TODAY,
    a_household,
    a_member,
    events,
)
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT

BOTH = bearer(Role.OFFICER, Role.CHAIRMAN, areas=[COMMUNE, NEIGHBOUR])
HERE = bearer(Role.OFFICER, Role.CHAIRMAN, areas=[COMMUNE])
SECOND = bearer(Role.CHAIRMAN, subject="second", areas=[COMMUNE, NEIGHBOUR])
NAME, UIN = "Nông Thị Hà", "006315000123"


@pytest_asyncio.fixture
async def client(registry: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(build(), registry, clock=FixedDayClock(TODAY)) as client:
        yield client


async def ok(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


async def a_family(
    client: httpx.AsyncClient, commune: str, child: str, **who: Any
) -> tuple[str, str]:
    """A household with one named child; answers both ids."""
    young = a_member(relation="child", birth_date="2015-03-02", joined_on="2015-03-02")
    body = a_household(a_member(birth_date="1985-01-01"), young, commune=commune)
    await ok(await client.post("/v1/households", json=body, headers=BOTH))
    home, person = body["household_id"], young["person_id"]
    await name(client, home, person, name=child, **who)
    return home, person


async def name(client: httpx.AsyncClient, home: str, person: str, **who: Any) -> None:
    await ok(
        await client.put(
            f"/v1/households/{home}/members/{person}/identity",
            json={"from_day": "2022-05-01", **who},
            headers=BOTH | {"If-Match": "*"},
        )
    )


async def search(registry: ServiceDatabase) -> None:
    async with registry.as_worker() as worker:
        compared = 1
        while compared:
            async with worker.transaction() as tx:
                compared = await compare_next(tx, VAULT, most=1)


async def queue(client: httpx.AsyncClient, headers: dict[str, str] = BOTH) -> list[dict[str, Any]]:
    page = await ok(await client.get("/v1/duplicates", headers=headers))
    found: list[dict[str, Any]] = page["items"]
    return found


async def a_pair(client: httpx.AsyncClient, registry: ServiceDatabase) -> dict[str, Any]:
    """The same child, with a number here and none there."""
    await a_family(client, COMMUNE, NAME, numbers={"UIN": UIN})
    await a_family(client, NEIGHBOUR, "Nong Thi Ha")
    await search(registry)
    [pair] = await queue(client)
    return pair


async def decided(client: httpx.AsyncClient, at: str, step: str, stated: dict[str, Any]) -> None:
    """Proposed by one person and confirmed by another one."""
    await ok(await client.post(f"{at}/{step}", json=stated, headers=BOTH))
    alone = await client.post(f"{at}/confirmation", headers=BOTH)
    assert alone.json()["code"] == "duties.same_person"
    await ok(await client.post(f"{at}/confirmation", headers=SECOND))


async def members(client: httpx.AsyncClient, home: str) -> set[str]:
    answer = await ok(await client.get(f"/v1/households/{home}", headers=BOTH))
    return {member["person_id"] for member in answer["members"] if member["left_on"] is None}


async def test_a_child_in_two_communes_is_found_with_reasons_and_shown_masked(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    pair = await a_pair(client, registry)
    clues = {clue["clue"] for clue in pair["clues"]}
    assert {"name.unmarked", "birth.same", "sex.same"} <= clues
    at = f"/v1/duplicates/{pair['pair_id']}"
    masked = await ok(await client.get(at, headers=BOTH))
    assert len(masked["sides"]) == 2
    assert NAME not in json.dumps(masked, ensure_ascii=False)
    clear = await ok(await client.get(at, headers=BOTH | {"X-Purpose": "duplicates"}))
    assert {side["name"] for side in clear["sides"]} == {NAME, "Nong Thi Ha"}
    # The neighbour's officer sees the pair, and of the record that is not theirs nothing.
    [own] = (await ok(await client.get(at, headers=HERE)))["sides"]
    assert own["commune"] == COMMUNE


async def test_it_goes_from_the_queue_by_itself_once_the_data_tell_them_apart(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    home, person = await a_family(client, COMMUNE, NAME)
    await a_family(client, NEIGHBOUR, NAME)
    await search(registry)
    assert len(await queue(client)) == 1
    async with registry.as_api() as api, api.transaction(COMMUNE) as tx:  # by two persons
        another = PersonIdentity(UUID(person), UUID(home), date(2022, 5, 1), "Lường A Sinh")
        await vault_acts.record(tx, VAULT, [another])
    await search(registry)
    assert await queue(client) == []


async def test_one_record_stays_with_the_number_and_undoing_restores_both(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    pair = await a_pair(client, registry)
    at = f"/v1/duplicates/{pair['pair_id']}"
    detail = await ok(await client.get(at, headers=BOTH))
    [with_number] = [side for side in detail["sides"] if side["numbers"]]
    [without] = [side for side in detail["sides"] if not side["numbers"]]
    identity = "/v1/households/{household_id}/members/{person_id}/identity".format(**without)
    clear = BOTH | {"X-Purpose": "duplicates"}
    same = {"keep": without["person_id"], "reason": "Giấy khai sinh 12/2015"}
    await decided(client, at, "same", same)
    assert with_number["person_id"] not in await members(client, with_number["household_id"])
    assert (await ok(await client.get(identity, headers=clear)))["numbers"] == {"UIN": UIN}
    said = (await events(registry, with_number["household_id"]))[-1]
    assert said["data"]["act"]["kind"] == "merge_persons"
    assert await queue(client) == []

    before = await ok(await client.get(identity, headers=clear))
    await decided(client, at, "undo", {"reason": "Nhầm"})
    assert before["numbers"] == {"UIN": UIN}
    assert with_number["person_id"] in await members(client, with_number["household_id"])
    assert (await ok(await client.get(identity, headers=clear)))["numbers"] == {}
    back = "/v1/households/{household_id}/members/{person_id}/identity".format(**with_number)
    for day in ("2022-05-15", "2022-06-01"):  # as if it had never gone
        known = await ok(await client.get(back, params={"as_of": day}, headers=clear))
        assert (known["name"], known["numbers"]) == (NAME, {"UIN": UIN})
    assert len(await queue(client)) == 1


async def test_a_head_does_not_go_without_another_head(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    pairs = []
    for commune in (COMMUNE, NEIGHBOUR):
        head, child = a_member(), a_member(relation="child", birth_date="2015-03-02")
        child["joined_on"] = "2015-03-02"
        body = a_household(head, child, commune=commune)
        await ok(await client.post("/v1/households", json=body, headers=BOTH))
        await name(client, body["household_id"], head["person_id"], name="Ma Văn Tỷ")
        pairs.append((body["household_id"], head["person_id"], child["person_id"]))
    await search(registry)
    [pair] = await queue(client)
    (_, keep, _), (left, _, child_id) = pairs
    at = f"/v1/duplicates/{pair['pair_id']}"
    stated: dict[str, Any] = {"keep": keep, "reason": "CCCD"}
    refused = await client.post(f"{at}/same", json=stated, headers=BOTH)
    assert refused.status_code == 422
    stated["relations"] = {child_id: "head"}
    await decided(client, at, "same", stated)
    assert await members(client, left) == {child_id}


async def test_a_number_of_somebody_else_puts_both_side_by_side(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    await a_family(client, COMMUNE, NAME, numbers={"UIN": UIN})
    home, person = await a_family(client, NEIGHBOUR, "Lường A Sinh")
    claim = {"household_id": home, "person_id": person, "type": "UIN", "value": UIN}
    claim["evidence"] = "CCCD cấp 01/05/2022"
    answer = await client.post("/v1/duplicates/claims", json=claim, headers=BOTH)
    assert answer.status_code == 202
    await search(registry)
    [pair] = await queue(client)
    assert "number.same" in {clue["clue"] for clue in pair["clues"]}
    # Who claimed it does not decide, whoever proposed it.
    at = f"/v1/duplicates/{pair['pair_id']}"
    same = {"keep": pair["persons"][0], "reason": "CCCD"}
    await ok(await client.post(f"{at}/same", json=same, headers=SECOND))
    for headers in (BOTH, SECOND):
        refused = await client.post(f"{at}/confirmation", headers=headers)
        assert refused.json()["code"] == "duties.same_person"


async def test_what_was_told_apart_is_not_asked_again(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    pair = await a_pair(client, registry)
    at = f"/v1/duplicates/{pair['pair_id']}"
    half = await client.post(f"{at}/different", json={"reason": "Hai cháu"}, headers=HERE)
    assert half.json()["code"] == "duplicate.half_seen"
    await decided(client, at, "different", {"reason": "Hai cháu"})
    late = await client.post(
        f"{at}/same", json={"keep": pair["persons"][0], "reason": "x"}, headers=BOTH
    )
    assert late.json()["code"] == "duplicate.settled"
    [side, _] = (await ok(await client.get(at, headers=BOTH)))["sides"]
    await name(client, side["household_id"], side["person_id"], address="Thôn Khuổi Ún")
    await search(registry)
    assert await queue(client) == []


async def test_two_who_confirm_at_once_do_it_once(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    pair = await a_pair(client, registry)
    at = f"/v1/duplicates/{pair['pair_id']}"
    same = {"keep": pair["persons"][0], "reason": "CCCD"}
    await ok(await client.post(f"{at}/same", json=same, headers=BOTH))
    third = bearer(Role.PROVINCE, subject="third", areas=[COMMUNE, NEIGHBOUR])
    answers = await asyncio.gather(
        *(client.post(f"{at}/confirmation", headers=headers) for headers in (SECOND, third))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    steps = (await ok(await client.get(at, headers=BOTH)))["steps"]
    assert [step["step"] for step in steps] == ["propose_same", "same"]


async def test_a_pair_of_somebody_who_is_no_member_any_more_is_void(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    await a_family(client, COMMUNE, NAME)
    await a_family(client, NEIGHBOUR, NAME)
    await a_family(client, NEIGHBOUR, NAME)
    await search(registry)
    first, *_ = pairs = await queue(client)
    assert len(pairs) == 3
    at = f"/v1/duplicates/{first['pair_id']}"
    await decided(client, at, "same", {"keep": first["persons"][0], "reason": "CCCD"})
    await search(registry)
    [left] = await queue(client)
    assert first["persons"][1] not in left["persons"]

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
from libs.common.database import EVERY_AREA
from libs.common.ids import new_id
from libs.common.security.roles import Role
from libs.common.vocabulary import CloseReason
from services.registry.app import build
from services.registry.duplicates import store
from services.registry.duplicates.domain import PairState
from services.registry.households import acts
from services.registry.households.changing import Order
from services.registry.households.closing import close
from services.registry.households.reversing import Reversal, reverse
from services.registry.vault import acts as vault_acts
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import IdentifierType
from tests.integration.registry.builders import (
    COMMUNE,
    NEIGHBOUR,
    TODAY,
    a_household,
    a_member,
    events,
    stated,
)
from tests.integration.registry.twins import (
    BOTH,
    HERE,
    NAME,
    SECOND,
    UIN,
    a_family,
    a_pair,
    decided,
    members,
    name,
    ok,
    queue,
    search,
)
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT


@pytest_asyncio.fixture
async def client(registry: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(build(), registry, clock=FixedDayClock(TODAY)) as client:
        yield client


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
    homes = (with_number["household_id"], without["household_id"])
    for home, twin, relation in ((*homes, "member_to"), (*reversed(homes), "member_from")):
        told = await ok(await client.get(f"/v1/households/{home}/timeline?kind=act", headers=BOTH))
        [act] = [entry["details"] for entry in told["items"]]
        assert (act["household_id"], act["relation"]) == (twin, relation)

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
    said: dict[str, Any] = {"keep": keep, "reason": "CCCD"}
    refused = await client.post(f"{at}/same", json=said, headers=BOTH)
    assert refused.status_code == 422
    said["relations"] = {child_id: "head"}
    await decided(client, at, "same", said)
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


async def test_who_proposed_takes_it_back_until_somebody_confirms(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    pair = await a_pair(client, registry)
    at = f"/v1/duplicates/{pair['pair_id']}"
    nothing = await client.post(f"{at}/withdrawal", headers=BOTH)
    assert nothing.json()["code"] == "duplicate.not_proposed"
    await ok(await client.post(f"{at}/different", json={"reason": "Hai cháu"}, headers=BOTH))
    of_another = await client.post(f"{at}/withdrawal", headers=SECOND)
    assert of_another.json()["code"] == "duplicate.of_another"
    await ok(await client.post(f"{at}/withdrawal", headers=BOTH))
    late = await client.post(f"{at}/confirmation", headers=SECOND)
    assert late.json()["code"] == "duplicate.not_proposed"
    detail = await ok(await client.get(at, headers=BOTH))
    assert [step["step"] for step in detail["steps"]] == ["propose_different", "withdraw"]
    assert (detail["state"], detail["proposed"]) == ("open", None)


async def test_whatever_is_corrected_moves_or_is_taken_back_is_compared_again(
    registry: ServiceDatabase,
) -> None:
    async with registry.as_api() as api:

        async def is_found() -> bool:
            await search(registry)
            async with api.transaction(EVERY_AREA) as tx:
                return bool(await store.list_pairs_after(tx, PairState.OPEN, None, 1))

        async def called(place: int, **who: Any) -> None:
            one = PersonIdentity(people[place], homes[place], date(2022, 1, 5), **who)
            async with api.transaction(EVERY_AREA) as tx:
                await vault_acts.record(tx, VAULT, [one])

        async def corrected(day: date = date(2022, 1, 5), **facts: Any) -> None:
            bodies[1] |= {name: facts[name] for name in facts if name in bodies[1]}
            bodies[1]["members"][0] |= {n: facts[n] for n in facts if n not in bodies[1]}
            async with api.transaction(EVERY_AREA) as tx:
                await acts.correct(tx, stated(bodies[1]), day, TODAY, lambda version: None)

        bodies = [a_household(a_member(), commune=commune) for commune in (COMMUNE, NEIGHBOUR)]
        homes = [UUID(body["household_id"]) for body in bodies]
        people = [UUID(body["members"][0]["person_id"]) for body in bodies]
        async with api.transaction(EVERY_AREA) as tx:
            await acts.register(tx, [stated(body) for body in bodies], TODAY)
        await called(0, name=NAME)
        await called(1, name="Lường A Sinh")
        assert not await is_found()
        await called(1, name="Nông Thị Hạ")
        assert await is_found(), "a corrected name"
        await corrected(birth_date="1991-12-24")
        assert not await is_found(), "another birth date"
        await corrected(birth_date="1980-05-02")
        assert await is_found(), "a birth date a day off"
        for place in (0, 1):
            await called(place, numbers={IdentifierType.UIN: f"00618{place}00012{place}"})
        assert not await is_found(), "each has a number of its own"
        await called(1, name="Nông Thị Hoa")
        await called(1, numbers={IdentifierType.UIN: "006180000129"})
        await corrected(birth_date="1980-05-01")
        assert await is_found(), "numbers that differ in a digit"
        await called(1, numbers={IdentifierType.UIN: "006185777222"})
        await called(0, name="Lò Thị Hoa", numbers={IdentifierType.UIN: "006180000120"})
        assert not await is_found()


async def test_a_move_a_closing_and_its_reversal_are_compared_again(
    registry: ServiceDatabase,
) -> None:
    bodies = [a_household(a_member(), commune=commune) for commune in (COMMUNE, NEIGHBOUR)]
    homes = [UUID(body["household_id"]) for body in bodies]
    async with registry.as_api() as api:
        async with api.transaction(EVERY_AREA) as tx:
            await acts.register(tx, [stated(body) for body in bodies], TODAY)
            for body, called in zip(bodies, (NAME, "Nông Thị Mai"), strict=True):
                home, person = UUID(body["household_id"]), UUID(body["members"][0]["person_id"])
                one = PersonIdentity(person, home, date(2022, 1, 5), called)
                await vault_acts.record(tx, VAULT, [one])

        async def is_found() -> bool:
            await search(registry)
            async with api.transaction(EVERY_AREA) as tx:
                return bool(await store.list_pairs_after(tx, PairState.OPEN, None, 1))

        async def moved(to: str, day: str) -> None:
            bodies[1]["residence"] = {"commune": to, "from_day": day}
            async with api.transaction(EVERY_AREA) as tx:
                at = date.fromisoformat(day)
                await acts.correct(tx, stated(bodies[1]), at, TODAY, lambda version: None)

        assert not await is_found(), "part of a name and the day, in two communes"
        await moved(COMMUNE, "2022-02-01")
        assert await is_found(), "in one commune it is enough"
        closing = Order(new_id(), date(2022, 3, 1), new_id())
        async with api.transaction(EVERY_AREA) as tx:
            await close(tx, closing, homes[1], CloseReason.MOVED_AWAY, TODAY)
        assert not await is_found(), "who is no member is compared with nobody"
        async with api.transaction(EVERY_AREA) as tx:
            undo = Reversal(homes[1], closing.act_id)
            await reverse(tx, Order(new_id(), date(2022, 3, 2), new_id()), undo, TODAY)
        assert await is_found(), "the reversal brought them back"
        await moved(NEIGHBOUR, "2022-04-01")
        assert not await is_found()

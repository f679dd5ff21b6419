"""What requests propose to call persons: sealed, masked, recorded by two persons, taken back."""

import json

import httpx

from libs.common.security.encryption import KeyRing
from services.registry.vault.rotation import count_by_key, rotate
from tests.integration.changes.people import (
    ASKER,
    CHAIRMAN,
    EVIDENCE,
    SECOND,
    Body,
    Office,
    a_birth,
    ref,
    rules,
    said,
)
from tests.integration.registry.builders import events
from tests.support.servers import ServiceDatabase
from tests.support.vault import NEWER, OLDER

NAME, NUMBER = "Hoàng Thị Bé Út", "006315001234"
PURPOSE = {"X-Purpose": "register"}


def an_identity(household: Body, version: int = 1, **who: object) -> Body:
    person = household["members"][1]["person_id"]
    return {
        "kind": "identity",
        "household": ref(household, version),
        "person_id": person,
        "who": who,
    }


async def called(client: httpx.AsyncClient, household: Body, person: str) -> Body:
    path = f"/v1/households/{household['household_id']}/members/{person}/identity"
    return said(await client.get(path, headers=ASKER), 200)


async def stored(registry: ServiceDatabase) -> str:
    """Every row of change requests and events, as text."""
    async with registry.as_worker() as connections, connections.transaction() as tx:
        rows = await tx.fetch(
            "SELECT to_jsonb(r)::text AS row FROM change_request AS r "
            "UNION ALL SELECT convert_from(body, 'UTF8') FROM event_log"
        )
    return "\n".join(row["row"] for row in rows)


async def test_a_name_is_corrected_by_two_persons_and_stands_nowhere_in_clear(
    office: Office, registry: ServiceDatabase
) -> None:
    household = await office.household()
    person = household["members"][1]["person_id"]
    first = await office.ask(an_identity(household, name="Hoàng Thị Bé"))
    await office.decide(first)
    change = await office.ask(an_identity(household, name=NAME, numbers={"UIN": NUMBER}))
    assert (change["persons"]["count"], change["is_masked"]) == (2, True)
    shown = {one["fact"]: (one["before"], one["after"]) for one in change["changes"]}
    assert shown["name"] == ({"masked": "H*** T*** B***"}, {"masked": "H*** T*** B*** Ú***"})
    assert shown["number"] == (None, {"masked": "UIN ***234"})

    path = f"/v1/change-requests/{change['change_id']}"
    assert (
        await office.client.get(path, headers=CHAIRMAN | {"X-Purpose": "curiosity"})
    ).status_code == 403
    clear = said(await office.client.get(path, headers=CHAIRMAN | PURPOSE), 200)
    assert clear["named"] == [
        {"person_id": person, "name": NAME, "numbers": {"UIN": NUMBER}, "address": None}
    ]
    assert clear["evidence"]["number"] == EVIDENCE["number"]

    done = await office.decide(change)
    assert done["named"] == []
    assert (await called(office.client, household, person))["name"] == "H*** T*** B*** Ú***"
    rows = await stored(registry)
    for secret in (NAME, NUMBER, json.dumps(NAME)[1:-1], str(EVIDENCE["number"])):
        assert secret not in rows
    assert len(await events(registry, household["household_id"])) == 1


async def test_a_corrected_name_is_taken_back_and_a_first_one_is_not(office: Office) -> None:
    household = await office.household()
    person = household["members"][1]["person_id"]
    first = await office.ask(an_identity(household, name="Hoàng Thị Bé"))
    await office.decide(first)
    second = await office.ask(an_identity(household, name=NAME))
    await office.decide(second)
    undo = {"kind": "reversal", "change_id": second["change_id"]}
    await office.decide(await office.ask(undo))
    assert (await called(office.client, household, person))["name"] == "H*** T*** B***"
    refusal = await office.ask(undo | {"change_id": first["change_id"]}, status=409)
    assert refusal["code"] == "change.names_not_reversible"


async def test_a_child_comes_with_its_name_and_a_number_of_somebody_else_is_refused(
    office: Office, registry: ServiceDatabase
) -> None:
    household = await office.household()
    await office.decide(await office.ask(an_identity(household, numbers={"UIN": NUMBER})))
    birth = a_birth(household)
    (child,) = birth["children"]
    child["who"] = {"name": NAME, "numbers": {"UIN": NUMBER}}
    taken = await office.ask(birth, status=409)
    assert rules(taken) == {("/proposal/children/0/who", "identifier.taken")}
    child["who"] = {"name": "12345"}
    assert rules(await office.ask(birth, status=422)) == {
        ("/proposal/children/0/who/name", "name.form")
    }
    child["who"] = {"name": NAME}
    change = await office.ask(birth)
    assert change["persons"]["count"] == 1
    await office.act(change, "approve", SECOND)
    newborn = change["proposal"]["children"][0]["person_id"]
    assert (await called(office.client, household, newborn))["name"] == "H*** T*** B*** Ú***"


async def test_what_is_sealed_with_a_request_moves_to_a_newer_key(
    office: Office, registry: ServiceDatabase
) -> None:
    household = await office.household()
    await office.ask(an_identity(household, name=NAME))
    newer = KeyRing([NEWER, OLDER])
    async with registry.as_worker() as connections:
        assert await rotate(connections, newer) == 1
        assert (await count_by_key(connections)).values == {newer.newest: 1}

"""A person's own data: the file, limits of use, and the end of retention."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from libs.common.clock import FixedDayClock, SystemClock
from libs.common.ids import new_id
from libs.common.security import audit
from libs.common.security.roles import Role
from libs.common.vocabulary import StatusClass
from services.registry.app import build
from services.registry.citizens.retention import forget
from services.registry.duplicates import key_store
from services.registry.vault.former import names_when_left
from tests.integration.registry.builders import (
    COMMUNE,
    NEIGHBOUR,
    a_household,
    a_member,
    count,
    decide,
)
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT

CHAIRMAN = bearer(Role.OFFICER, Role.CHAIRMAN, areas=[COMMUNE])
TODAY = date(2026, 3, 6)
NAME, UIN = "Nông Thị Hà", "006180000123"


@pytest_asyncio.fixture
async def client(registry: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(build(), registry, clock=FixedDayClock(TODAY)) as client:
        yield client


async def ok(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


async def a_person(client: httpx.AsyncClient, **facts: Any) -> tuple[str, str]:
    """A named member beside the head; answers household and person."""
    # Nobody is named after having left, so leaving is recorded afterwards.
    person = a_member(relation="spouse", birth_date="1980-02-01")
    body = a_household(a_member(birth_date="1979-02-01"), person)
    await ok(await client.post("/v1/households", json=body, headers=CHAIRMAN))
    home = body["household_id"]
    identity = {"name": NAME, "numbers": {"UIN": UIN}, "from_day": "2022-05-01"}
    await ok(
        await client.put(
            f"/v1/households/{home}/members/{person['person_id']}/identity",
            json=identity,
            headers=CHAIRMAN | {"If-Match": "*"},
        )
    )
    if facts:
        head, spouse = body["members"]
        changed = {name: body[name] for name in ("residence", "is_farm_household")}
        changed["members"] = [head, spouse | facts]
        await ok(
            await client.put(
                f"/v1/households/{home}", json=changed, headers=CHAIRMAN | {"If-Match": "*"}
            )
        )
    return home, person["person_id"]


async def ask_for_a_change(client: httpx.AsyncClient, home: str, proposal: dict[str, Any]) -> None:
    found = await ok(await client.get(f"/v1/households/{home}", headers=CHAIRMAN))
    household = {"household_id": home, "version": found["version"]}
    asked = {
        "proposal": proposal | {"household": household},
        "evidence": {
            "kind": "application",
            "number": "1/2022",
            "issued_on": "2022-05-01",
            "issued_by": "UBND xã",
        },
        "effective_on": "2022-05-01",
    }
    await ok(await client.post("/v1/change-requests", json=asked, headers=CHAIRMAN))


def held(file: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The rows of a section of the file."""
    [rows] = [section["rows"] for section in file["sections"] if section["name"] == name]
    found: list[dict[str, Any]] = rows
    return found


async def read(client: httpx.AsyncClient, home: str, person: str, purpose: str) -> dict[str, Any]:
    return await read_by(client, CHAIRMAN | {"X-Purpose": purpose}, home, person)


async def read_by(
    client: httpx.AsyncClient, headers: dict[str, str], home: str, person: str
) -> dict[str, Any]:
    answer = await client.get(f"/v1/households/{home}/members/{person}/identity", headers=headers)
    found: dict[str, Any] = await ok(answer)
    return found


async def test_the_file_holds_everything_and_who_read_it(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    home, person = await a_person(client)
    for proposal in (
        {"kind": "correction", "members": [{"person_id": person, "sex": "male"}]},
        {"kind": "identity", "person_id": person, "who": {"name": "Nông Thị Hạ"}},
    ):
        await ask_for_a_change(client, home, proposal)
    await read(client, home, person, "complaint.kn-12")
    async with registry.as_worker() as connections, asyncio.timeout(90):
        accounts: list[dict[str, Any]] = []
        while not any(line["purpose"] == "complaint.kn-12" for line in accounts):
            await audit.SEALER.run(connections, SystemClock())
            answer = await client.get(
                f"/v1/persons/{person}/file", headers=CHAIRMAN | {"X-Purpose": "data-subject.01"}
            )
            file = await ok(answer)
            accounts = file["accounts"]
    assert {one["kind"]: one["value"] for one in held(file, "identity")} == {
        "name": NAME,
        "UIN": UIN,
    }
    assert [one["household_id"] for one in held(file, "memberships")] == [home]
    places = [(one["commune_name"], one["commune"]) for one in held(file, "residences")]
    assert places == [(f"Đơn vị {COMMUNE}", COMMUNE)]
    # What was asked to be changed, as the request's screen says it.
    asked = [(one["fact"], one["before"], one["after"]) for one in held(file, "changes")]
    assert asked == [
        ("sex", {"vi": "Nữ", "en": "Female"}, {"vi": "Nam", "en": "Male"}),
        ("name", None, None),
    ]
    refused = await client.get(f"/v1/persons/{person}/file", headers=CHAIRMAN)
    assert refused.json()["code"] == "purpose.needed"


async def test_what_a_person_objects_to_is_masked_until_it_is_lifted(
    client: httpx.AsyncClient,
) -> None:
    home, person = await a_person(client)
    asked = {
        "request_id": str(new_id()),
        "household_id": home,
        "person_id": person,
        "kind": "objection",
        "asked_by": "self",
        "received_on": "2026-03-02",
        "evidence": "12/2026",
    }
    await ok(await client.post("/v1/data-requests", json=asked, headers=CHAIRMAN))
    at = f"/v1/data-requests/{asked['request_id']}"
    assert (await read(client, home, person, "credit"))["name"] == NAME
    answer = {"on": "2026-03-03", "granted": True, "reason": "13/2026"}
    await ok(await client.post(f"{at}/answer", json=answer, headers=CHAIRMAN))
    # A duty of the state goes on; a contract with the bank does not.
    assert (await read(client, home, person, "credit"))["is_masked"]
    assert (await read(client, home, person, "review"))["name"] == NAME
    lifted = {"on": "2026-03-05", "reason": "14/2026"}
    await ok(await client.post(f"{at}/lifting", json=lifted, headers=CHAIRMAN))
    assert (await read(client, home, person, "credit"))["name"] == NAME
    history = await client.get(f"/v1/households/{home}/timeline?kind=request", headers=CHAIRMAN)
    steps = [(one["details"]["step"], one["person_id"]) for one in (await ok(history))["items"]]
    assert sorted(steps) == [(step, person) for step in ("grant", "lift", "receive")]


async def test_who_died_is_read_where_the_last_household_is_and_who_joined_another_is_not(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    home, person = await a_person(client, left_on="2022-06-01", left_reason="died")
    assert (await read(client, home, person, "support"))["name"] == NAME
    purpose = {"X-Purpose": "data-subject.02"}
    file = f"/v1/persons/{person}/file"
    known = held(await ok(await client.get(file, headers=CHAIRMAN | purpose)), "identity")
    assert {one["value"] for one in known} == {NAME, UIN}
    at = f"/v1/households/{home}/members/{person}/identity"
    there = bearer(Role.OFFICER, areas=[NEIGHBOUR]) | {"X-Purpose": "support"}
    assert (await client.get(at, headers=there)).status_code == 404
    # What was not known yet of who died is still recorded there, and nothing replaced by one alone.
    late = {"numbers": {"DRN": "12/2022"}, "from_day": "2022-06-02"}
    recorded = CHAIRMAN | {"If-Match": "*"}
    assert (await client.put(at, json=late, headers=recorded)).is_success
    other = await client.put(at, json=late | {"name": "Lò Thị Hà"}, headers=recorded)
    assert other.json()["code"] == "change.takes_two"

    # It was an error: the person lives, in another commune, which alone sees who that is.
    back = a_member(person_id=person, birth_date="1980-02-01", joined_on="2022-06-01")
    body = a_household(back, commune=NEIGHBOUR)
    await ok(await client.post("/v1/households", json=body, headers=there))
    assert (await read_by(client, there, body["household_id"], person))["name"] == NAME
    assert (await client.get(at, headers=CHAIRMAN)).status_code == 404
    refused = await client.put(at, json=late, headers=recorded)
    assert (refused.status_code, refused.json()["code"]) == (409, "person.in_another_household")
    assert held(await ok(await client.get(file, headers=CHAIRMAN | purpose)), "identity") == []
    # What the old household called the one who left, its page still says.
    async with registry.as_api() as api, api.transaction(COMMUNE) as tx:
        assert await names_when_left(tx, VAULT, UUID(home)) == {UUID(person): NAME}
    async with registry.as_api() as api, api.transaction(NEIGHBOUR) as tx:
        assert await names_when_left(tx, VAULT, UUID(home)) == {}


async def test_names_and_numbers_end_ten_years_after_the_last_household(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    _, person = await a_person(client, left_on="2022-06-01")
    async with registry.as_worker() as connections:
        async with connections.transaction() as tx:
            await key_store.file(tx, [UUID(person)], {UUID(person): [1, 2]})
        await forget(connections, FixedDayClock(date(2032, 6, 1)))
        assert await count(registry, "identifier") == 1
        await forget(connections, FixedDayClock(date(2032, 6, 2)))
    for table in ("person_name", "identifier", "name_token", "duplicate_key"):
        assert await count(registry, table) == 0
    async with registry.as_worker() as connections, connections.transaction() as tx:
        acts = {row["act"] for row in await tx.fetch("SELECT act FROM audit_line")}
    assert "end of retention" in acts


async def test_of_a_household_that_was_left_only_the_time_of_the_stay_is_told(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    home, person = await a_person(client, left_on="2022-06-01")
    for number, day in (("1", "2022-01-01"), ("2", "2025-01-01")):
        rows = [(UUID(home), StatusClass.POOR)]
        await decide(registry, rows, number=number, effective_on=date.fromisoformat(day))
    headers = CHAIRMAN | {"X-Purpose": "data-subject.01"}
    file = await ok(await client.get(f"/v1/persons/{person}/file", headers=headers))
    assert [one["number"] for one in held(file, "decisions")] == ["1"]
    assert {one["value"] for one in held(file, "identity")} == {NAME, UIN}, "also of who has left"

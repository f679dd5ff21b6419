"""A household's history: what became known when, what held on a day, who read it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from libs.common.clock import FixedDayClock, SystemClock
from libs.common.ids import new_id
from libs.common.security import audit
from libs.common.security.roles import Role
from libs.common.security.subjects import lines_about, note_next, roles_of
from libs.common.vocabulary import HouseholdActKind, LinkRelation, StatusClass
from services.registry.app import build
from services.registry.households import acts as households
from services.registry.lineage.domain import ActRow
from services.registry.lineage.store import NewRow, insert_acts
from tests.integration.registry.builders import (
    COMMUNE,
    NEIGHBOUR,
    TODAY,
    a_household,
    decide,
    stated,
)
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase

BOTH = bearer(Role.OFFICER, areas=[COMMUNE, NEIGHBOUR])
NEIGHBOURS_OFFICER = bearer(Role.OFFICER, areas=[NEIGHBOUR])


@pytest_asyncio.fixture
async def client(registry: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(build(), registry, clock=FixedDayClock(TODAY)) as client:
        yield client


async def history(client: httpx.AsyncClient, household: str, **asked: Any) -> list[dict[str, Any]]:
    """The whole history, two entries a page."""
    entries: list[dict[str, Any]] = []
    after: dict[str, Any] = {}
    while True:
        answer = await client.get(
            f"/v1/households/{household}/timeline",
            params={"limit": 2, **asked, **after},
            headers=BOTH,
        )
        assert answer.status_code == 200, answer.text
        entries += answer.json()["items"]
        if (cursor := answer.json()["next"]) is None:
            return entries
        after = {"after": cursor}


async def moved(client: httpx.AsyncClient, registry: ServiceDatabase) -> dict[str, Any]:
    """A household of two, decided poor, whose child was found to be a year older as it moved."""
    body = a_household()
    await client.post("/v1/households", json=body, headers=BOTH)
    await decide(registry, [(UUID(body["household_id"]), StatusClass.POOR)])
    head, child = body["members"]
    correction = body | {
        "residence": {"commune": NEIGHBOUR, "from_day": "2022-03-01"},
        "members": [head, child | {"birth_date": "2014-03-02"}],
    }
    async with (
        registry.as_api() as connections,
        connections.transaction(f"{COMMUNE},{NEIGHBOUR}") as tx,
    ):
        await households.correct(tx, stated(correction), TODAY, TODAY, lambda _: None)
    return body


async def test_every_fact_decision_and_event_stands_once_newest_first(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    body = await moved(client, registry)
    kinds = ["residence", "member", "decision", "event"]
    entries = await history(client, body["household_id"], kind=kinds)
    assert [entry["at"] for entry in entries] == sorted((e["at"] for e in entries), reverse=True)
    of = {kind: [entry for entry in entries if entry["kind"] == kind] for kind in kinds}
    assert [entry["from_day"] for entry in of["residence"]] == [
        "2022-03-01",
        "2005-01-01",
        "2005-01-01",
    ]
    assert [entry["title"]["vi"] for entry in of["member"]] == [
        "Sửa thông tin thành viên",
        "Vào hộ",
        "Vào hộ",
    ]
    changed = {change["fact"]: change["after"] for change in of["member"][0]["changes"]}
    assert changed == {"birth_date": "2014-03-02", "birth_year": 2014}
    assert of["decision"][0]["details"]["status"] == "poor"
    assert [entry["details"]["version"] for entry in of["event"]] == [3, 2, 1]


async def test_as_of_a_day_and_as_known_then(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    body = await moved(client, registry)
    whole = await history(client, body["household_id"], kind="residence")
    then = await history(client, body["household_id"], kind="residence", as_of="2022-02-01")
    assert [entry["until"] for entry in then] == ["2022-03-01", None]
    first = await history(client, body["household_id"], known_at=whole[-1]["at"])
    assert {entry["kind"] for entry in first} == {"residence", "member", "event"}


async def test_who_read_the_household_and_why_is_shown_once_it_is_sealed(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    body = await moved(client, registry)
    household = body["household_id"]
    purpose = {"X-Purpose": "complaint-12"}
    await client.get(f"/v1/households/{household}", headers=NEIGHBOURS_OFFICER | purpose)
    async with registry.as_worker() as connections, asyncio.timeout(90):
        reads: list[dict[str, Any]] = []
        while "complaint-12" not in {read["purpose"] for read in reads}:
            reads = await history(client, household, kind="read")
            await audit.SEALER.run(connections, SystemClock())
            await asyncio.sleep(0.05)
    [read] = [read for read in reads if read["purpose"] == "complaint-12"]
    assert read["details"]["act"] == "GET /v1/households/{household_id}"
    assert read["details"]["about"] == [household]


async def test_acts_with_the_other_household_and_that_a_name_was_recorded_never_which(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    body = a_household()
    home, person = body["household_id"], body["members"][0]["person_id"]
    await client.post("/v1/households", json=body, headers=BOTH)
    at = f"/v1/households/{home}/members/{person}/identity"
    said = {"name": "Vàng A Páo", "numbers": {"BRN": "KS-1"}, "from_day": "2022-01-05"}
    answer = await client.put(at, json=said, headers=BOTH | {"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    act = ActRow(
        new_id(),
        HouseholdActKind.SPLIT,
        1,
        TODAY,
        None,
        None,
        LinkRelation.SPLIT_INTO,
        new_id(),
        to_review=False,
        reverses=None,
        recorded_at=datetime.now(UTC),
    )
    async with registry.as_api() as api, api.transaction(COMMUNE) as tx:
        await insert_acts(tx, [NewRow(UUID(home), COMMUNE, new_id(), act)])
    entries = await history(client, home, kind=["identity", "act"])
    assert "Páo" not in str(entries)
    split, *recorded = entries
    assert (split["title"]["en"], split["details"]["household_id"]) == ("Split", str(act.other_id))
    assert {one["details"]["what"] for one in recorded} == {"name", "BRN"}
    assert {one["person_id"] for one in recorded} == {person}


async def test_an_officer_of_another_commune_sees_no_history(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    body = a_household()
    await client.post("/v1/households", json=body, headers=BOTH)
    answer = await client.get(
        f"/v1/households/{body['household_id']}/timeline", headers=NEIGHBOURS_OFFICER
    )
    assert answer.status_code == 404


async def test_subjects_are_noted_in_portions_that_an_interruption_does_not_lose(
    registry: ServiceDatabase,
) -> None:
    people = [new_id() for _ in range(6)]
    async with registry.as_worker() as connections:
        for first in range(0, 6, 2):
            async with connections.transaction() as tx:
                line = audit.AuditLine(
                    "tester",
                    "officer",
                    "read",
                    "GET /x",
                    "person",
                    (people[first], people[first + 1]),
                    None,
                    new_id(),
                    None,
                )
                await audit.write_line(tx, line)
        async with asyncio.timeout(90):
            sealed = 0
            while sealed < 3:
                async with connections.transaction() as tx:
                    sealed += await audit.seal(tx)
        steps = 0
        noted = True
        while noted:
            async with connections.transaction() as tx:
                noted = await note_next(tx, portion=3)
                steps += noted
        async with connections.transaction() as tx:
            rows = await tx.fetch("SELECT subject FROM audit_subject")
            roles = await roles_of(tx, people, ["tester", "nobody"])
            written = await lines_about(tx, people, None, 9, kinds=["write"])
    assert (roles, written) == ({"tester": "officer"}, [])
    assert {row["subject"] for row in rows} == set(people)
    assert steps >= 2

"""The insurer answers the roll: by pages, in any order; officers see what came of it."""

from collections.abc import Iterable
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from libs.common.areas import store as areas
from libs.common.clock import FixedDayClock
from libs.common.contracts.entitlement import EntitlementData
from libs.common.contracts.household import HouseholdData
from libs.common.database import EVERY_AREA, Database
from libs.common.ids import new_id
from libs.common.messaging.generations import GENERATION
from libs.common.security.roles import Role
from libs.common.vocabulary import Relation, StatusClass
from services.eligibility.app import build
from services.eligibility.cards.store import LIST, LIST_NOT_ISSUED
from services.eligibility.entitlements.handlers import on_household
from services.eligibility.insurance.handlers import on_entitlements
from services.eligibility.sweeps.store import move_law_day
from tests.support.areas import pac_nam
from tests.support.edge import bearer, open_client
from tests.support.eligibility import (
    NEW_YEAR,
    a_household,
    a_member,
    a_status,
    an_area,
    deliver,
    received,
    said,
    with_facts,
)
from tests.support.servers import ServiceDatabase

TODAY = date(2022, 6, 1)
ELSEWHERE = "01864"
INSURER = bearer(Role.INSURER)
ESCAPES = date(2022, 5, 1)


@pytest_asyncio.fixture(autouse=True)
async def in_june(database: Database) -> None:
    async with database.transaction() as tx:
        await move_law_day(tx, TODAY)
        await areas.keep(tx, ((1, unit) for unit in pac_nam()))


def poor_household() -> HouseholdData:
    """Two grown-ups who are poor."""
    grown_ups = (
        a_member(date(1990, 3, 3), Relation.HEAD),
        a_member(date(1991, 3, 3), Relation.SPOUSE),
    )
    return a_household(a_status(StatusClass.POOR), members=grown_ups)


async def enrol(database: Database, household: HouseholdData, version: int = 1) -> dict[str, Any]:
    """The registry says it, and its roll is drawn up; answers the newest event on the roll."""
    await deliver(database, on_household, received(household, version))
    rights = (await said(database, "entitlement", household.household_id))[-1]
    data = EntitlementData.model_validate(rights["data"])
    await deliver(database, on_entitlements, received(data, int(rights["sequence"])))
    return (await said(database, "insurance", household.household_id))[-1]


def lines_of(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of a roll, as an answer gives them back."""
    return [
        {
            "household_id": event["subject"],
            "roll_version": int(event["sequence"]),
            **{name: period[name] for name in ("person_id", "group", "from_day", "until")},
        }
        for period in event["data"]["periods"]
    ]


def issued(line: dict[str, Any], number: int = 1) -> dict[str, Any]:
    card = {"card_reference": str(UUID(int=number)), "benefit_level": 2}
    period = {"valid_from": line["from_day"], "valid_until": line["until"]}
    return {**answered(line, number, "issued"), **card, **period}


def rejected(line: dict[str, Any], number: int = 1) -> dict[str, Any]:
    return {**answered(line, number, "rejected"), "reason": "other_group"}


def withdrawn(line: dict[str, Any], number: int) -> dict[str, Any]:
    return {**answered(line, number, "withdrawn"), "reason": "left_roll"}


def answered(line: dict[str, Any], number: int, state: str) -> dict[str, Any]:
    return {**line, "number": number, "state": state, "answered_on": str(TODAY)}


async def tell(client: httpx.AsyncClient, *lines: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post("/v1/insurance/cards", json={"lines": lines}, headers=INSURER)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def listed(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    """Every answer that counts, page by page."""
    items: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        answer = await client.get(
            "/v1/insurance/cards", params={"limit": "2", **query, **after}, headers=INSURER
        )
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if answer.json()["next"] is None:
            return items
        after = {"after": answer.json()["next"]}


def standing(items: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((item["state"], item["standing"]) for item in items)


async def test_each_line_of_a_page_is_recorded_unchanged_or_refused_by_itself(
    service: ServiceDatabase, database: Database
) -> None:
    """And is said once, as following from the roll that it answers."""
    household, other = poor_household(), poor_household()
    roll = await enrol(database, household)
    first, second = lines_of(roll)
    (unheard, _), never = lines_of(await enrol(database, other)), {**first, "roll_version": 2}
    unheard = {**unheard, "group": "CN"}
    async with open_client(build(), service, clock=FixedDayClock(TODAY)) as client:
        done = await tell(client, issued(first), rejected(second), issued(never), issued(unheard))
        again = await tell(client, issued(first), {**issued(second), "number": 1})
        alien = await client.post(
            "/v1/insurance/cards",
            json={"lines": [issued(first, 2)]},
            headers=bearer(Role.INSURER, areas=[ELSEWHERE]),
        )
        assert (
            await client.post("/v1/insurance/cards", json={}, headers=bearer(Role.OFFICER))
        ).status_code == 403
        work = await listed(client, state="rejected", standing="current", area="01882")
        everything = await listed(client)
    results = [line["result"] for line in done["lines"]]
    assert results == ["recorded", "recorded", "refused", "refused"]
    assert [line["code"] for line in done["lines"][2:]] == ["card.roll_unknown", "card.not_on_roll"]
    error = done["lines"][3]["errors"][0]
    assert (error["pointer"], error["rule"]) == ("/lines/3/person_id", "card.not_on_roll")
    assert error["fix"]["vi"]
    assert (again["unchanged"], again["refused"]) == (1, 1)
    assert again["lines"][1]["code"] == "card.number_taken"
    assert alien.json()["lines"][0]["code"] == "card.roll_unknown"

    assert [item["person_id"] for item in work] == [second["person_id"]]
    assert standing(everything) == [("issued", "current"), ("rejected", "current")]
    [event] = await said(database, "card")
    assert event["subject"] == str(household.household_id)
    assert (event["causationid"], event["correlationid"]) == (roll["id"], roll["correlationid"])
    assert event["traceparent"] == roll["traceparent"]
    assert sorted(card["state"] for card in event["data"]["cards"]) == ["issued", "rejected"]
    assert "reference" not in str(event)


async def test_in_any_order_the_answers_and_the_roll_end_the_same(
    service: ServiceDatabase, database: Database
) -> None:
    """The roll is open, ends, and is open again; each of it is answered, whenever that arrives."""
    ends = []
    async with open_client(build(), service, clock=FixedDayClock(TODAY)) as client:
        for seed in range(5):
            household, random = poor_household(), Random(seed)
            waiting: list[dict[str, Any]] = []
            for version, until in enumerate((None, ESCAPES, None), 1):
                poor = a_status(StatusClass.POOR, NEW_YEAR, until)
                roll = await enrol(database, with_facts(household, statuses=(poor,)), version)
                first, second = lines_of(roll)
                number = 2 * version
                waiting += [issued(first, number), rejected(second, number)]
                waiting += [withdrawn(first, number - 1)]
                random.shuffle(waiting)
                part = waiting[: random.randrange(len(waiting))] if seed else []
                report = await tell(client, *part, *part) if part else {"refused": 0}
                assert report["refused"] == 0
                waiting = waiting if random.random() < 0.5 else waiting[len(part) :]
            await tell(client, *waiting)
            answer = await client.get(
                f"/v1/households/{household.household_id}/cards", headers=INSURER
            )
            found = answer.json()
            assert found["awaited"] == []
            ends.append(
                [
                    (one["number"], one["state"], one["standing"], one["until"])
                    for one in found["answers"]
                ]
            )
            newest = (await said(database, "card", household.household_id))[-1]
            assert {card["number"] for card in newest["data"]["cards"]} == {6}
    assert all(sorted(end) == sorted(ends[0]) for end in ends)
    assert len(ends[0]) == 9
    current = [one for one in ends[0] if one[2] == "current"]
    assert sorted(current) == [(6, "issued", "current", None), (6, "rejected", "current", None)]


async def test_a_card_is_outdated_once_the_roll_has_moved_on(
    service: ServiceDatabase, database: Database
) -> None:
    """Until the insurer answers; and answers go with their household to another commune."""
    household = poor_household()
    first, second = lines_of(await enrol(database, household))
    async with open_client(build(), service, clock=FixedDayClock(TODAY)) as client:
        await tell(client, issued(first))
        before = await client.get(f"/v1/households/{household.household_id}/cards", headers=INSURER)
        ended = with_facts(household, statuses=(a_status(StatusClass.POOR, NEW_YEAR, ESCAPES),))
        shorter, _ = lines_of(await enrol(database, ended, 2))
        assert standing(await listed(client)) == [("issued", "outdated")]
        assert await listed(client, standing="current") == []
        await tell(client, issued(shorter, 2))
        assert standing(await listed(client)) == [("issued", "current")]

        gone = with_facts(household, statuses=(), area=an_area(ELSEWHERE))
        await enrol(database, gone, 3)
        assert standing(await listed(client, area=ELSEWHERE)) == [("issued", "outdated")]
        assert await listed(client, area="01882") == []
        await tell(client, withdrawn(shorter, 3))
        assert standing(await listed(client)) == [("withdrawn", "current")]
        await enrol(database, with_facts(household, area=an_area(ELSEWHERE)), 4)
        assert standing(await listed(client)) == [("withdrawn", "outdated")]
        for commune, status in (("01882", 404), (ELSEWHERE, 200)):
            answer = await client.get(
                f"/v1/households/{household.household_id}/cards",
                headers=bearer(Role.OFFICER, areas=[commune]),
            )
            assert answer.status_code == status
    assert [one["person_id"] for one in before.json()["awaited"]] == [second["person_id"]]
    assert [one["number"] for one in answer.json()["answers"]] == [1, 2, 3]
    assert len(answer.json()["awaited"]) == 2
    assert answer.json()["roll_version"] == 4


async def test_what_only_others_know_since_a_restore_is_said_at_the_next_answer(
    service: ServiceDatabase, database: Database
) -> None:
    household = poor_household()
    first, _ = lines_of(await enrol(database, household))
    async with open_client(build(), service, clock=FixedDayClock(TODAY)) as client:
        await tell(client, issued(first))
        async with database.transaction() as tx:
            await tx.execute(
                "UPDATE stream_head SET version = $1 WHERE stream = 'card'", GENERATION
            )
        await tell(client, issued(first))
        await tell(client, issued(first))
    assert [int(event["sequence"]) for event in await said(database, "card")] == [1, GENERATION + 1]


async def test_a_page_walks_an_index(database: Database) -> None:
    """Whoever works through refusals does not read past every issued card."""
    async with database.transaction() as tx:
        await tx.execute(
            "INSERT INTO card_answer (household_id, person_id, group_code, from_day, number, "
            "commune, roll_version, told_at, state, reason, reference, valid_from, answered_on, "
            "recorded_by, recorded_at) SELECT gen_random_uuid(), gen_random_uuid(), 'HN', $1, 1, "
            "'01882', 1, now(), CASE WHEN n % 50 = 0 THEN 'rejected' ELSE 'issued' END, "
            "CASE WHEN n % 50 = 0 THEN 'other' END, gen_random_uuid(), $1, $1, 'tester', now() "
            "FROM generate_series(1, 4000) AS n",
            NEW_YEAR,
        )
        await tx.execute("ANALYZE card_answer")
    place = ("01882", new_id(), new_id(), "HN", NEW_YEAR)
    async with database.transaction(EVERY_AREA) as tx:
        for statement, index, arguments in (
            (LIST, "card_answer_page", ()),
            (LIST_NOT_ISSUED, "card_answer_not_issued", ("rejected",)),
        ):
            asked = (["01882"], *place, None, 10, *arguments)
            plan = "\n".join(row[0] for row in await tx.fetch(f"EXPLAIN {statement}", *asked))
            assert index in plan
            assert "Seq Scan" not in plan

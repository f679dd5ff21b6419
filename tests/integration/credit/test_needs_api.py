"""A loan need over HTTP, from the household's application to the bank's payment."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from libs.common.database import EVERY_AREA
from libs.common.ids import new_id
from libs.common.security.roles import Role
from tests.integration.credit.builders import refer
from tests.integration.credit.needs import (
    APPLIED_ON,
    BANK,
    CONFIRMED_ON,
    OFFICER,
    PAID_ON,
    RECEIVED_ON,
    Road,
    rules,
    said,
)
from tests.support.edge import bearer
from tests.support.servers import ServiceDatabase


async def test_a_need_travels_to_the_payment_and_each_step_is_said(
    road: Road, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    need_id, list_id = new_id(), new_id()
    for answer in (
        await road.apply(need_id, referral_id),
        await road.vote(list_id, need_id),
        await road.confirm(list_id, need_id),
        await road.receive(referral_id),
        await road.answer(referral_id, amount=30_000_000),
        await road.pay(referral_id, amount=30_000_000),
    ):
        assert answer.is_success, answer.text
    assert await road.steps(need_id) == [
        ("need_applied", "applied"),
        ("need_listed", "listed"),
        ("need_sent", "sent"),
        ("need_received", "received"),
        ("need_approved", "approved"),
        ("disbursed", "disbursed"),
    ]
    events = await said(database)
    assert [
        (event["act"], event["need"] and (event["need"]["stage"], event["need"]["due_on"]))
        for event in events
    ] == [
        ("opened", None),
        ("need_applied", ("applied", None)),
        ("need_listed", ("listed", "2022-05-12")),
        ("need_sent", ("sent", None)),
        ("need_received", ("received", "2022-05-20")),
        ("need_approved", ("approved", None)),
        ("disbursed", ("disbursed", None)),
    ]
    assert events[-1]["need"]["amount"] == 30_000_000
    assert "bò" not in json.dumps(events, ensure_ascii=False)


async def test_every_step_again_changes_nothing(road: Road, database: ServiceDatabase) -> None:
    (referral_id,) = await refer(database, "01")
    need_id, list_id = new_id(), new_id()
    steps: list[Callable[[], Awaitable[httpx.Response]]] = [
        lambda: road.apply(need_id, referral_id),
        lambda: road.vote(list_id, need_id),
        lambda: road.confirm(list_id, need_id),
        lambda: road.receive(referral_id),
        lambda: road.answer(referral_id),
        lambda: road.pay(referral_id),
    ]
    for step in steps:
        assert (await step()).is_success
    before, count = await road.need(need_id), len(await said(database))
    for step in steps:
        again = await step()
        assert again.status_code == 200, again.text
    assert (await road.need(need_id), len(await said(database))) == (before, count)


async def test_another_content_under_a_known_id_is_refused_naming_what_differs(
    road: Road, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    need_id, list_id = new_id(), new_id()
    await road.apply(need_id, referral_id)
    answer = await road.apply(need_id, referral_id, amount=1, months=6)
    assert (answer.status_code, rules(answer)) == (
        409,
        [("/amount", "need.differs"), ("/months", "need.differs")],
    )
    await road.vote(list_id, need_id)
    answer = await road.vote(list_id, need_id, minutes_number="02/10C")
    assert (answer.status_code, rules(answer)) == (409, [("/minutes_number", "list.differs")])
    await road.confirm(list_id, need_id)
    await road.receive(referral_id)
    answer = await road.receive(referral_id, received_on=str(PAID_ON))
    assert (answer.status_code, rules(answer)) == (409, [("/received_on", "need.differs")])
    await road.answer(referral_id)
    answer = await road.answer(referral_id, amount=1)
    assert (answer.status_code, rules(answer)) == (409, [("/amount", "need.differs")])
    await road.withdraw(need_id)
    assert (await road.withdraw(need_id)).status_code == 200
    answer = await road.withdraw(need_id, reason="Khác")
    assert (answer.status_code, rules(answer)) == (409, [("/reason", "need.differs")])


async def test_what_is_asked_for_is_checked_naming_every_field(
    road: Road, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "09")
    cases: list[tuple[dict[str, Any], int, list[tuple[str, str]]]] = [
        (
            {"amount": 100_000_001, "months": 61},
            422,
            [("/amount", "need.over_limit"), ("/months", "need.too_long")],
        ),
        ({"applied_on": "2022-06-02"}, 422, [("/applied_on", "day.in_future")]),
        ({"applied_on": "2021-12-31"}, 422, [("/applied_on", "day.too_early")]),
        ({"source": "private"}, 422, [("/source", "enum")]),
        ({"purpose": " "}, 422, [("/purpose", "string_pattern_mismatch")]),
    ]
    for changed, status, expected in cases:
        answer = await road.apply(new_id(), referral_id, **changed)
        assert (answer.status_code, rules(answer)) == (status, expected)
    answer = await road.apply(new_id(), new_id())
    assert (answer.status_code, rules(answer)) == (422, [("/referral_id", "referral.unknown")])
    assert len(await said(database)) == 1


async def test_referral_has_one_need_at_a_time_and_another_after_it(
    road: Road, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    first, second = new_id(), new_id()
    await road.apply(first, referral_id)
    answer = await road.apply(second, referral_id)
    assert (answer.status_code, rules(answer)) == (409, [("/referral_id", "need.one_open")])
    await road.withdraw(first, on=str(APPLIED_ON))
    assert (await road.apply(second, referral_id)).is_success
    answer = await road.apply(first, referral_id, amount=1)
    assert answer.status_code == 409  # an id is used once for ever


async def test_an_id_that_is_used_out_of_sight_is_taken(
    road: Road, database: ServiceDatabase
) -> None:
    (here,) = await refer(database, "01")
    (there,) = await refer(database, "01", commune="01873")
    need_id = new_id()
    await road.apply(need_id, there)
    body = {
        "referral_id": str(here),
        "purpose": "Mua bò",
        "amount": 1_000_000,
        "months": 12,
        "source": "local",
        "applied_on": str(APPLIED_ON),
    }
    headers = bearer(Role.OFFICER, areas=["01882"])
    answer = await road.client.put(f"/v1/needs/{need_id}", json=body, headers=headers)
    assert (answer.status_code, rules(answer)) == (409, [("/need_id", "need.taken")])


async def test_bank_acts_ask_for_a_need_its_stage_and_the_version_that_was_read(
    road: Road, database: ServiceDatabase
) -> None:
    bare, applied = await refer(database, "01", "01")
    answer = await road.receive(bare)
    assert (answer.status_code, rules(answer)) == (409, [("/need", "need.missing")])
    await road.apply(new_id(), applied)
    for step in (road.receive(applied), road.answer(applied), road.pay(applied)):
        answer = await step
        assert (answer.status_code, rules(answer)) == (409, [("/stage", "need.is_applied")])
    path, body = f"/v1/referrals/{applied}/receipt", {"received_on": str(RECEIVED_ON)}
    assert (await road.client.put(path, json=body, headers=BANK)).status_code == 428
    stale = {**BANK, "If-Match": '"1"'}
    assert (await road.client.put(path, json=body, headers=stale)).status_code == 412
    assert (await road.receive(new_id())).status_code == 404


async def test_needs_are_listed_by_stage_and_by_what_is_late(
    road: Road, database: ServiceDatabase
) -> None:
    first, second, third = await refer(database, "01", "01", "19")
    ids = sorted([new_id(), new_id(), new_id()])
    for need_id, referral_id in zip(ids, (first, second, third), strict=True):
        await road.apply(need_id, referral_id)
    await road.vote(new_id(), ids[1], ids[2])
    cases: list[tuple[dict[str, str], list[UUID]]] = [
        ({}, ids),
        ({"stage": "applied"}, ids[:1]),
        ({"stage": "listed"}, ids[1:]),
        ({"due_before": "2022-05-12"}, []),
        ({"due_before": "2022-05-13"}, ids[1:]),
        ({"due_before": "2022-05-13", "limit": "1"}, ids[1:2]),
        ({"area": "01882"}, []),  # no such unit is known here
    ]
    for query, expected in cases:
        answer = await road.client.get("/v1/needs", params=query, headers=OFFICER)
        found = [item["need_id"] for item in answer.json()["items"]]
        assert (query, found) == (query, [str(need_id) for need_id in expected])
    late = (await road.need(ids[1]))["need"]
    assert (late["due_on"], late["is_overdue"]) == ("2022-05-12", True)
    listed = await road.client.get("/v1/referrals", params={"stage": "listed"}, headers=BANK)
    assert {item["need"]["need_id"] for item in listed.json()["items"]} == set(map(str, ids[1:]))


# --- at the same time -----------------------------------------------------------------------------


async def test_twins_of_one_application_act_once(road: Road, database: ServiceDatabase) -> None:
    (referral_id,) = await refer(database, "01")
    need_id = new_id()
    answers = await asyncio.gather(*(road.apply(need_id, referral_id) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert [event["act"] for event in await said(database)] == ["opened", "need_applied"]


async def test_of_two_applications_for_one_referral_one_is_taken(
    road: Road, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    answers = await asyncio.gather(*(road.apply(new_id(), referral_id) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_database_itself_refuses_a_second_open_need(
    road: Road, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    await road.apply(new_id(), referral_id)
    async with database.as_api() as api, api.transaction(EVERY_AREA) as tx:
        with pytest.raises(asyncpg.UniqueViolationError, match="need_one_open"):
            await tx.execute(
                "INSERT INTO need SELECT (jsonb_populate_record(need,"
                " jsonb_build_object('need_id', gen_random_uuid()))).* FROM need"
            )


async def test_one_id_for_two_referrals_is_taken_once(
    road: Road, database: ServiceDatabase
) -> None:
    first, second = await refer(database, "01", "01")
    need_id = new_id()
    answers = await asyncio.gather(road.apply(need_id, first), road.apply(need_id, second))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_withdrawal_and_payment_race_to_one_of_two_right_ends(
    road: Road, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    need_id, list_id = new_id(), new_id()
    await road.send(referral_id, need_id, list_id)
    await road.receive(referral_id)
    await road.answer(referral_id)
    paid, withdrawn = await asyncio.gather(road.pay(referral_id), road.withdraw(need_id))
    stage = (await road.need(need_id))["need"]["stage"]
    if paid.is_success and not withdrawn.is_success:
        assert (withdrawn.status_code, stage) == (409, "disbursed")
    else:  # withdrawn first: the bank pays as without a need
        assert (withdrawn.status_code, stage) == (200, "withdrawn")


async def test_confirmed_on_is_kept_for_the_bank(road: Road, database: ServiceDatabase) -> None:
    """Being on the list at the confirmation's day is the proof of the class."""
    (referral_id,) = await refer(database, "01")
    need_id, list_id = new_id(), new_id()
    await road.send(referral_id, need_id, list_id)
    assert (await road.need(need_id))["need"]["confirmed_on"] == str(CONFIRMED_ON)

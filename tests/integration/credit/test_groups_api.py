"""Savings-and-credit groups over HTTP: founding, members, grade, yearly review."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.ids import new_id
from libs.common.security.roles import Role
from services.credit.app import build
from services.credit.groups import store
from services.credit.groups.domain import Member
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase

TODAY = date(2023, 3, 1)
BANK = bearer(Role.BANK)
JOINED = {"joined_on": "2022-02-01"}


@pytest_asyncio.fixture
async def client(database: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(build(), database, clock=FixedDayClock(TODAY)) as client:
        yield client


def a_body(**changed: Any) -> dict[str, Any]:
    group = {
        "group_id": str(new_id()),
        "commune": "01882",
        "village": "Thôn Nà Lại",
        "union": "farmers",
        "founded_on": "2022-01-10",
    }
    return group | changed


async def found(client: httpx.AsyncClient, **changed: Any) -> str:
    body = a_body(**changed)
    answer = await client.post("/v1/groups", json=body, headers=BANK)
    assert answer.status_code == 200, answer.text
    return str(body["group_id"])


async def join(
    client: httpx.AsyncClient, group_id: str, household: UUID, **body: Any
) -> httpx.Response:
    path = f"/v1/groups/{group_id}/members/{household}"
    return await client.put(path, json=JOINED | body, headers=BANK)


async def fill(database: ServiceDatabase, group_id: str, count: int) -> None:
    async with database.as_api() as api, api.transaction("01882") as tx:
        group = (await store.read_groups(tx, [UUID(group_id)], TODAY))[UUID(group_id)]
        for _ in range(count):
            member = Member(new_id(), None, date(2022, 2, 1), None)
            assert await store.insert_member(tx, group, member, "tester")


def rules(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(error["pointer"], error["rule"]) for error in answer.json()["errors"]]


async def test_a_group_is_founded_once(client: httpx.AsyncClient) -> None:
    body = a_body()
    first = await client.post("/v1/groups", json=body, headers=BANK)
    again = await client.post("/v1/groups", json=body, headers=BANK)
    assert (again.status_code, again.json()) == (200, first.json())
    other = await client.post("/v1/groups", json={**body, "village": "Thôn 2"}, headers=BANK)
    assert (other.status_code, rules(other)) == (409, [("/group_id", "group.id_used")])
    late = await client.post("/v1/groups", json=a_body(founded_on="2023-03-02"), headers=BANK)
    assert (late.status_code, rules(late)) == (422, [("/founded_on", "group.day")])


async def test_a_group_is_complete_with_five_members(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    group_id = await found(client)
    await fill(database, group_id, 4)
    four = (await client.get(f"/v1/groups/{group_id}", headers=BANK)).json()
    five = (await join(client, group_id, new_id())).json()
    assert (four["members"], four["is_complete"]) == (4, False)
    assert (five["members"], five["is_complete"], len(five["roll"])) == (5, True, 5)


async def test_the_sixtieth_place_is_given_once(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    group_id = await found(client)
    await fill(database, group_id, 59)
    answers = await asyncio.gather(*(join(client, group_id, new_id()) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    shown = (await client.get(f"/v1/groups/{group_id}", headers=BANK)).json()
    assert shown["members"] == 60
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert rules(refused) == [("/household_id", "group.full")]


async def test_a_household_is_in_one_group_at_a_time(client: httpx.AsyncClient) -> None:
    first, second = await found(client), await found(client)
    household = new_id()
    assert (await join(client, first, household)).status_code == 200
    assert (await join(client, first, household)).json()["members"] == 1  # the same again
    for joined_on in ("2022-02-01", "2022-08-01", "2022-01-20"):
        answer = await join(client, second, household, joined_on=joined_on)
        assert (answer.status_code, rules(answer)) == (
            409,
            [("/household_id", "group.household_in_group")],
        )
    path = f"/v1/groups/{first}/members/{household}"
    for left_on, status in (
        ("2022-02-01", 422),
        ("2022-06-01", 200),
        ("2022-06-01", 200),
        ("2022-07-01", 409),
    ):
        answer = await client.delete(path, params={"left_on": left_on}, headers=BANK)
        assert (left_on, answer.status_code) == (left_on, status)
    assert (await join(client, second, household, joined_on="2022-06-01")).status_code == 200
    gone = await client.delete(
        f"/v1/groups/{first}/members/{new_id()}", params={"left_on": "2022-06-01"}, headers=BANK
    )
    assert gone.status_code == 404


async def test_two_groups_do_not_take_one_household_at_once(client: httpx.AsyncClient) -> None:
    groups = [await found(client) for _ in range(3)]
    household = new_id()
    answers = await asyncio.gather(*(join(client, group, household) for group in groups))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


async def test_the_last_grade_counts_and_a_day_has_one(client: httpx.AsyncClient) -> None:
    group_id = await found(client)
    path = f"/v1/groups/{group_id}/grade"
    for grade, graded_on, status in (
        ("good", "2022-12-31", 200),
        ("weak", "2022-06-30", 200),
        ("weak", "2022-06-30", 200),
        ("fair", "2022-06-30", 409),
        ("fair", "2021-12-31", 422),
    ):
        body = {"grade": grade, "graded_on": graded_on}
        answer = await client.put(path, json=body, headers=BANK)
        assert (body, answer.status_code) == (body, status)
    shown = (await client.get(f"/v1/groups/{group_id}", headers=BANK)).json()
    assert (shown["grade"], shown["graded_on"]) == ("good", "2022-12-31")


async def test_a_group_without_a_review_of_the_year_is_due(client: httpx.AsyncClient) -> None:
    reviewed, waiting = await found(client), await found(client)
    path = f"/v1/groups/{reviewed}/reviews/2022"
    for done_on, status in (("2022-11-01", 200), ("2022-11-01", 200), ("2022-11-02", 409)):
        answer = await client.put(path, json={"done_on": done_on}, headers=BANK)
        assert (done_on, answer.status_code) == (done_on, status)
    for day, expected in (
        ("2022-12-31", [waiting]),
        ("2023-01-01", sorted([reviewed, waiting])),
        ("2021-12-31", []),  # not founded yet
    ):
        answer = await client.get("/v1/groups/reviews-due", params={"on": day}, headers=BANK)
        assert [item["group_id"] for item in answer.json()["items"]] == expected, day


async def test_groups_of_another_area_are_not_found(client: httpx.AsyncClient) -> None:
    group_id = await found(client)
    elsewhere = bearer(Role.BANK, areas=["01900"])
    assert (await client.get(f"/v1/groups/{group_id}", headers=elsewhere)).status_code == 404
    assert (await client.get("/v1/groups", headers=elsewhere)).json()["items"] == []
    path = f"/v1/groups/{group_id}/members/{new_id()}"
    assert (await client.put(path, json=JOINED, headers=elsewhere)).status_code == 404
    assert (await client.post("/v1/groups", json=a_body(), headers=elsewhere)).status_code == 403

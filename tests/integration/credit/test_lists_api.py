"""Lists 03/TD over HTTP: whole or not at all, once, in sets."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from libs.common.database import EVERY_AREA, Database, Transaction
from libs.common.ids import new_id
from libs.common.security.roles import Role
from services.credit.lists.acts import confirm_list, keep_list
from services.credit.lists.domain import Ballot, NeedList, Verdict
from tests.integration.credit.builders import refer
from tests.integration.credit.needs import (
    APPLIED_ON,
    CHAIRMAN,
    CONFIRMED_ON,
    OFFICER,
    ON_TIME,
    VOTED_ON,
    Road,
    rules,
)
from tests.support.edge import bearer
from tests.support.servers import ServiceDatabase

# One need for every referral, as so many officers would have recorded them.
_APPLY_FOR_ALL = """
INSERT INTO need (need_id, referral_id, household_id, version, commune, purpose, amount, months,
                  source, applied_on, stage, changed_on, over_cap)
SELECT gen_random_uuid(), referral_id, household_id, version, commune, 'Chăn nuôi', 20000000, 36,
       'central', $1, 'applied', $1, false
FROM referral
"""
_POINT = """
UPDATE referral SET need_id = need.need_id FROM need WHERE need.referral_id = referral.referral_id
"""


async def applied(road: Road, database: ServiceDatabase, count: int) -> list[UUID]:
    """So many needs that wait for a vote."""
    ids = [new_id() for _ in range(count)]
    for need_id, referral_id in zip(ids, await refer(database, *["01"] * count), strict=True):
        assert (await road.apply(need_id, referral_id)).is_success
    return ids


async def count_events(database: ServiceDatabase) -> int:
    async with database.as_worker() as worker, worker.transaction() as tx:
        return int(await tx.fetchval("SELECT count(*) FROM event_log"))


async def test_list_tells_votes_and_how_far_each_need_is(
    road: Road, database: ServiceDatabase
) -> None:
    good, bad, gone = await applied(road, database, 3)
    list_id = new_id()
    entries = [
        {"need_id": str(need_id), "votes_for": votes, "votes_against": 6}
        for need_id, votes in ((good, 9), (bad, 6), (gone, 7))
    ]
    answer = await road.vote(list_id, entries=entries)
    assert (answer.status_code, answer.headers["location"]) == (201, f"lists/{list_id}")
    await road.withdraw(gone)
    found = (await road.client.get(f"/v1/lists/{list_id}", headers=OFFICER)).json()
    assert [(entry["is_carried"], entry["stage"]) for entry in found["entries"]] == [
        (True, "listed"),
        (False, "declined"),
        (True, "withdrawn"),
    ]
    head = found["head"]
    assert (head["state"], head["waiting"], head["due_on"]) == ("waiting", 1, "2022-05-12")
    assert (head["is_overdue"], head["entries_total"]) == (True, 3)


async def test_one_bad_entry_and_nothing_is_listed(road: Road, database: ServiceDatabase) -> None:
    good, listed = await applied(road, database, 2)
    await road.vote(new_id(), listed)
    before = await count_events(database)
    unknown = new_id()
    answer = await road.vote(new_id(), good, listed, unknown)
    assert answer.status_code == 422
    assert rules(answer) == [
        ("/entries/1/need_id", "need.is_listed"),
        ("/entries/2/need_id", "need.unknown"),
    ]
    assert (await road.need(good))["need"]["stage"] == "applied"
    assert await count_events(database) == before


async def test_one_bad_verdict_and_nothing_is_confirmed(
    road: Road, database: ServiceDatabase
) -> None:
    good, other = await applied(road, database, 2)
    list_id = new_id()
    await road.vote(list_id, good)
    await road.vote(new_id(), other)
    answer = await road.confirm(list_id, good, other)
    assert (answer.status_code, rules(answer)) == (
        422,
        [("/entries/1/need_id", "need.not_on_list")],
    )
    assert (await road.need(good))["need"]["stage"] == "listed"


async def test_list_is_confirmed_in_parts(road: Road, database: ServiceDatabase) -> None:
    first, second = await applied(road, database, 2)
    list_id = new_id()
    await road.vote(list_id, first, second)
    head = (await road.confirm(list_id, first)).json()["head"]
    assert (head["state"], head["waiting"]) == ("waiting", 1)
    entries = [{"need_id": str(second), "is_confirmed": False, "reason": "Đã chuyển đi"}]
    head = (await road.confirm(list_id, entries=entries)).json()["head"]
    assert (head["state"], head["waiting"], head["due_on"]) == ("settled", 0, None)
    need = (await road.need(second))["need"]
    assert (need["stage"], need["reason"]) == ("not_confirmed", "Đã chuyển đi")


async def test_lists_are_narrowed_by_state_and_paged(road: Road, database: ServiceDatabase) -> None:
    needs = await applied(road, database, 3)
    lists = sorted(new_id() for _ in needs)
    for list_id, need_id in zip(lists, needs, strict=True):
        await road.vote(list_id, need_id)
    await road.confirm(lists[0], needs[0])
    for query, expected in (
        ({}, lists),
        ({"state": "waiting"}, lists[1:]),
        ({"state": "settled"}, lists[:1]),
        ({"state": "waiting", "limit": "1"}, lists[1:2]),
        ({"area": "01882"}, []),  # no such unit is known here
    ):
        answer = await road.client.get("/v1/lists", params=query, headers=CHAIRMAN)
        found = [item["list_id"] for item in answer.json()["items"]]
        assert (query, found) == (query, list(map(str, expected)))


async def test_officer_of_another_commune_can_neither_list_nor_confirm(
    road: Road, database: ServiceDatabase
) -> None:
    mine, theirs = await applied(road, database, 2)
    list_id = new_id()
    await road.vote(list_id, mine)
    elsewhere = bearer(Role.OFFICER, areas=["01873"])
    body = {
        "list_id": str(new_id()),
        "commune": "01873",
        "voted_on": str(VOTED_ON),
        "minutes_number": "01/10C",
        "entries": [{"need_id": str(theirs), "votes_for": 9, "votes_against": 1}],
    }
    answer = await road.client.post("/v1/lists", json=body, headers=elsewhere)
    assert (answer.status_code, rules(answer)) == (422, [("/entries/0/need_id", "need.unknown")])
    confirmation = {
        "confirmed_on": str(CONFIRMED_ON),
        "entries": [{"need_id": str(mine), "is_confirmed": True}],
    }
    path = f"/v1/lists/{list_id}/confirmation"
    answer = await road.client.post(path, json=confirmation, headers=elsewhere)
    assert answer.status_code == 404


async def test_of_two_lists_that_name_one_need_one_is_taken(
    road: Road, database: ServiceDatabase
) -> None:
    shared, one, two = await applied(road, database, 3)
    first, second = await asyncio.gather(
        road.vote(new_id(), one, shared), road.vote(new_id(), shared, two)
    )
    assert sorted((first.status_code, second.status_code)) == [201, 422]
    place = 1 if second.is_success else 0
    refused = first if second.is_success else second
    assert rules(refused) == [(f"/entries/{place}/need_id", "need.is_listed")]
    stages = [(await road.need(need_id))["need"]["stage"] for need_id in (shared, one, two)]
    assert stages[0] == "listed"
    assert sorted(stages[1:]) == ["applied", "listed"]  # nothing of the refused list


async def test_twins_of_one_list_and_of_one_confirmation_act_once(
    road: Road, database: ServiceDatabase
) -> None:
    needs = await applied(road, database, 3)
    list_id, before = new_id(), await count_events(database)
    answers = await asyncio.gather(*(road.vote(list_id, *needs) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
    confirmed = await asyncio.gather(*(road.confirm(list_id, *needs) for _ in range(3)))
    assert {answer.status_code for answer in confirmed} == {200}
    assert await count_events(database) == before + 6


async def _statements(tx: Transaction, act: Callable[[], Awaitable[None]]) -> int:
    count = 0

    def one_more(_: object) -> None:
        nonlocal count
        count += 1

    tx.connection.add_query_logger(one_more)
    await act()
    tx.connection.remove_query_logger(one_more)
    return count


async def _count_statements(api: Database, size: int) -> tuple[int, int]:
    """How many statements a list of this size takes, and its confirmation."""
    async with api.transaction(EVERY_AREA) as tx:
        rows = await tx.fetch("SELECT need_id FROM need WHERE stage = 'applied' LIMIT $1", size)
        ids = [row["need_id"] for row in rows]
        assert len(ids) == size
        ballots = tuple(Ballot(need_id, 9, 1) for need_id in ids)
        sheet = NeedList(new_id(), "01882", None, VOTED_ON, "01/10C", ballots)
        verdicts = [Verdict(need_id, True, None) for need_id in ids]

        async def vote() -> None:
            await keep_list(tx, sheet, "tester", ON_TIME)

        async def confirm() -> None:
            await confirm_list(tx, sheet.list_id, verdicts, CONFIRMED_ON, ON_TIME)

        return await _statements(tx, vote), await _statements(tx, confirm)


async def test_list_of_500_takes_as_many_statements_as_a_list_of_two(
    database: ServiceDatabase,
) -> None:
    await refer(database, *["01"] * 503)
    async with database.as_api() as api:
        async with api.transaction(EVERY_AREA) as tx:
            await tx.execute(_APPLY_FOR_ALL, APPLIED_ON)
            await tx.execute(_POINT)
        await _count_statements(api, 1)  # the first on a connection also asks about types
        small, large = await _count_statements(api, 2), await _count_statements(api, 500)
    assert small == large
    assert max(large) <= 20
    assert await count_events(database) == 3 * 503

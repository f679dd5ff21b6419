"""What time alone changes: the sweep moves the day of the law and decides on just those due."""

import asyncio
from datetime import date

import pytest

from libs.common.clock import FixedDayClock, start_of_day
from libs.common.contracts.household import HouseholdData
from libs.common.database import Database
from libs.common.security.roles import Role
from libs.common.vocabulary import Relation, StatusClass
from services.eligibility.app import build
from services.eligibility.catalogue.domain import catalogue
from services.eligibility.entitlements.handlers import on_household
from services.eligibility.sweeps import store, sweeping
from services.eligibility.sweeps.sweeping import Progress, sweep_due, sweep_to
from tests.integration.eligibility.conftest import LAW_DAY
from tests.support.edge import bearer, open_client
from tests.support.eligibility import (
    NEW_YEAR,
    a_household,
    a_member,
    a_status,
    an_escape,
    deliver,
    live,
    received,
    said,
)
from tests.support.servers import ServiceDatabase

SIXTH = date(2022, 5, 10)


def a_family(child_born: date = date(2016, 5, 10)) -> HouseholdData:
    return a_household(
        a_status(StatusClass.POOR),
        members=(a_member(date(1990, 3, 3), Relation.HEAD), a_member(child_born)),
    )


async def sweep(database: Database, day: date) -> Progress:
    return await sweep_to(database, day, catalogue())


async def test_a_child_turns_six(database: Database) -> None:
    household = a_family()
    await deliver(database, on_household, received(household))
    assert await sweep(database, date(2022, 5, 9)) == Progress(0, 0)
    assert await sweep(database, SIXTH) == Progress(1, 1)
    first, second = await said(database, "entitlement")
    assert second["time"] == start_of_day(SIXTH).isoformat().replace("+00:00", "Z")
    assert second["data"]["as_of"] == str(SIXTH)
    assert second["correlationid"] != first["correlationid"]
    assert "causationid" not in second
    rows = await live(database, "entitlement", household.household_id)
    assert ("insurance.TE", date(2016, 5, 10), SIXTH) in rows or any(
        programme == "insurance.TE" and until == SIXTH for programme, _, until in rows
    )


async def test_the_thirty_six_months_of_the_newly_escaped_end(database: Database) -> None:
    escape, end = date(2022, 1, 10), date(2025, 1, 10)
    household = a_household(
        a_status(StatusClass.POOR, NEW_YEAR, escape),
        a_status(StatusClass.NONE, escape),
        escapes=(an_escape(StatusClass.POOR, escape, end),),
    )
    await deliver(database, on_household, received(household))
    await sweep(database, end)
    rows = await live(database, "entitlement", household.household_id)
    assert ("credit.09", escape, end) in rows


async def test_late_twice_and_for_a_past_day_give_the_same(database: Database) -> None:
    on_time, late = a_family(), a_family()
    await deliver(database, on_household, received(on_time), received(late))
    await sweep(database, date(2023, 3, 1))
    before = await said(database, "entitlement")
    assert await sweep(database, date(2023, 3, 1)) == Progress(0, 0)
    assert await sweep(database, date(2022, 3, 1)) == Progress(0, 0)
    assert await said(database, "entitlement") == before
    async with database.transaction() as tx:
        law_day = await store.find_law_day(tx)
    assert law_day is not None
    assert law_day.day == date(2023, 3, 1)


async def test_a_killed_sweep_is_taken_up_by_the_next_tick(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    households = [a_family() for _ in range(5)]
    await deliver(database, on_household, *map(received, households))
    monkeypatch.setattr(sweeping, "CHUNK", 2)
    decide_chunk, chunks = sweeping._decide_chunk, 0

    async def killed_in_the_second(*arguments: object) -> Progress:
        nonlocal chunks
        chunks += 1
        if chunks == 2:
            raise ConnectionResetError
        return await decide_chunk(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sweeping, "_decide_chunk", killed_in_the_second)
    with pytest.raises(ConnectionResetError):
        await sweep(database, SIXTH)
    monkeypatch.setattr(sweeping, "_decide_chunk", decide_chunk)
    await sweep_due(database, FixedDayClock(SIXTH))

    changed = [event["subject"] for event in await said(database, "entitlement")][5:]
    assert sorted(changed) == sorted(str(household.household_id) for household in households)
    async with database.transaction() as tx:
        done = await store.find_sweep(tx, SIXTH)
    assert done is not None
    assert done.finished_at is not None
    assert (done.households, done.changed) == (5, 5)


async def test_new_rules_are_applied_to_all_whom_old_rules_decided(database: Database) -> None:
    household = a_family()
    await deliver(database, on_household, received(household))
    await sweep(database, LAW_DAY)
    async with database.transaction() as tx:
        await tx.execute("UPDATE household_facts SET rules = 'older'")
        await tx.execute("UPDATE law_day SET rules = 'older'")
        await tx.execute("UPDATE entitlement SET document = 'older' WHERE programme = 'credit.01'")
    await sweep_due(database, FixedDayClock(LAW_DAY))
    assert len(await said(database, "entitlement")) == 2
    await sweep_due(database, FixedDayClock(LAW_DAY))
    assert len(await said(database, "entitlement")) == 2


async def test_an_operator_asks_for_a_sweep_and_follows_it(
    service: ServiceDatabase, database: Database
) -> None:
    await deliver(database, on_household, received(a_family()))
    async with open_client(build(), service, clock=FixedDayClock(LAW_DAY)) as client:
        operator = bearer(Role.OPERATOR)
        for _ in range(2):
            asked = await client.post(
                "/internal/v1/sweeps", json={"day": str(SIXTH)}, headers=operator
            )
            assert asked.status_code == 202, asked.text
        await sweep_due(database, FixedDayClock(LAW_DAY))
        done = (await client.get(f"/internal/v1/sweeps/{SIXTH}", headers=operator)).json()
        assert done["finished_at"] is not None
        assert (done["households"], done["changed"]) == (1, 1)
        day = await client.get("/internal/v1/law-day", headers=operator)
        assert day.json() == {"day": str(SIXTH)}
        unknown = await client.get("/internal/v1/sweeps/2030-01-01", headers=operator)
        assert unknown.status_code == 404
        refused = await client.post(
            "/internal/v1/sweeps", json={"day": str(SIXTH)}, headers=bearer(Role.OFFICER)
        )
        assert refused.status_code == 403


WAITS_FOR_A_LOCK = """
SELECT EXISTS (SELECT 1 FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock')
"""


async def test_an_event_and_a_sweep_at_the_same_time_both_count(database: Database) -> None:
    """A batch that decided as of the old day holds the day: the sweep waits, then sees it."""
    async with asyncio.TaskGroup() as tasks, database.transaction() as tx:
        await on_household([received(a_family())], tx)
        ahead = tasks.create_task(sweep(database, SIXTH))
        await eventually(database, WAITS_FOR_A_LOCK)
        assert not ahead.done()
    assert ahead.result() == Progress(1, 1)


async def eventually(database: Database, question: str) -> None:
    """Ask until the answer is yes."""
    async with asyncio.timeout(90):
        while True:
            async with database.transaction() as tx:
                if await tx.fetchval(question):
                    return

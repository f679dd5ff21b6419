"""Whatever the order of events and sweeps, the end is a function of the latest facts and the latest
day of the law: what one decision from nothing gives.
"""

import asyncio
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.contracts.household import HouseholdData
from libs.common.database import Database
from libs.common.vocabulary import Relation, StatusClass
from services.eligibility.catalogue.domain import catalogue, determine
from services.eligibility.entitlements.facts import facts_of
from services.eligibility.entitlements.handlers import on_household
from services.eligibility.sweeps.store import set_law_day_if_absent
from services.eligibility.sweeps.sweeping import sweep_to
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
    with_facts,
)
from tests.support.servers import ServiceDatabase, clone_database, drop_database

DAYS = [NEW_YEAR + timedelta(days=200 * n) for n in range(10)]


def a_life() -> list[HouseholdData]:
    """Poor, then with another child, then escaped, then corrected to near-poor."""
    mother = a_member(date(1990, 3, 3), Relation.HEAD)
    child, baby = a_member(date(2016, 5, 10)), a_member(date(2022, 6, 1))
    poor = a_household(a_status(StatusClass.POOR), members=(mother, child))
    family = with_facts(poor, members=(mother, child, baby))
    out = date(2023, 1, 1)
    escaped = with_facts(
        family,
        statuses=(a_status(StatusClass.POOR, NEW_YEAR, out), a_status(StatusClass.NONE, out)),
        escapes=(an_escape(StatusClass.POOR, out, date(2026, 1, 1)),),
    )
    corrected = with_facts(family, statuses=(a_status(StatusClass.NEAR_POOR),))
    return [poor, family, escaped, corrected]


steps = st.lists(
    st.one_of(
        st.tuples(st.just("event"), st.integers(0, 3)),
        st.tuples(st.just("sweep"), st.integers(0, 9)),
    ),
    min_size=1,
    max_size=8,
).filter(lambda taken: any(kind == "event" for kind, _ in taken))


async def live_through(service: ServiceDatabase, taken: list[tuple[str, int]]) -> None:
    async with service.as_worker() as database:
        async with database.transaction() as tx:
            await tx.execute("DELETE FROM household_facts")
            await set_law_day_if_absent(tx, NEW_YEAR)
            await tx.execute("UPDATE law_day SET day = $1", NEW_YEAR)
        versions = a_life()
        law_day, latest = NEW_YEAR, -1
        for kind, which in taken:
            if kind == "sweep":
                await sweep_to(database, DAYS[which], catalogue())
                law_day = max(law_day, DAYS[which])
            else:
                await deliver(database, on_household, received(versions[which], which + 1))
                latest = max(latest, which)
        await check(database, versions[latest], law_day)


async def check(database: Database, household: HouseholdData, law_day: date) -> None:
    """The live rows, and the last event, are what one decision from nothing gives."""
    wanted = determine(facts_of(household), law_day, catalogue())
    expected: list[tuple[Any, ...]] = [
        (right.programme, right.from_day, right.until) for right in wanted.entitlements
    ]
    stored = await live(database, "entitlement", household.household_id)
    assert sorted(stored, key=str) == sorted(expected, key=str)
    last = (await said(database, "entitlement", household.household_id))[-1]["data"]
    assert len(last["entitlements"]) == len(expected)
    async with database.transaction() as tx:
        next_change_on = await tx.fetchval(
            "SELECT next_change_on FROM household_facts WHERE household_id = $1",
            household.household_id,
        )
    assert next_change_on == wanted.next_change_on


def test_any_interleaving_ends_in_the_state_of_the_latest_facts_and_day() -> None:
    service = asyncio.run(clone_database("eligibility"))

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps)
    def any_order(taken: list[tuple[str, int]]) -> None:
        asyncio.run(live_through(service, taken))

    try:
        any_order()
    finally:
        asyncio.run(drop_database(service))

"""A household's facts in, its entitlements out: what changed, and nothing else."""

from datetime import date

import pytest

from libs.common.clock import FixedDayClock
from libs.common.contracts.entitlement import EntitlementData
from libs.common.database import Database
from libs.common.messaging.consumer import NotYet
from libs.common.security.roles import Role
from libs.common.vocabulary import Relation, StatusClass
from services.eligibility.app import build
from services.eligibility.entitlements.handlers import on_household
from services.eligibility.insurance.handlers import on_entitlements as draw_up_roll
from services.eligibility.sweeps.store import move_law_day
from tests.conftest import MakeDatabase
from tests.integration.eligibility.conftest import LAW_DAY
from tests.support.edge import bearer, open_client
from tests.support.eligibility import (
    NEW_YEAR,
    a_household,
    a_member,
    a_status,
    an_area,
    an_escape,
    deliver,
    live,
    programmes,
    received,
    said,
    with_facts,
)
from tests.support.servers import ServiceDatabase

OLD_AGE = date(1945, 3, 3)


async def test_a_registered_household_without_entitlement_says_nothing(database: Database) -> None:
    household = a_household(members=(a_member(OLD_AGE, Relation.HEAD),))
    await deliver(database, on_household, received(household))
    assert await said(database, "entitlement") == []
    assert await live(database, "entitlement", household.household_id) == []


async def test_a_household_that_becomes_poor_gets_credit_insurance_and_training(
    database: Database,
) -> None:
    household = a_household()
    await deliver(database, on_household, received(household))
    poor = with_facts(household, statuses=(a_status(StatusClass.POOR),))
    cause = received(poor, 2)
    await deliver(database, on_household, cause)

    event = (await said(database, "entitlement"))[-1]
    given = programmes(event)
    assert "credit.01" in given
    assert "insurance.HN" in given
    assert any(programme.startswith("training.") for programme in given)
    assert event["data"]["household_version"] == 2
    assert event["data"]["as_of"] == str(LAW_DAY)
    assert event["correlationid"] == str(cause.correlation_id)
    assert event["causationid"] == str(cause.event_id)
    assert event["traceparent"] == cause.traceparent


async def test_the_same_facts_again_say_nothing(database: Database) -> None:
    household = a_household(a_status(StatusClass.POOR))
    await deliver(database, on_household, received(household))
    await deliver(database, on_household, received(household))
    await deliver(database, on_household, received(household, 2))
    assert len(await said(database, "entitlement")) == 1


async def test_an_older_version_changes_nothing(database: Database) -> None:
    """Also without the inbox and the cursor, which keep such an event from the handler."""
    household = a_household(a_status(StatusClass.NEAR_POOR))
    await deliver(database, on_household, received(household, 3))
    stale = with_facts(household, statuses=(a_status(StatusClass.POOR),))
    await deliver(database, on_household, received(stale, 2))
    [event] = await said(database, "entitlement")
    assert "credit.01" not in programmes(event)


async def test_a_corrected_decision_takes_back_what_it_gave(database: Database) -> None:
    household = a_household(a_status(StatusClass.POOR))
    await deliver(database, on_household, received(household))
    corrected = with_facts(household, statuses=(a_status(StatusClass.NEAR_POOR),))
    await deliver(database, on_household, received(corrected, 2))
    first, second = await said(database, "entitlement")
    assert "credit.01" in programmes(first)
    assert "credit.19" in programmes(second)
    assert "credit.01" not in programmes(second)
    async with database.transaction() as tx:
        known = await tx.fetchval(
            "SELECT count(*) FROM entitlement WHERE programme = 'credit.01' "
            "AND superseded_at IS NOT NULL"
        )
    assert known == 1


async def test_a_revoked_decision_is_said_with_nothing_left(database: Database) -> None:
    old = (a_member(OLD_AGE, Relation.HEAD),)
    household = a_household(a_status(StatusClass.POOR), members=old)
    await deliver(database, on_household, received(household))
    await deliver(database, on_household, received(with_facts(household, statuses=()), 2))
    assert programmes((await said(database, "entitlement"))[-1]) == []
    assert await live(database, "entitlement", household.household_id) == []


async def test_an_escape_moves_the_household_to_the_newly_escaped_programme(
    database: Database,
) -> None:
    """Credit 09 instead of 01, and no paid insurance: nationally the newly escaped get none."""
    escape = date(2022, 1, 10)
    household = a_household(
        a_status(StatusClass.POOR, NEW_YEAR, escape),
        a_status(StatusClass.NONE, escape),
        escapes=(an_escape(StatusClass.POOR, escape, date(2025, 1, 10)),),
    )
    await deliver(database, on_household, received(household))
    now = [
        programme
        for programme, _, until in await live(database, "entitlement", household.household_id)
        if until is None
    ]
    assert "credit.09" in now
    assert "credit.01" not in now
    insured = [programme for programme in now if programme.startswith("insurance.")]
    assert insured == ["insurance.GD"]


async def test_the_newly_escaped_of_the_city_are_insured_by_its_own_resolution(
    database: Database,
) -> None:
    escape, end = date(2026, 1, 10), date(2029, 1, 10)
    household = a_household(
        a_status(StatusClass.POOR, NEW_YEAR, escape),
        a_status(StatusClass.NONE, escape),
        escapes=(an_escape(StatusClass.POOR, escape, end),),
        area=an_area("26734", "79"),
    )
    async with database.transaction() as tx:
        await move_law_day(tx, date(2026, 2, 1))
    await deliver(database, on_household, received(household))
    [event] = await said(database, "entitlement")
    await deliver(database, draw_up_roll, received(EntitlementData(**event["data"])))
    roll = await live(database, "roll_period", household.household_id)
    assert roll[-1] == ("TN", escape, None)


async def test_a_household_that_moves_takes_its_rows_along(
    service: ServiceDatabase, database: Database
) -> None:
    household = a_household(a_status(StatusClass.POOR))
    await deliver(database, on_household, received(household))
    await deliver(database, on_household, received(with_facts(household, area=an_area("01873")), 2))
    path = f"/v1/households/{household.household_id}/entitlements"
    async with open_client(build(), service, clock=FixedDayClock(LAW_DAY)) as client:
        here = await client.get(path, headers=bearer(Role.OFFICER, areas=["01873"]))
        assert here.status_code == 200, here.text
        assert "credit.01" in [right["programme"] for right in here.json()["entitlements"]]
        before = await client.get(path, headers=bearer(Role.OFFICER, areas=["01882"]))
        assert before.status_code == 404
    assert len(await said(database, "entitlement")) == 2


async def test_a_set_is_decided_in_a_handful_of_statements(database: Database) -> None:
    households = [a_household(a_status(StatusClass.POOR)) for _ in range(300)]
    async with database.transaction() as tx:
        count = 0

        def one_more(_: object) -> None:
            nonlocal count
            count += 1

        tx.connection.add_query_logger(one_more)
        await on_household([received(household) for household in households], tx)
        tx.connection.remove_query_logger(one_more)
    assert count <= 14
    assert len(await said(database, "entitlement")) == 300


async def test_without_a_day_of_the_law_the_event_waits(make_database: MakeDatabase) -> None:
    fresh = await make_database("eligibility")
    async with fresh.as_worker() as connections:
        with pytest.raises(NotYet):
            await deliver(connections, on_household, received(a_household()))


async def test_entitlements_as_of_a_day_and_as_known_at_an_instant(
    service: ServiceDatabase, database: Database
) -> None:
    household = a_household(
        a_status(StatusClass.POOR),
        members=(a_member(date(1990, 3, 3), Relation.HEAD), a_member(date(2015, 6, 1))),
    )
    cause = received(household)
    await deliver(database, on_household, cause)
    path = f"/v1/households/{household.household_id}/entitlements"
    async with open_client(build(), service, clock=FixedDayClock(LAW_DAY)) as client:

        async def ask(**params: str) -> list[str]:
            answer = await client.get(path, params=params, headers=bearer(Role.OFFICER))
            assert answer.status_code == 200, answer.text
            return [right["programme"] for right in answer.json()["entitlements"]]

        assert "credit.01" in await ask(as_of="2022-01-01")
        assert "credit.01" not in await ask(as_of="2021-12-31")
        assert await ask(known_at="2022-01-01T00:00:00Z") == []

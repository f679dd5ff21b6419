"""The roll follows the entitlements; increases and decreases come from what was known when."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.database import EVERY_AREA, Database
from libs.common.ids import new_id
from libs.common.security.roles import Role
from services.eligibility.app import build
from services.eligibility.insurance.handlers import on_entitlements
from services.eligibility.insurance.store import LIST_CHANGES, LIST_ROLL
from services.eligibility.sweeps.store import move_law_day
from tests.support.edge import bearer, open_client
from tests.support.eligibility import (
    NEW_YEAR,
    an_area,
    an_entitlement,
    deliver,
    entitlements_of,
    live,
    received,
    said,
)
from tests.support.servers import ServiceDatabase

LAW_DAY = date(2022, 6, 1)


@pytest_asyncio.fixture(autouse=True)
async def in_june(database: Database) -> None:
    async with database.transaction() as tx:
        await move_law_day(tx, LAW_DAY)


async def test_of_several_groups_the_first_in_order_stands_on_the_roll(database: Database) -> None:
    household, child = new_id(), new_id()
    sixth = date(2022, 5, 10)
    data = entitlements_of(
        household,
        an_entitlement("insurance.HN", child),
        an_entitlement("insurance.TE", child, date(2021, 1, 1), sixth),
        an_entitlement("credit.01", household),
    )
    await deliver(database, on_entitlements, received(data))
    assert await live(database, "roll_period", household) == [
        ("TE", date(2021, 1, 1), sixth),
        ("HN", sixth, None),
    ]
    [event] = await said(database, "insurance")
    first, second = event["data"]["periods"]
    assert (first["group"], first["order_is_confirmed"]) == ("TE", False)
    assert (second["group"], second["order_is_confirmed"]) == ("HN", True)


async def test_the_newly_escaped_leave_the_roll(
    service: ServiceDatabase, database: Database
) -> None:
    """Nationally they get no support: a decrease for the insurer, a right to buy for them."""
    household, person, escape = new_id(), new_id(), date(2022, 5, 1)
    poor = an_entitlement("insurance.HN", person, NEW_YEAR, escape)
    buys = an_entitlement("insurance.GD", person, escape)
    await deliver(database, on_entitlements, received(entitlements_of(household, poor, buys)))
    assert await live(database, "roll_period", household) == [("HN", NEW_YEAR, escape)]
    async with open_client(build(), service, clock=FixedDayClock(LAW_DAY)) as client:
        roll = await client.get("/v1/insurance/roll", headers=bearer(Role.INSURER))
        changes = await client.get(
            "/v1/insurance/changes",
            params={"since": str(escape), "known_at": datetime.now(UTC).isoformat()},
            headers=bearer(Role.INSURER),
        )
    assert roll.json()["items"] == []
    [item] = changes.json()["items"]
    assert (item["change"], item["group_before"], item["group_now"]) == ("left", "HN", None)
    assert item["changed_on"] == str(escape)


async def test_what_caused_it_is_passed_on(database: Database) -> None:
    household, person = new_id(), new_id()
    cause = received(entitlements_of(household, an_entitlement("insurance.HN", person)), version=7)
    await deliver(database, on_entitlements, cause)
    [event] = await said(database, "insurance")
    assert event["correlationid"] == str(cause.correlation_id)
    assert event["causationid"] == str(cause.event_id)
    assert event["traceparent"] == cause.traceparent
    assert event["data"]["entitlement_version"] == 7


async def test_an_unchanged_roll_says_nothing(database: Database) -> None:
    household, person = new_id(), new_id()
    rights = [an_entitlement("insurance.HN", person)]
    await deliver(database, on_entitlements, received(entitlements_of(household, *rights)))
    rights.append(an_entitlement("credit.01", household))
    await deliver(database, on_entitlements, received(entitlements_of(household, *rights), 2))
    assert len(await said(database, "insurance")) == 1


async def test_a_roll_that_ends_is_said_with_what_is_left(database: Database) -> None:
    household, person = new_id(), new_id()
    right = an_entitlement("insurance.HN", person)
    await deliver(database, on_entitlements, received(entitlements_of(household, right)))
    await deliver(database, on_entitlements, received(entitlements_of(household), 2))
    assert [e["data"]["periods"] == [] for e in await said(database, "insurance")] == [False, True]
    assert await live(database, "roll_period", household) == []


async def test_nothing_is_overwritten(database: Database) -> None:
    household, person = new_id(), new_id()
    until = date(2022, 4, 1)
    for version, end in enumerate((None, until), start=1):
        right = an_entitlement("insurance.HN", person, NEW_YEAR, end)
        await deliver(
            database, on_entitlements, received(entitlements_of(household, right), version)
        )
    async with database.transaction() as tx:
        rows = await tx.fetch(
            "SELECT until, recorded_at, superseded_at FROM roll_period ORDER BY recorded_at"
        )
    assert [row["until"] for row in rows] == [None, until]
    assert rows[0]["superseded_at"] == rows[1]["recorded_at"]
    assert rows[1]["superseded_at"] is None


async def test_increases_decreases_and_moves_since_a_day(
    service: ServiceDatabase, database: Database
) -> None:
    """Known from the start: joins, leaves, turns six, stays; learnt later: struck out."""
    joins, leaves, turns_six, stays, struck = (new_id() for _ in range(5))
    home, other = new_id(), new_id()
    april = date(2022, 4, 1)
    await deliver(
        database,
        on_entitlements,
        received(
            entitlements_of(
                home,
                an_entitlement("insurance.HN", joins, april),
                an_entitlement("insurance.HN", leaves, NEW_YEAR, april),
                an_entitlement("insurance.TE", turns_six, NEW_YEAR, april),
                an_entitlement("insurance.HN", turns_six, april),
                an_entitlement("insurance.HN", stays, NEW_YEAR),
            )
        ),
        received(entitlements_of(other, an_entitlement("insurance.CN", struck, NEW_YEAR))),
    )
    before = datetime.now(UTC)
    await deliver(database, on_entitlements, received(entitlements_of(other), 2))

    async with open_client(build(), service, clock=FixedDayClock(LAW_DAY)) as client:
        found: dict[str, dict[str, str]] = {}
        after: str | None = None
        while True:
            page = {"limit": "2"} | ({"after": after} if after else {})
            answer = await client.get(
                "/v1/insurance/changes",
                params={"since": str(april), "known_at": before.isoformat(), **page},
                headers=bearer(Role.INSURER),
            )
            assert answer.status_code == 200, answer.text
            body = answer.json()
            found |= {item["person_id"]: item for item in body["items"]}
            after = body["next"]
            if after is None:
                break
    short = {
        person: (item["change"], item["group_before"], item["group_now"], item["changed_on"])
        for person, item in found.items()
    }
    assert short == {
        str(joins): ("joined", None, "HN", str(april)),
        str(leaves): ("left", "HN", None, str(april)),
        str(turns_six): ("moved", "TE", "HN", str(april)),
        str(struck): ("left", "CN", None, None),
    }


async def test_what_was_learnt_after_a_day_counts_as_changed_since(
    service: ServiceDatabase, database: Database
) -> None:
    """Nothing at all was known when that day began, so everybody joined."""
    household, person = new_id(), new_id()
    data = entitlements_of(household, an_entitlement("insurance.HN", person))
    await deliver(database, on_entitlements, received(data))
    async with open_client(build(), service, clock=FixedDayClock(LAW_DAY)) as client:
        answer = await client.get(
            "/v1/insurance/changes", params={"since": "2022-03-01"}, headers=bearer(Role.INSURER)
        )
    [item] = answer.json()["items"]
    assert (item["change"], item["changed_on"]) == ("joined", str(NEW_YEAR))


async def test_a_household_that_moves_leaves_one_commune_and_joins_the_other(
    service: ServiceDatabase, database: Database
) -> None:
    household, person = new_id(), new_id()
    right = an_entitlement("insurance.HN", person)
    await deliver(database, on_entitlements, received(entitlements_of(household, right)))
    before = datetime.now(UTC)
    moved = entitlements_of(household, right, area=an_area("01873"))
    await deliver(database, on_entitlements, received(moved, 2))
    assert len(await said(database, "insurance")) == 2
    async with open_client(build(), service, clock=FixedDayClock(LAW_DAY)) as client:
        for commune, change in (("01882", "left"), ("01873", "joined")):
            answer = await client.get(
                "/v1/insurance/changes",
                params={"since": str(LAW_DAY), "known_at": before.isoformat()},
                headers=bearer(Role.OFFICER, areas=[commune]),
            )
            assert [item["change"] for item in answer.json()["items"]] == [change]


async def test_the_roll_on_a_day_by_pages(service: ServiceDatabase, database: Database) -> None:
    people = sorted(str(new_id()) for _ in range(5))
    for person in people:
        household = new_id()
        await deliver(
            database,
            on_entitlements,
            received(entitlements_of(household, an_entitlement("insurance.HN", UUID(person)))),
        )
    async with open_client(build(), service, clock=FixedDayClock(LAW_DAY)) as client:
        seen, after = [], None
        while True:
            answer = await client.get(
                "/v1/insurance/roll",
                params={"limit": "2"} | ({"after": after} if after else {}),
                headers=bearer(Role.INSURER),
            )
            body = answer.json()
            seen += [item["person_id"] for item in body["items"]]
            after = body["next"]
            if after is None:
                break
        assert seen == people
        nobody = await client.get(
            "/v1/insurance/roll", params={"on": "2021-12-31"}, headers=bearer(Role.INSURER)
        )
        assert nobody.json() == {"items": [], "next": None}
        elsewhere = await client.get(
            "/v1/insurance/roll", headers=bearer(Role.OFFICER, areas=["01873"])
        )
        assert elsewhere.json() == {"items": [], "next": None}


async def test_a_page_walks_the_index(database: Database) -> None:
    """With many rows, neither list sorts or scans the whole table."""
    people = [(new_id(), new_id()) for _ in range(3000)]
    await deliver(
        database,
        on_entitlements,
        *(
            received(entitlements_of(household, an_entitlement("insurance.HN", person)))
            for household, person in people
        ),
    )
    instant = datetime.now(UTC) + timedelta(days=1)
    first = ["01882"], "01882", people[10][1]
    async with database.transaction(EVERY_AREA) as tx:
        await tx.execute("ANALYZE roll_period")
        for statement, arguments in (
            (LIST_ROLL, (*first, LAW_DAY, instant, 10)),
            (LIST_CHANGES, (*first, NEW_YEAR, instant, LAW_DAY, None, 10)),
            (LIST_CHANGES, (*first, NEW_YEAR, instant, LAW_DAY, instant, 10)),
        ):
            plan = "\n".join(row[0] for row in await tx.fetch(f"EXPLAIN {statement}", *arguments))
            assert "roll_period_by_person" in plan
            assert "Seq Scan" not in plan


@pytest.mark.parametrize("path", ["/v1/insurance/roll", "/v1/insurance/changes?since=2022-01-01"])
async def test_who_may_not_read_the_roll(service: ServiceDatabase, path: str) -> None:
    async with open_client(build(), service, clock=FixedDayClock(LAW_DAY)) as client:
        assert (await client.get(path)).status_code == 401
        assert (await client.get(path, headers=bearer(Role.BANK))).status_code == 403

"""The reporting API: stocks, rates, flows, effects and timeline, in the caller's areas."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from libs.common.areas.handlers import on_area_changed
from libs.common.contracts.area import AreaCount, AreaData
from libs.common.contracts.entitlement import (
    CHANGED,
    Entitlement,
    EntitlementData,
    SubjectKind,
    SupportArea,
)
from libs.common.contracts.envelope import Received
from libs.common.contracts.referral import CHANGED as REFERRAL_CHANGED
from libs.common.contracts.referral import LoanTerms, ReferralData
from libs.common.ids import derived_id
from libs.common.messaging.consumer import Handler
from libs.common.security.roles import Role
from libs.common.vocabulary import AreaLevel, ReferralState, StatusClass
from services.reporting.app import build
from services.reporting.effects.handlers import on_effect
from services.reporting.facts.handlers import on_household
from services.reporting.timeline.handlers import on_event
from tests.support import areas
from tests.support.edge import bearer, open_client
from tests.support.reporting import START, a_household, an_area, received
from tests.support.servers import ServiceDatabase

POOR, NEAR, AVERAGE = StatusClass.POOR, StatusClass.NEAR_POOR, StatusClass.AVERAGE_LIVING
DAY = date(2022, 1, 1)
Q = {"standard": "ND07-2021"}
HANDLERS: dict[str, tuple[Handler, ...]] = {
    "area": (on_area_changed,),
    "household": (on_household, on_event),
}


async def hear(database: ServiceDatabase, events: Sequence[Received[Any]]) -> None:
    """Give events to the handlers that are subscribed to their stream."""
    async with database.as_worker() as connections, connections.transaction() as tx:
        for event in events:
            for handler in HANDLERS.get(event.stream, (on_effect, on_event)):
                await handler([event], tx)


async def get(
    database: ServiceDatabase, path: str, scope: Sequence[str] = ("*",), **params: Any
) -> Any:
    async with open_client(build(), database) as client:
        answer = await client.get(
            f"/v1{path}", params=params, headers=bearer(Role.PROVINCE, areas=scope)
        )
    return answer.json() if answer.status_code == 200 else answer.status_code


def units(**counts: AreaCount) -> list[Received[AreaData]]:
    """The units around Nghiên Loan; a count is given as p06=AreaCount(...)."""
    found = areas.pac_nam()
    return [
        areas.received(
            unit.model_copy(update={"counts": (counts[f"p{unit.code}"],)})
            if f"p{unit.code}" in counts and unit.valid_from == areas.BEGINNING
            else unit
        )
        for unit in found
    ]


def a_count(households: int, year: int = 2021, persons: int | None = None) -> AreaCount:
    return AreaCount(
        year=year, households=households, persons=persons, source="test", is_confirmed=False
    )


async def test_rates_divide_by_the_count_of_the_year_end_before_the_day(
    reporting: ServiceDatabase,
) -> None:
    households = [
        received(a_household(1, statuses=[(POOR, DAY, None)])),
        received(a_household(2, statuses=[(NEAR, DAY, None)])),
        received(a_household(3, statuses=[(AVERAGE, DAY, None)])),
        received(a_household(4)),
        received(a_household(5, statuses=[(POOR, DAY, None)], area=an_area("01873"))),
    ]
    await hear(reporting, [*units(p06=a_count(16, persons=70)), *households])
    report = await get(reporting, "/areas/06/indicators", on="2022-01-01", by="commune", **Q)
    assert report["denominator"]["year"] == 2021
    assert report["denominator"]["is_confirmed"] is False
    assert report["poor"] == {
        "households": 2,
        "persons": 4,
        "household_rate_percent": "12.50",
        "person_rate_percent": "5.71",
    }
    assert report["near_poor"]["household_rate_percent"] == "6.25"
    assert report["average_living"]["households"] == 1
    lines = {unit["area"]["code"]: unit for unit in report["units"]}
    assert lines["01882"]["poor"]["households"] == 1
    assert lines["01873"]["poor"]["households"] == 1
    assert lines["01873"]["poor"]["household_rate_percent"] is None
    assert (await get(reporting, "/areas/060/indicators", on="2022-01-01", **Q))["poor"][
        "households"
    ] == 2


async def test_without_a_yearly_count_there_is_no_rate(reporting: ServiceDatabase) -> None:
    await hear(reporting, [*units(), received(a_household(1, statuses=[(POOR, DAY, None)]))])
    report = await get(reporting, "/areas/06/indicators", on="2022-01-01", **Q)
    assert report["denominator"] is None
    assert report["poor"]["households"] == 1
    assert report["poor"]["household_rate_percent"] is None


async def test_new_province_includes_the_households_of_the_old_one(
    reporting: ServiceDatabase,
) -> None:
    """After 1/7/2025 Thái Nguyên (19) counts what was recorded in Bắc Kạn (06)."""
    counts = {"p06": a_count(100, 2024), "p19": a_count(300, 2024)}
    households = [
        received(a_household(1, statuses=[(POOR, DAY, None)], area=an_area("01873"))),
        received(a_household(2, statuses=[(POOR, DAY, None)], area=an_area("09999"))),
    ]
    await hear(reporting, [*units(**counts), *households])
    before = await get(reporting, "/areas/19/indicators", on="2025-06-30", **Q)
    after = await get(reporting, "/areas/19/indicators", on="2025-07-01", by="commune", **Q)
    assert before["poor"]["households"] == 0
    assert after["poor"]["households"] == 2
    assert after["denominator"] == {
        "year": 2024,
        "households": 400,
        "persons": None,
        "source": "test",
        "is_confirmed": False,
        "is_own": False,
    }
    lines = {unit["area"]["code"]: unit for unit in after["units"]}
    assert lines["01882"]["poor"]["households"] == 1
    assert lines["01882"]["poor_households_not_attributed"] == 1  # 09999 was divided
    flows = await get(
        reporting, "/areas/19/flows", **{"from": "2025-06-30", "until": "2025-07-01"}, **Q
    )
    assert flows["poor"]["households"]["other_increase"] == 2


async def test_either_geography_reports_on_any_day(reporting: ServiceDatabase) -> None:
    """Bắc Kạn (06) after its end; the merged Thái Nguyên (19) before its beginning."""
    counts = {"p06": a_count(100), "p19": a_count(300)}
    household = a_household(1, statuses=[(POOR, DAY, None)], area=an_area("01873"))
    await hear(reporting, [*units(**counts), received(household)])

    old = await get(reporting, "/areas/06/indicators", on="2026-01-01", by="district", **Q)
    assert old["area"]["valid_until"] == "2025-07-01"
    assert old["poor"]["household_rate_percent"] == "1.00"
    assert [unit["area"]["code"] for unit in old["units"]] == ["060"]

    new = await get(
        reporting, "/areas/19/indicators", on="2022-01-01", unit_on="2025-07-01", by="commune", **Q
    )
    assert new["area"]["valid_from"] == "2025-07-01"
    assert new["denominator"]["households"] == 400
    assert new["poor"]["household_rate_percent"] == "0.25"
    assert "01882" in [unit["area"]["code"] for unit in new["units"]]

    then = await get(reporting, "/areas/19/indicators", on="2022-01-01", **Q)
    assert then["poor"]["households"] == 0
    days = {"from": "2024-12-31", "until": "2025-12-31"}
    for code, unit_on in (("06", None), ("19", "2025-07-01")):
        asked = days | ({"unit_on": unit_on} if unit_on else {})
        flows = await get(reporting, f"/areas/{code}/flows", **asked, **Q)
        found = {column: count for column, count in flows["poor"]["households"].items() if count}
        assert found == {"start": 1, "end": 1}
    effects = await get(reporting, "/areas/06/effects", on="2026-01-01")
    assert effects["code"] == "06"


async def test_newly_escaped_within_the_window_and_not_poor_again(
    reporting: ServiceDatabase,
) -> None:
    escaped, again = date(2022, 6, 1), date(2023, 6, 1)
    window = (escaped, date(2025, 6, 1))
    fell = [(POOR, DAY, escaped), (StatusClass.NONE, escaped, again), (POOR, again, None)]
    await hear(
        reporting,
        [
            *units(),
            received(a_household(1, statuses=fell, escapes=[window])),
            received(
                a_household(
                    2,
                    statuses=[(POOR, DAY, escaped), (AVERAGE, escaped, None)],
                    escapes=[window],
                )
            ),
        ],
    )

    async def newly_escaped(on: str) -> int:
        report = await get(reporting, "/areas/06/indicators", on=on, **Q)
        return int(report["newly_escaped"]["households"])

    assert await newly_escaped("2022-05-31") == 0
    assert await newly_escaped("2022-06-01") == 2
    assert await newly_escaped("2023-06-01") == 1
    assert await newly_escaped("2025-06-01") == 0


async def test_corrected_afterwards_but_as_known_then(reporting: ServiceDatabase) -> None:
    corrected_at = START + timedelta(days=60)
    await hear(
        reporting,
        [
            *units(),
            received(a_household(1, statuses=[(NEAR, DAY, None)]), 2, recorded_at=corrected_at),
            received(a_household(1, statuses=[(POOR, DAY, None)]), 1),
        ],
    )
    now = await get(reporting, "/areas/06/indicators", on="2022-01-01", **Q)
    known = (corrected_at.date() - timedelta(days=1)).isoformat()
    then = await get(reporting, "/areas/06/indicators", on="2022-01-01", known_at=known, **Q)
    assert (now["poor"]["households"], now["near_poor"]["households"]) == (0, 1)
    assert (then["poor"]["households"], then["near_poor"]["households"]) == (1, 0)


async def test_flow_tables_of_a_year(reporting: ServiceDatabase) -> None:
    mid = date(2022, 6, 1)
    await hear(
        reporting,
        [
            *units(),
            received(a_household(1, statuses=[(POOR, DAY, None)])),
            received(a_household(2, statuses=[(POOR, DAY, mid), (NEAR, mid, None)])),
            received(a_household(3, statuses=[(POOR, mid, None)])),
            received(a_household(4, statuses=[(POOR, DAY, None)], closed_on=mid)),
        ],
    )
    period = {"from": "2022-01-01", "until": "2023-01-01"}
    answer = await get(reporting, "/areas/06/flows", **period, **Q)
    assert answer["poor"]["households"] == {
        "start": 3,
        "to_other_class": 1,
        "rose_above_near_poor": 0,
        "other_decrease": 1,
        "from_other_class": 0,
        "again": 0,
        "new": 1,
        "other_increase": 0,
        "end": 2,
    }
    assert answer["near_poor"]["persons"]["from_other_class"] == 2
    assert answer["result"]["poor"]["households"] == 2
    assert (
        await get(
            reporting, "/areas/06/flows", **{"from": "2022-01-01", "until": "2022-01-01"}, **Q
        )
        == 422
    )


async def test_a_report_over_an_area_needs_the_whole_area(reporting: ServiceDatabase) -> None:
    await hear(reporting, [*units(), received(a_household(1, statuses=[(POOR, DAY, None)]))])
    own = await get(reporting, "/areas/01876/indicators", scope=["01876"], on="2022-01-01", **Q)
    assert own["poor"]["households"] == 0
    assert (
        await get(reporting, "/areas/060/indicators", scope=["01876"], on="2022-01-01", **Q) == 404
    )


def an_entitlement(number: int, held: Sequence[tuple[str, date, date | None]]) -> EntitlementData:
    household_id = derived_id("household", number)
    return EntitlementData(
        household_id=household_id,
        household_version=1,
        area=an_area(),
        as_of=DAY,
        next_change_on=None,
        entitlements=tuple(
            Entitlement(
                programme=programme,
                support=SupportArea(programme.partition(".")[0]),
                subject_kind=SubjectKind.PERSON,
                subject_id=household_id,
                from_day=from_day,
                until=until,
                table="t",
                row="r",
                document="d",
                is_confirmed=True,
                benefit={},
            )
            for programme, from_day, until in held
        ),
    )


def a_referral(number: int, state: ReferralState, changed_on: date) -> ReferralData:
    return ReferralData(
        referral_id=derived_id("referral", number),
        household_id=derived_id("household", number),
        area=an_area(),
        programme="01",
        state=state,
        is_flagged=False,
        opened_on=DAY,
        changed_on=changed_on,
        until=None,
        terms=LoanTerms(
            on=DAY,
            max_amount=None,
            max_months=None,
            yearly_rate_percent="6.6",
            overdue_rate_percent="8.58",
            document="d",
            is_confirmed=True,
        ),
        act="opened" if state is ReferralState.OPEN else "withdrawn",
    )


async def test_effects_as_of_any_day_in_any_order(reporting: ServiceDatabase) -> None:
    later = date(2023, 1, 1)
    opened = received(
        a_referral(1, ReferralState.OPEN, DAY),
        event_type=REFERRAL_CHANGED,
        subject=derived_id("referral", 1),
    )
    withdrawn = received(
        a_referral(1, ReferralState.WITHDRAWN, later),
        2,
        event_type=REFERRAL_CHANGED,
        subject=derived_id("referral", 1),
    )
    first = received(an_entitlement(1, [("insurance.HN", DAY, None)] * 2), event_type=CHANGED)
    second = received(
        an_entitlement(1, [("insurance.HN", DAY, later), ("insurance.HN", DAY, None)]),
        2,
        event_type=CHANGED,
    )
    nothing = received(an_entitlement(2, []), 2, event_type=CHANGED)
    stale = received(an_entitlement(2, [("credit.01", DAY, None)]), event_type=CHANGED)
    await hear(
        reporting, [*units(), withdrawn, second, nothing, stale, opened, first, second, opened]
    )
    then = await get(reporting, "/areas/06/effects", on="2022-06-01")
    now = await get(reporting, "/areas/06/effects", on="2023-01-01")
    assert then["entitlements"] == [{"code": "insurance.HN", "households": 1, "subjects": 2}]
    assert now["entitlements"] == [{"code": "insurance.HN", "households": 1, "subjects": 1}]
    assert [(r["state"], r["referrals"]) for r in then["referrals"]] == [("open", 1)]
    assert [(r["state"], r["referrals"]) for r in now["referrals"]] == [("withdrawn", 1)]


async def test_timeline_pages_through_what_happened_with_its_causes(
    reporting: ServiceDatabase,
) -> None:
    changed = received(a_household(1, statuses=[(POOR, DAY, None)]))
    followed = received(
        an_entitlement(1, [("credit.01", DAY, None)]),
        event_type=CHANGED,
        correlation_id=changed.correlation_id,
        causation_id=changed.event_id,
        recorded_at=changed.recorded_at + timedelta(seconds=1),
    )
    await hear(reporting, [*units(), followed, changed, followed])
    path = f"/households/{changed.subject}/timeline"
    first = await get(reporting, path, limit=1)
    second = await get(reporting, path, limit=1, after=first["next"])
    assert second["next"] is None
    entries = [*first["items"], *second["items"]]
    assert [entry["stream"] for entry in entries] == ["household", "entitlement"]
    assert entries[1]["causation_id"] == entries[0]["event_id"]
    assert entries[1]["correlation_id"] == entries[0]["correlation_id"]
    assert entries[0]["summary"]["vi"] == (
        "Thay đổi phân loại hộ, hộ nghèo (chuẩn ND07-2021), từ ngày 1/1/2022"
    )
    assert entries[1]["summary"]["en"] == "Entitled to: credit.01: 1"
    assert (await get(reporting, path, scope=["01864"]))["items"] == []


@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "WyIyMDIyLTAxLTAxIiwiYiJd"])
async def test_a_cursor_of_our_own_only(reporting: ServiceDatabase, cursor: str) -> None:
    path = f"/households/{derived_id('household', 1)}/timeline"
    assert await get(reporting, path, after=cursor) == 422


async def test_unit_of_level_is_found_by_its_digits(reporting: ServiceDatabase) -> None:
    await hear(reporting, units())
    report = await get(reporting, "/areas/01882/indicators", on="2022-01-01", **Q)
    assert report["area"]["level"] == AreaLevel.COMMUNE
    assert await get(reporting, "/areas/99999/indicators", on="2022-01-01", **Q) == 404

"""Households that a reorganisation has moved count once, in the geography of any day."""

from datetime import date

from libs.common.vocabulary import StatusClass
from tests.integration.reporting.test_reports import Q, get, hear, units
from tests.support.areas import REFORM
from tests.support.reporting import a_household, an_area, received
from tests.support.servers import ServiceDatabase

SINCE = date(2022, 1, 1)


async def test_a_moved_household_counts_where_it_was_and_where_it_is(
    reporting: ServiceDatabase,
) -> None:
    """An Thắng and the old Nghiên Loan, which keeps its code, became the new Nghiên Loan."""
    poor = [(StatusClass.POOR, SINCE, None)]
    said = []
    for number, commune in ((1, "01876"), (2, "01882"), (3, "01882")):
        said.append(received(a_household(number, statuses=poor, area=an_area(commune))))
        now = an_area("01882", from_day=REFORM)
        said.append(received(a_household(number, statuses=poor, area=now), version=2))
    await hear(reporting, [*units(), *said])

    async def poor_in(code: str, on: str, unit_on: str | None = None) -> int:
        asked = {"on": on, **Q} | ({"unit_on": unit_on} if unit_on else {})
        report = await get(reporting, f"/areas/{code}/indicators", **asked)
        households: int = report["poor"]["households"]
        return households

    before, since = "2024-12-31", "2025-07-01"
    assert await poor_in("01876", before) == 1
    assert await poor_in("01882", before) == 2
    assert await poor_in("01882", before, unit_on=since) == 3
    assert await poor_in("01882", since) == 3
    assert await poor_in("06", before) == await poor_in("19", since) == 3

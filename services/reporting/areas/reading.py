"""An area as a report reads it: found on the day, whole within the caller's scope."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import Query

from libs.common.clock import start_of_day
from libs.common.database import Transaction
from libs.common.problems import FieldError, Problem, Text
from libs.common.problems import not_found as not_found_problem
from libs.common.web.days import Day
from services.reporting.areas import store
from services.reporting.areas.store import Territory, Unit

UnitOn = Annotated[
    Day | None,
    Query(
        description="The day on whose map the code is read, the report's own if left out. A code "
        "that no unit bears that day means the unit that bore it last before, else first after."
    ),
]


@dataclass(frozen=True)
class Read:
    """A unit with the records of every day that belong to it; `map_on` is a day of its map."""

    unit: Unit
    territory: Territory
    map_on: date


async def read_area(tx: Transaction, code: str, unit_on: date) -> Read:
    """The area that the code means on a day, whether or not it exists on the report's own day:
    an old unit keeps its reports, and a new one has them for the days before it.

    Raises:
        Problem: 404 when no unit ever bears the code, or the caller may not see all of it: a
            report over a part would be wrong.
    """
    unit = await store.find_unit(tx, code, unit_on)
    if unit is None:
        raise not_found_problem("area")
    map_on = unit.nearest(unit_on)
    territory = await store.territory_of(tx, code, map_on)
    if not await store.is_in_scope(tx, territory):
        raise not_found_problem("area")
    return Read(unit, territory, map_on)


def known_before(known_at: date | None) -> datetime | None:
    """The first instant that no longer counts: the end of the day `known_at`."""
    return None if known_at is None else start_of_day(known_at + timedelta(days=1))


def check_order(from_day: date, until: date) -> None:
    """Refuse a period that does not end after it begins."""
    if until <= from_day:
        raise Problem(
            422,
            "period.empty",
            Text("Kỳ báo cáo không hợp lệ.", "The period is not valid."),
            [
                FieldError(
                    "/query/until",
                    "period.empty",
                    Text("Ngày cuối phải sau ngày đầu.", "The last day must follow the first."),
                    Text("Chọn `until` sau `from`.", "Choose `until` after `from`."),
                )
            ],
        )

"""An area as a report reads it: found on the day, whole within the caller's scope."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from libs.common.clock import start_of_day
from libs.common.database import Transaction
from libs.common.problems import FieldError, Problem, Text
from libs.common.problems import not_found as not_found_problem
from services.reporting.areas import store
from services.reporting.areas.store import Territory, Unit


@dataclass(frozen=True)
class Read:
    """A unit with the records that belong to it on one day."""

    unit: Unit
    territory: Territory


async def read_area(tx: Transaction, code: str, day: date) -> Read:
    """The area that bears the code on the day.

    Raises:
        Problem: 404 when no unit bears it on that day, or the caller may not see all of it: a
            report over a part would be wrong.
    """
    unit = await store.find_unit(tx, code, day)
    if unit is None:
        raise not_found_problem("area")
    territory = await store.territory_of(tx, code, day)
    if not await store.is_in_scope(tx, territory):
        raise not_found_problem("area")
    return Read(unit, territory)


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

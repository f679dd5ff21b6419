"""The area and the instant that a list is asked for, from what the request says."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import Query

from libs.common.areas.scope import expand
from libs.common.database import EVERY_AREA, Transaction
from libs.common.problems import FieldError, Problem, Text
from libs.common.web.days import Instant
from services.eligibility.sweeps.store import find_law_day

AreaQuery = Annotated[
    str | None,
    Query(
        pattern=r"^(\d{2}|\d{3}|\d{5})$",
        description="Mã đơn vị hành chính / code of a province, district or commune",
    ),
]
KnownQuery = Annotated[
    Instant | None,
    Query(description="Theo hiểu biết tại thời điểm này / as known at this instant"),
]


async def day_of_law(tx: Transaction) -> date:
    """The day up to which time has been applied: what a question without a day is about.

    Raises:
        Problem: the service has not been given its first day yet (503).
    """
    law_day = await find_law_day(tx)
    if law_day is None:
        raise Problem(
            503,
            "law_day.unset",
            Text("Dịch vụ chưa có ngày áp dụng.", "The service has no day of the law yet."),
        )
    return law_day.day


async def communes_of(tx: Transaction, area: str | None, day: date) -> Sequence[str] | None:
    """The recorded commune codes that the area stands for, by succession; None stands for all.

    Raises:
        Problem: there is no such area (422).
    """
    if area is None:
        return None
    scope = await expand(tx, [area], day)
    if not scope:
        raise Problem(
            422,
            "area.unknown",
            Text("Không có đơn vị hành chính này.", "There is no such administrative unit."),
            [
                FieldError(
                    "/query/area",
                    "area.unknown",
                    Text("Mã không có trong danh mục.", "The code is not in the list."),
                    Text("Dùng mã 2, 3 hoặc 5 chữ số.", "Use a code of 2, 3 or 5 digits."),
                )
            ],
        )
    return None if scope == EVERY_AREA else scope.split(",")


def known_at_or_now(tx: Transaction, known_at: datetime | None) -> datetime:
    """The instant as of which the answer is known; without one, this request's own."""
    return known_at or tx.recorded_at

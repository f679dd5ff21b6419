"""The area and the instant that a list is asked for, from what the request says."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import Query

from libs.common.areas.narrowing import GEOGRAPHY_HEADER, narrow
from libs.common.database import Transaction
from libs.common.problems import FieldError, Problem, Text
from libs.common.web import Edge
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


async def communes_of(edge: Edge, area: str | None, day: date) -> Sequence[str] | None:
    """Under which codes the rows of the area that bears the code on a day stand today; None stands
    for all. The answer's headers say which unit was meant.

    Raises:
        Problem: there is no such area (422).
    """
    if area is None:
        return None
    found = await narrow(edge.tx, area, day, edge.clock.today())
    if found is None:
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
    edge.headers[GEOGRAPHY_HEADER] = found.header("successors")
    return found.communes


def known_at_or_now(tx: Transaction, known_at: datetime | None) -> datetime:
    """The instant as of which the answer is known; without one, this request's own."""
    return known_at or tx.recorded_at

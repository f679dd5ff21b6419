"""How a part of a citizen's file is asked for: with its purpose, and of which stays."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import StringConstraints

from libs.common.citizens.schemas import Stay
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.caller import Caller
from libs.common.web.days import FIRST_DAY, LAST_DAY, Instant

PURPOSE = "data-subject"
_MOST_STAYS = 100
_STAY = r"^[0-9a-fA-F-]{36},\d{4}-\d{2}-\d{2},(\d{4}-\d{2}-\d{2})?$"

StaysQuery = Annotated[
    list[Annotated[str, StringConstraints(pattern=_STAY)]] | None,
    Query(
        alias="stay",
        max_length=_MOST_STAYS,
        description=(
            "Hộ, từ ngày, đến trước ngày, theo phần của sổ hộ / a household, from which day, until "
            "before which, as the registry's part says (`stays`)"
        ),
        examples=[["440db2f6-ab1d-54dd-9760-dc4402fe7537,2021-11-15,"]],
    ),
]
Before = Annotated[
    Instant | None,
    Query(description="Nhật ký đến thời điểm này / lines of the trail up to this instant"),
]


def require_purpose(caller: Caller) -> None:
    """Refuse whoever does not answer a person's request; a case may follow after a dot.

    Raises:
        Problem: 403, another purpose is stated, or none.
    """
    if (caller.purpose or "").partition(".")[0] == PURPOSE:
        return
    title = Text("Cần nêu mục đích.", "A purpose is needed.")
    fix = Text(f"Gửi `X-Purpose: {PURPOSE}`.", f"Send `X-Purpose: {PURPOSE}`.")
    rule = "purpose.needed"
    raise Problem(403, rule, title, [FieldError("/header/x-purpose", rule, title, fix)])


def stays_of(asked: list[str] | None) -> list[Stay]:
    """The stays that a request names.

    Raises:
        Problem: 422 naming those that cannot be.
    """
    stays, errors = [], []
    for place, text in enumerate(asked or ()):
        stay = _stay(text)
        if stay is None:
            message = Text("Thời gian ở hộ không hợp lệ.", "The stay is impossible.")
            fix = Text("Gửi như phần của sổ hộ (`stays`).", "Send it as the registry's part says.")
            errors.append(FieldError(f"/query/stay/{place}", "stay.invalid", message, fix))
        else:
            stays.append(stay)
    if errors:
        title = Text("Dữ liệu gửi lên không hợp lệ.", "The request does not hold what it should.")
        raise Problem(422, "request.invalid", title, errors)
    return stays


def _stay(text: str) -> Stay | None:
    household, since, ended = text.split(",")
    try:
        stay = Stay(
            household_id=UUID(household),
            from_day=date.fromisoformat(since),
            until=date.fromisoformat(ended) if ended else None,
        )
    except ValueError:
        return None
    days = [stay.from_day, stay.until or stay.from_day]
    is_possible = days == sorted(days) and days[0] >= FIRST_DAY and days[1] <= LAST_DAY
    return stay if is_possible else None

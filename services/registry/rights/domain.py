"""A person's request about its own data: what may be done next, and by when.

Pure. A request is its steps; its state is what they come to. Source: NĐ 356/2025/NĐ-CP, times as
data (`law/`), unconfirmed. Children ask through whoever represents them (Luật 91/2025/QH15).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from uuid import UUID

from libs.common.policy import Book, Row, Table, age_on, load_book, working_days_after
from libs.common.problems import FieldError, Problem, Text

CHILD_BELOW = 16  # years: speaks through a representative; to be confirmed


class RequestKind(StrEnum):
    """What a person asks for."""

    ACCESS = "access"  # xem dữ liệu
    CORRECTION = "correction"  # đính chính
    RESTRICTION = "restriction"  # hạn chế xử lý
    OBJECTION = "objection"  # phản đối xử lý


class AskedBy(StrEnum):
    """Who speaks."""

    SELF = "self"
    REPRESENTATIVE = "representative"


class Step(StrEnum):
    """What is done with a request."""

    RECEIVE = "receive"
    ACKNOWLEDGE = "acknowledge"
    EXTEND = "extend"
    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    LIFT = "lift"  # a granted limit ends


class RequestState(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LIFTED = "lifted"


_LEADS_TO = {
    Step.RECEIVE: RequestState.RECEIVED,
    Step.ACKNOWLEDGE: RequestState.ACKNOWLEDGED,
    Step.EXTEND: RequestState.ACKNOWLEDGED,
    Step.GRANT: RequestState.GRANTED,
    Step.REFUSE: RequestState.REFUSED,
    Step.WITHDRAW: RequestState.WITHDRAWN,
    Step.LIFT: RequestState.LIFTED,
}
_OPEN = frozenset((RequestState.RECEIVED, RequestState.ACKNOWLEDGED))
_FROM = {
    Step.ACKNOWLEDGE: frozenset((RequestState.RECEIVED,)),
    Step.EXTEND: frozenset((RequestState.ACKNOWLEDGED,)),
    Step.GRANT: _OPEN,
    Step.REFUSE: _OPEN,
    Step.WITHDRAW: _OPEN,
    Step.LIFT: frozenset((RequestState.GRANTED,)),
}
_LIMITS = frozenset((RequestKind.RESTRICTION, RequestKind.OBJECTION))


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked.

    Attributes:
        purpose: restriction and objection: of which purpose's use; None is every one that is not
            a duty of the state.
        evidence: the document by which the person asked.
        with_others: whether partners process the data too, which takes longer.
    """

    request_id: UUID
    household_id: UUID
    person_id: UUID
    kind: RequestKind
    asked_by: AskedBy
    received_on: date
    purpose: str | None
    evidence: str
    with_others: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken, with its reason and document where it has them."""

    step: Step
    on: date
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Clocks:
    """By which day each thing is due; None: done, or no longer due."""

    acknowledge_by: date | None
    answer_by: date | None

    def is_overdue(self, today: date) -> bool:
        return any(day is not None and day < today for day in (self.acknowledge_by, self.answer_by))


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the law on a day, for people: of what, how many days or years, and on which ground.

    Attributes:
        note: what is not known about it.
        is_confirmed: whether a lawyer has confirmed document and numbers.
    """

    title: Text
    numbers: Mapping[str, int]
    document: str
    is_confirmed: bool
    effective: date
    note: Text | None


@cache
def rights_book() -> Book:
    """The tables of times that are part of the program, read once."""
    return load_book(Path(__file__).parent / "law")


def rules_on(name: str, day: date) -> list[Rule]:
    """The rows of `request_times` or `retention` on a day; before the first version, that one."""
    table = _table(rights_book(), name, day)
    return [
        Rule(
            row.title,
            {one: int(str(value)) for one, value in row.benefit.items()},
            row.source.document,
            row.source.is_confirmed,
            table.effective,
            table.note,
        )
        for row in table.rows
    ]


def rule_of(request: Request) -> Rule:
    """By which rule the request's days are counted."""
    found = _deciding(request, rights_book())
    rules = rules_on("request_times", request.received_on)
    return next(one for one in rules if one.title == found.title)


def limits_processing(kind: RequestKind) -> bool:
    """Whether granting it limits for what the data may be used."""
    return kind in _LIMITS


def state_of(steps: Sequence[Taken]) -> RequestState:
    """Where the steps lead; a request has one at least."""
    return _LEADS_TO[steps[-1].step]


def clocks_of(request: Request, steps: Sequence[Taken], book: Book) -> Clocks:
    """By when the next steps are due, counted from the day on which the request came."""
    state = state_of(steps)
    if state not in _OPEN:
        return Clocks(None, None)
    times = _times(request, book)
    days = times["answer_days_with_others" if request.with_others else "answer_days"]
    if any(taken.step is Step.EXTEND for taken in steps):
        days += times["extension_days"]
    return Clocks(
        acknowledge_by=working_days_after(request.received_on, times["acknowledge_days"])
        if state is RequestState.RECEIVED
        else None,
        answer_by=request.received_on + timedelta(days=days),
    )


def check_request(request: Request, born_on: date | None, born_in: int, today: date) -> None:
    """Refuse what cannot be a request.

    Args:
        request: as the officer entered it.
        born_on: the person's birth date, where it is known.
        born_in: its year of birth.
        today: the day in Vietnam.

    Raises:
        Problem: 422 naming every broken rule.
    """
    errors = list(_faults(request, born_on or date(born_in, 1, 1), today))
    if errors:
        title = Text("Yêu cầu chưa hợp lệ.", "The request is refused.")
        raise Problem(422, "data_request.refused", title, errors)


def check_step(request: Request, steps: Sequence[Taken], taken: Taken, today: date) -> None:
    """Refuse a step that does not follow from those before it.

    Raises:
        Problem: 409 where the state does not allow it, 422 where its day is impossible.
    """
    state = state_of(steps)
    already = any(one.step is Step.EXTEND for one in steps)
    is_second = taken.step is Step.EXTEND and already
    is_limit = taken.step is not Step.LIFT or limits_processing(request.kind)
    if state not in _FROM[taken.step] or is_second or not is_limit:
        title = Text("Yêu cầu không ở bước này.", "The request is not at that step.")
        fix = Text("Đọc lại yêu cầu để biết bước hiện tại.", "Read the request to see its step.")
        rule = "data_request.extended_before" if is_second else "data_request.step"
        raise Problem(409, rule, title, [FieldError("", rule, title, fix)])
    if not steps[-1].on <= taken.on <= today:
        title = Text("Ngày không hợp lệ.", "The day is impossible.")
        fix = Text(
            "Nhập ngày từ bước trước đến hôm nay.", "Give a day from the step before up to today."
        )
        raise Problem(422, "data_request.day", title, [FieldError("/on", "day", title, fix)])


def _faults(request: Request, born_on: date, today: date) -> Iterator[FieldError]:
    if request.received_on > today:
        message = Text("Ngày ở tương lai.", "The day lies in the future.")
        fix = Text("Nhập ngày không sau hôm nay.", "Give a day that is not after today.")
        yield FieldError("/received_on", "day.future", message, fix)
    if request.purpose is not None and not limits_processing(request.kind):
        message = Text(
            "Chỉ hạn chế và phản đối mới nêu mục đích.",
            "Only restriction and objection name a purpose.",
        )
        fix = Text("Bỏ trống mục đích.", "Leave the purpose out.")
        yield FieldError("/purpose", "purpose.not_asked", message, fix)
    if (
        request.asked_by is AskedBy.SELF
        and request.received_on >= born_on
        and age_on(born_on, request.received_on) < CHILD_BELOW
    ):
        message = Text(
            "Trẻ em yêu cầu qua người đại diện.", "A child asks through whoever represents it."
        )
        fix = Text("Ghi người đại diện là bên yêu cầu.", "Say that a representative asks.")
        yield FieldError("/asked_by", "asked_by.child", message, fix)


def _times(request: Request, book: Book) -> dict[str, int]:
    """The law of the day on which the request came; before it was in force, its first version."""
    return {name: int(str(value)) for name, value in _deciding(request, book).benefit.items()}


def _deciding(request: Request, book: Book) -> Row:
    table = _table(book, "request_times", request.received_on)
    row = table.deciding_row({"request": request.kind.value})
    if row is None:  # pragma: no cover - the table's last row has no conditions
        raise LookupError("request_times")
    return row


def _table(book: Book, name: str, day: date) -> Table:
    return book.find(name, day) or book.versions(name)[0]

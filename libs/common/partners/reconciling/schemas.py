"""What the reconciliations' routes take and answer."""

from collections.abc import Container
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.partners.reconciling.domain import (
    Acts,
    DifferenceKind,
    ReconciliationState,
    advice,
    reason,
)
from libs.common.partners.reconciling.lines import page_and_line
from libs.common.partners.reconciling.store import Difference, Reconciliation, Sent
from libs.common.web.days import Day
from libs.common.web.schemas import ProblemText

MOST_PAGES = 10_000
ListName = Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,30}$")]
# The number of the minutes of reconciliation, or of a letter: no free text, so no names.
Document = Annotated[
    str, Field(min_length=1, max_length=60, pattern=r"^[0-9A-Za-zĐđ./-]+( [0-9A-Za-zĐđ./-]+)*$")
]


_Columns = Annotated[list[ListName], Field(min_length=1, max_length=40)]
_Names = list[str]  # a field of the models below is named `list`


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ReconciliationIn(_In):
    """A list of a day. `columns`: which to compare beside the key; without it, every one that the
    registration covers.
    """

    list: ListName
    as_of: Day
    columns: _Columns | None = None


class ReconciliationCloseIn(_In):
    """How many pages were sent: one that is missing is noticed."""

    pages: Annotated[int, Field(ge=0, le=MOST_PAGES)]


class MinutesIn(_In):
    """That both sides have taken up what differs: the minutes (biên bản đối chiếu)."""

    answered_on: Day
    document: Document


class ReconciliationSeen(BaseModel):
    """A partner's list beside ours, without a line of it.

    `state`: `open` takes pages; `closed` waits for the job; `comparing`; `done`; `cancelled`.
    `read` counts lines that could be read so far. Our list is that of the day `as_of` as known at
    `known_at`; `ours` is its length, `agreed` how many lines both sides say alike, `differences`
    how many by kind. `is_empty`: done, and nothing differs. `is_whole`: all columns and areas of
    the registration are compared; only such a one settles a month.
    """

    reconciliation_id: UUID
    partner: str
    list: str
    as_of: date
    is_whole: bool
    state: ReconciliationState
    opened_at: datetime
    pages: int
    read: int
    unreadable: int
    known_at: datetime | None
    ours: int | None
    agreed: int | None
    differences: dict[str, int]
    is_empty: bool
    finished_at: datetime | None
    answered_on: date | None
    answer: str | None

    @classmethod
    def of(cls, one: Reconciliation, sent: Sent, **more: Any) -> Self:
        return cls(
            reconciliation_id=one.reconciliation_id,
            partner=one.partner,
            list=one.list,
            as_of=one.as_of,
            is_whole=one.is_whole,
            state=one.state,
            opened_at=one.opened_at,
            pages=sent.pages,
            read=sent.lines,
            unreadable=sent.unreadable,
            known_at=one.known_at,
            ours=one.ours,
            agreed=one.agreed,
            differences=dict(one.differences),
            is_empty=one.state is ReconciliationState.DONE and not one.total,
            finished_at=one.finished_at,
            answered_on=one.answered_on,
            answer=one.answer,
            **more,
        )


class ReconciliationOut(ReconciliationSeen):
    """The same for the partner: a line of its list holds `key`, then `columns`."""

    key: str
    columns: _Names


class UnreadableOut(BaseModel):
    """A line that cannot be read; `field` is the first column to blame, null: the whole line."""

    line: int
    field: str | None


class ReconciliationPageOut(BaseModel):
    """What came of a page: lines read, and those that could not be (the first hundred of them).

    `is_repeated`: it had come before, and changed nothing.
    """

    page: int
    read: int
    unreadable: int
    lines: list[UnreadableOut]
    is_repeated: bool


class DifferenceOut(BaseModel):
    """One difference.

    `kind`: `missing_here` (on the partner's list alone), `missing_there` (on ours alone), `differs`
    (one column), `duplicate`, `unreadable`, `outside_scope`. `acts` is who should act, `advice`
    what that is. `page` and `line` say where the partner's line stands; lines count from 1.
    """

    kind: DifferenceKind
    key: str | None
    field: str | None
    theirs: str | None
    ours: str | None
    page: int | None
    line: int | None
    household_id: UUID | None
    acts: Acts
    reason: ProblemText
    advice: ProblemText

    @classmethod
    def of(cls, one: Difference, allowed: Container[str]) -> "DifferenceOut":
        """Our value only of a column that the registration still covers."""
        kind, acts = DifferenceKind(one.kind), Acts(one.acts)
        why, what = reason(kind, one.field), advice(acts)
        page, line = (None, None) if one.line is None else page_and_line(one.line)
        return cls(
            kind=kind,
            key=one.key or None,
            field=one.field,
            theirs=one.theirs,
            ours=one.ours if one.field in allowed else None,
            page=page,
            line=line,
            household_id=one.household_id,
            acts=acts,
            reason=ProblemText(vi=why.vi, en=why.en),
            advice=ProblemText(vi=what.vi, en=what.en),
        )

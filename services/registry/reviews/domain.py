"""What follows from a household's decisions: which rows stand, status periods, escape windows.

Pure and independent of the order in which decisions were read. It knows one household at a time and
nothing of storage.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from uuid import UUID

from libs.common.policy import add_months
from libs.common.vocabulary import DecisionKind, StatusClass

ESCAPE_MONTHS = 36  # hộ mới thoát nghèo: from the day on which the escape was recognised
_POOR = frozenset((StatusClass.POOR, StatusClass.NEAR_POOR))


@dataclass(frozen=True, slots=True)
class Row:
    """What one decision says of the household.

    Attributes:
        status: the class from `effective_on` on; None where the decision only withdraws.
        recorded_at: the order of knowledge; rows of one household never share it.
        supersedes: the decision whose row falls for as long as this one stands.
    """

    decision_id: UUID
    kind: DecisionKind
    number: str
    authority: str
    standard: str
    status: StatusClass | None
    signed_on: date
    effective_on: date
    supersedes: UUID | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """The class over `[from_day, until)`; `until` None is open."""

    standard: str
    status: StatusClass
    from_day: date
    until: date | None
    decision_id: UUID


@dataclass(frozen=True, slots=True)
class Window:
    """Newly escaped over `[from_day, until)`, from poor or near-poor."""

    standard: str
    from_class: StatusClass
    recognised_on: date
    from_day: date
    until: date
    decision_id: UUID


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that a household's rows mean, over all standards."""

    periods: tuple[Period, ...]
    windows: tuple[Window, ...]

    def under(self, standard: str) -> tuple[Period, ...]:
        return tuple(period for period in self.periods if period.standard == standard)

    def on(self, day: date) -> "Timeline":
        """Only what holds on a day."""
        return Timeline(
            tuple(period for period in self.periods if _holds(period.from_day, period.until, day)),
            tuple(window for window in self.windows if _holds(window.from_day, window.until, day)),
        )


def standing_rows(rows: Iterable[Row]) -> list[Row]:
    """The rows that stand, oldest knowledge first.

    A row falls when a later one that stands supersedes it. So revoking a correction brings back
    what it had corrected.
    """
    fallen: set[UUID] = set()
    standing: list[Row] = []
    for row in sorted(rows, key=lambda row: row.recorded_at, reverse=True):
        if row.decision_id in fallen:
            continue
        if row.supersedes is not None:
            fallen.add(row.supersedes)
        standing.append(row)
    standing.reverse()
    return standing


def derive_timeline(rows: Sequence[Row]) -> Timeline:
    """Status periods and escape windows, per standard in the order of its name."""
    by_standard: dict[str, dict[date, Row]] = {}
    for row in standing_rows(rows):
        if row.status is None:
            continue
        # On one effective day the later knowledge wins.
        by_standard.setdefault(row.standard, {})[row.effective_on] = row
    periods: list[Period] = []
    windows: list[Window] = []
    for standard in sorted(by_standard):
        by_day = by_standard[standard]
        ordered = [by_day[day] for day in sorted(by_day)]
        periods.extend(_periods(ordered))
        windows.extend(_windows(ordered))
    return Timeline(tuple(periods), tuple(windows))


def _holds(from_day: date, until: date | None, day: date) -> bool:
    return from_day <= day and (until is None or day < until)


def _periods(rows: Sequence[Row]) -> list[Period]:
    untils = [row.effective_on for row in rows[1:]]
    return [
        Period(row.standard, row.status, row.effective_on, until, row.decision_id)
        for row, until in zip(rows, [*untils, None], strict=True)
        if row.status is not None
    ]


def _windows(rows: Sequence[Row]) -> list[Window]:
    windows: list[Window] = []
    for before, row in pairwise(rows):
        if before.status is None or before.status not in _POOR or row.status in _POOR:
            continue
        until = add_months(row.signed_on, ESCAPE_MONTHS)
        again = (
            later.effective_on
            for later in rows
            if later.effective_on > row.effective_on and later.status in _POOR
        )
        until = min(until, next(again, until))
        if row.effective_on < until:
            windows.append(
                Window(
                    standard=row.standard,
                    from_class=before.status,
                    recognised_on=row.signed_on,
                    from_day=row.effective_on,
                    until=until,
                    decision_id=row.decision_id,
                )
            )
    return windows

"""What the law needs to know of a household; no more, and nothing that names a person.

Named tuples and not dataclasses: they hash in C, and a decision over 30,000 households hashes
hundreds of thousands of them.
"""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from libs.common.vocabulary import (
    AreaKind,
    Designation,
    Disability,
    Schooling,
    Sex,
    StatusClass,
)


class DesignationFacts(NamedTuple):
    """The area is so designated over `[from_day, until)`."""

    designation: Designation
    from_day: date
    until: date | None


class AreaFacts(NamedTuple):
    """Where the household lives since `from_day`.

    `earlier` is where it lived before, the oldest first, each until the next one's day. Before the
    first day of all nothing that hangs on the place is known: no overlay and no designation counts;
    the kind of commune is taken to be the same.
    """

    province: str
    kind: AreaKind
    from_day: date
    designations: tuple[DesignationFacts, ...] = ()
    earlier: tuple["AreaFacts", ...] = ()

    @property
    def places(self) -> tuple["AreaFacts", ...]:
        """Every place, the oldest first."""
        return (*self.earlier, self)

    def on(self, day: date) -> "AreaFacts":
        """Where it lived on a day; the oldest place before that one's first day."""
        for place in reversed(self.places):
            if place.from_day <= day:
                return place
        return self.places[0]


class StatusFacts(NamedTuple):
    """The class under one standard over `[from_day, until)`."""

    standard: str
    status: StatusClass
    from_day: date
    until: date | None


class EscapeFacts(NamedTuple):
    """Newly escaped from `from_class` over `[from_day, until)`."""

    standard: str
    from_class: StatusClass
    from_day: date
    until: date


class MemberFacts(NamedTuple):
    """A person while in the household, `[joined_on, left_on)`."""

    person_id: UUID
    birth_date: date | None
    birth_year: int
    sex: Sex
    ethnicity: str
    disability: Disability
    schooling: Schooling
    has_pension: bool
    joined_on: date
    left_on: date | None = None
    is_low_income_worker: bool = False


class HouseholdFacts(NamedTuple):
    """A household as known now. Entitlements end on `closed_on`; over each of `closures`, from one
    day until another, it was closed and has come back.
    """

    household_id: UUID
    closed_on: date | None
    area: AreaFacts
    is_farm_household: bool
    members: tuple[MemberFacts, ...]
    statuses: tuple[StatusFacts, ...]
    escapes: tuple[EscapeFacts, ...] = ()
    closures: tuple[tuple[date, date], ...] = ()

    def is_closed_on(self, day: date) -> bool:
        """Whether it counts nowhere on the day."""
        is_away = any(from_day <= day < until for from_day, until in self.closures)
        return is_away or (self.closed_on is not None and day >= self.closed_on)

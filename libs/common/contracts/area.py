"""Stream `area`: one administrative unit with its validity and succession. Says: registry."""

from datetime import date
from uuid import UUID

from libs.common.contracts.model import Contract
from libs.common.vocabulary import AreaKind, AreaLevel, Designation

CHANGED = "area.changed.v1"


class AreaSuccession(Contract):
    """A unit that takes over (part of) this one. `is_divided`: the old unit went to several."""

    successor_id: UUID
    successor_code: str
    is_divided: bool


class AreaCount(Contract):
    """All households and persons of the unit at the end of `year`: the denominators of rates."""

    year: int
    households: int
    persons: int | None
    source: str
    is_confirmed: bool


class AreaDesignation(Contract):
    designation: Designation
    from_day: date
    until: date | None
    source: str
    is_confirmed: bool


class AreaData(Contract):
    """The unit as known after this version; valid over `[valid_from, valid_until)`.

    `area_id` is derived from level, code and `valid_from`, because a code lives on when its unit
    is replaced by a larger one (xã Nghiên Loan keeps 01882).
    """

    area_id: UUID
    level: AreaLevel
    code: str
    name: str
    kind: AreaKind
    parent_id: UUID | None
    valid_from: date
    valid_until: date | None
    successors: tuple[AreaSuccession, ...]
    counts: tuple[AreaCount, ...]
    designations: tuple[AreaDesignation, ...]

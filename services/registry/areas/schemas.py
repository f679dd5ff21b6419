"""What the API says of areas."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from libs.common.vocabulary import AreaKind, AreaLevel, Designation


class AreaOut(BaseModel):
    """One unit over `[valid_from, valid_until)`; `parent` is the code of the unit above."""

    area_id: UUID
    level: AreaLevel
    code: str
    name: str
    kind: AreaKind
    parent: str | None
    valid_from: date
    valid_until: date | None


class RelatedArea(BaseModel):
    """A unit that this one came from or went to. `is_divided`: the older went to several."""

    area_id: UUID
    level: AreaLevel
    code: str
    name: str
    valid_from: date
    valid_until: date | None
    is_divided: bool


class CountOut(BaseModel):
    """All households and persons at the end of `year`: the denominators of rates."""

    year: int
    households: int
    persons: int | None
    source: str
    is_confirmed: bool


class DesignationOut(BaseModel):
    """A dated quality on which benefits depend; `until` is exclusive."""

    designation: Designation
    from_day: date
    until: date | None
    source: str
    is_confirmed: bool


class AreaDetail(AreaOut):
    """One unit with where it came from, where it went, and its dated facts."""

    predecessors: list[RelatedArea]
    successors: list[RelatedArea]
    counts: list[CountOut]
    designations: list[DesignationOut]

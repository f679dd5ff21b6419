"""Whose a record is, in the geography of any day. Pure: no database, no clock.

A record (a household's residence) stands under a commune code and the day it was recorded, which
together name one unit. A unit of another day either contains all of that unit, or none of it, or
an unknown share of it: then the record cannot be attributed and must be counted apart.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RecordedCommune:
    """Which records belong: those under `code` that were recorded in `[valid_from, valid_until)`.

    `is_whole` is False where only an unknown share of them belongs to the area asked for.
    """

    area_id: UUID
    code: str
    valid_from: date
    valid_until: date | None
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A unit that a record's unit has become, or a part of it."""

    area_id: UUID
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """The record lies in this unit."""

    unit: Choice


@dataclass(frozen=True, slots=True)
class Divided:
    """The recorded commune went to several units; a person must choose."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """The code named no unit on the day of the record, or no successor is known."""


Present = Resolved | Divided | Open


def present(choices: Collection[Choice]) -> Present:
    """What a record's unit has become, from all units it led to."""
    match sorted(choices, key=lambda choice: choice.code):
        case []:
            return Open()
        case [unit]:
            return Resolved(unit)
        case several:
            return Divided(tuple(several))


class Share(Enum):
    """How much of a unit belongs to an area."""

    NONE = 0
    PART = 1
    WHOLE = 2


def shares(
    base: Collection[UUID], units: Iterable[UUID], links: Iterable[tuple[UUID, UUID]]
) -> dict[UUID, Share]:
    """How much of each unit belongs to the area that is made of the base units.

    An earlier unit belongs as a whole when all its successors do, a later one when all its
    predecessors do.

    Args:
        base: the units of the area on its own day.
        units: those to judge.
        links: (predecessor, successor): for each unit judged all its links in both directions.
    """
    successors, predecessors = defaultdict(list), defaultdict(list)
    for before, after in links:
        successors[before].append(after)
        predecessors[after].append(before)
    inside = set(base)
    earlier = _judge(inside, successors.get)
    later = _judge(inside, predecessors.get)
    return {unit: max(earlier(unit), later(unit), key=lambda share: share.value) for unit in units}


def _judge(
    inside: set[UUID], neighbours: Callable[[UUID], list[UUID] | None]
) -> Callable[[UUID], Share]:
    """Judge units by following their links in one direction only; links have no circles."""
    known = dict.fromkeys(inside, Share.WHOLE)

    def judge(unit: UUID) -> Share:
        if unit not in known:
            parts = {judge(neighbour) for neighbour in neighbours(unit) or ()}
            known[unit] = parts.pop() if len(parts) == 1 else Share.PART if parts else Share.NONE
        return known[unit]

    return judge

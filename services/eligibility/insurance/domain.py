"""Of all insurance groups a person belongs to on a day, the one the law puts first.

Pure: periods and the order in, the roll out; no I/O, no clock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID


class Cover(NamedTuple):
    """One person's right to insurance in one group over `[from_day, until)`.

    `support_percent`: share of the premium paid by the budget. `benefit_percent`: share of the
    cost of treatment paid by the fund.
    """

    person_id: UUID
    group: str
    from_day: date
    until: date | None
    support_percent: int
    benefit_percent: int
    document: str
    is_confirmed: bool


class Period(NamedTuple):
    """A stretch of the roll. `order_is_confirmed` is false where an order that is still to be
    confirmed chose this group among several on any of its days."""

    cover: Cover
    order_is_confirmed: bool


@dataclass(frozen=True)
class Precedence:
    """The order of groups in law (thứ tự đối tượng): the first that applies is the person's.

    Attributes:
        ranks: place by group, the lowest first; a group that is not listed comes last.
        is_confirmed: false while the source of the order is still to be confirmed.
        not_on_roll: groups that pay for themselves. Who is in no better one may buy a card; the
            roll does not show him, because nobody has paid.
    """

    ranks: Mapping[str, int]
    is_confirmed: bool
    not_on_roll: frozenset[str] = frozenset()

    def place(self, cover: Cover) -> tuple[object, ...]:
        """What covers are compared by: the order, then the more support, the more benefit."""
        rank = self.ranks.get(cover.group, len(self.ranks))
        most = (-cover.support_percent, -cover.benefit_percent)
        return (rank, *most, cover.group, cover.document, cover.is_confirmed)


def draw_up(covers: Iterable[Cover], order: Precedence) -> list[Period]:
    """The roll of all persons: periods by person and day that never overlap.

    The order of the input is irrelevant. Neighbouring periods that differ in nothing are one. Days
    on which the law's choice is a group that pays for itself are not on the roll.
    """
    persons: dict[UUID, list[Cover]] = {}
    for cover in covers:
        persons.setdefault(cover.person_id, []).append(cover)
    roll: list[Period] = []
    for person in sorted(persons):
        own = persons[person]
        periods = [Period(own[0], True)] if len(own) == 1 else _cut(own, order)
        roll += [period for period in periods if period.cover.group not in order.not_on_roll]
    return roll


def _cut(covers: Sequence[Cover], order: Precedence) -> list[Period]:
    """Cut one person's overlapping covers at every boundary and keep the first in order."""
    ranked = sorted(covers, key=order.place)
    edges = sorted(
        {cover.from_day for cover in ranked} | {c.until for c in ranked if c.until is not None}
    )
    periods: list[Period] = []
    for start, end in zip(edges, [*edges[1:], None], strict=True):
        groups = [c for c in ranked if c.from_day <= start and (c.until is None or start < c.until)]
        if not groups:
            continue
        chosen = groups[0]._replace(from_day=start, until=end)
        is_clear = order.is_confirmed or all(c.group == chosen.group for c in groups)
        last = periods[-1] if periods else None
        if last and last.cover == chosen._replace(from_day=last.cover.from_day, until=start):
            whole = last.cover._replace(until=end)
            periods[-1] = Period(whole, last.order_is_confirmed and is_clear)
        else:
            periods.append(Period(chosen, is_clear))
    return periods

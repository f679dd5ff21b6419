"""What changed between two sets of entitlements, and since when. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID


class Stretch(NamedTuple):
    """One stored entitlement: which right, when, and everything else about it."""

    subject_id: UUID
    programme: str
    from_day: date
    until: date | None
    rest: tuple[Any, ...]


def changed_on(gone: Iterable[Stretch], new: Iterable[Stretch]) -> date:
    """The earliest day on which the two differ: an end that was drawn in or out counts from that
    end, anything else from its first day.

    Args:
        gone: what no longer stands.
        new: what stands in its place. Not both are empty.
    """
    before = {(old.subject_id, old.programme, old.from_day): old for old in gone}
    days: list[date] = []
    for right in new:
        old = before.pop((right.subject_id, right.programme, right.from_day), None)
        if old is not None and old.rest == right.rest:
            days += [end for end in (old.until, right.until) if end is not None]
        else:
            days.append(right.from_day)
    return min([*days, *(old.from_day for old in before.values())])

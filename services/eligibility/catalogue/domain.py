"""Who is entitled to what, since when, until when, and when time alone will next change it.

Pure: households, a day and the catalogue go in, entitlements come out. Everything is worked out in
stretches between the days on which the facts or the law change. A rule that became known after it
took effect is applied from its effective day on, but only in determinations as of a day on which
it was known.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.eligibility.catalogue.explanation import Explanation, TableExplanation, explain
from services.eligibility.catalogue.household import (
    AreaFacts,
    DesignationFacts,
    EscapeFacts,
    HouseholdFacts,
    MemberFacts,
    StatusFacts,
)
from services.eligibility.catalogue.rules import Catalogue, GroupOrder, catalogue, group_order
from services.eligibility.catalogue.timeline import NEVER, Entitlement, Span

__all__ = [
    "AreaFacts",
    "Catalogue",
    "DesignationFacts",
    "Determination",
    "Entitlement",
    "EscapeFacts",
    "Explanation",
    "GroupOrder",
    "HouseholdFacts",
    "MemberFacts",
    "StatusFacts",
    "TableExplanation",
    "catalogue",
    "determine",
    "determine_set",
    "explain",
    "group_order",
]


class Determination(NamedTuple):
    """All rights of a household and its members as of a day.

    `entitlements` holds every period that starts on or before that day; the last one is open if it
    still holds on it. `next_change_on` is the first later day on which time alone changes them
    (None: never).
    """

    entitlements: tuple[Entitlement, ...]
    next_change_on: date | None


def determine(household: HouseholdFacts, as_of: date, catalogue: Catalogue) -> Determination:
    """All entitlements of one household as of a day, over all time up to it."""
    track = catalogue.track(household, as_of)
    late_day = catalogue.next_late_day(as_of)
    household_id = household.household_id
    entitlements = [_entitlement("household", household_id, span) for span in track.household_spans]
    change = track.household_change(late_day)
    for member in household.members:
        life = catalogue.life(member)
        person_id = member.person_id
        entitlements.extend([_entitlement("person", person_id, span) for span in track.spans(life)])
        change = track.person_change(life, change)
    found = tuple(entitlements)
    if change == late_day and late_day != NEVER:
        later = determine(household, late_day, catalogue)
        is_changed = _as_set(later.entitlements) != _as_set(found)
        return Determination(found, late_day if is_changed else later.next_change_on)
    return Determination(found, None if change == NEVER else change)


def determine_set(
    households: Sequence[HouseholdFacts], as_of: date, catalogue: Catalogue
) -> list[Determination]:
    """`determine` for each, in order; equal facts among them are worked out once."""
    return [determine(household, as_of, catalogue) for household in households]


def _entitlement(kind: str, subject_id: UUID, span: Span) -> Entitlement:
    grant, from_day, until = span
    return Entitlement(
        grant.programme,
        grant.support,
        kind,
        subject_id,
        from_day,
        until,
        grant.table,
        grant.row,
        grant.document,
        grant.is_confirmed,
        grant.benefit,
    )


def _as_set(entitlements: tuple[Entitlement, ...]) -> set[tuple[object, ...]]:
    return {(*entry[:-1], repr(entry.benefit)) for entry in entitlements}

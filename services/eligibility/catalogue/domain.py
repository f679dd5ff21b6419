"""Who is entitled to what, since when, until when, and when time alone will next change it.

Pure: households, a day and the catalogue go in, entitlements come out. Everything is worked out in
stretches between the days on which the facts or the law change. A rule that became known after it
took effect is applied from its effective day on, but only in determinations as of a day on which
it was known.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from libs.common.policy import Book, birthday, load_book
from libs.common.vocabulary import KINH
from services.eligibility.catalogue.household import (
    AreaFacts,
    DesignationFacts,
    EscapeFacts,
    HouseholdFacts,
    MemberFacts,
    StatusFacts,
)
from services.eligibility.catalogue.law_in_force import (
    AGE,
    BIRTHDAY_TABLE,
    ORDER_TABLE,
    GrantPool,
    LawInForce,
    PersonKey,
)
from services.eligibility.catalogue.timeline import (
    NEVER,
    Entitlement,
    PersonLife,
    Span,
    Track,
    TrackKey,
    track_key,
)

__all__ = [
    "AreaFacts",
    "Catalogue",
    "DesignationFacts",
    "Determination",
    "Entitlement",
    "EscapeFacts",
    "GroupOrder",
    "HouseholdFacts",
    "MemberFacts",
    "StatusFacts",
    "catalogue",
    "determine",
    "determine_set",
    "group_order",
]

# Distinct tracks kept for one day of determination; beyond it the memory starts anew.
MOST_TRACKS = 5_000


class Determination(NamedTuple):
    """All rights of a household and its members as of a day.

    `entitlements` holds every period that starts on or before that day; the last one is open if it
    still holds on it. `next_change_on` is the first later day on which time alone changes them
    (None: never).
    """

    entitlements: tuple[Entitlement, ...]
    next_change_on: date | None


class GroupOrder(NamedTuple):
    """Which insurance group counts for a person in several: the first of `groups`."""

    groups: tuple[str, ...]
    row: str
    document: str
    is_confirmed: bool


class Catalogue:
    """The tables, with all that has been worked out from them so far."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.ages = sorted(
            {
                threshold
                for table in book.tables
                for row in table.rows
                for condition in row.conditions
                if condition.fact.name == AGE
                for threshold in condition.thresholds
            }
        )
        late = {table.known_from for table in book.tables if table.known_from > table.effective}
        self._late_days = sorted(late)
        self._pool = GrantPool()
        self._laws: dict[int, LawInForce] = {}
        self._ageing: dict[date, tuple[date, ...]] = {}
        self._tracks: dict[TrackKey, Track] = {}
        self._tracks_as_of: date | None = None
        self._birthday = self._assumed_birthday()

    def _assumed_birthday(self) -> tuple[int, int, bool]:
        for table in self.book.tables:
            if table.id == BIRTHDAY_TABLE:
                benefit = table.rows[0].benefit
                month, day = int(str(benefit["birth_month"])), int(str(benefit["birth_day"]))
                return month, day, table.source.is_confirmed
        return 1, 1, False

    def law(self, known_on: date) -> LawInForce:
        """The time line of the law as known on a day."""
        epoch = bisect_right(self._late_days, known_on)
        if epoch not in self._laws:
            known = [
                table
                for table in self.book.tables
                if table.known_from <= max(table.effective, known_on)
            ]
            self._laws[epoch] = LawInForce(self.book, known, self.ages, self._pool)
        return self._laws[epoch]

    def next_late_day(self, day: date) -> date:
        """The next day on which a rule arrives that reaches back."""
        index = bisect_right(self._late_days, day)
        return self._late_days[index] if index < len(self._late_days) else NEVER

    def track(self, household: HouseholdFacts, as_of: date) -> Track:
        if as_of != self._tracks_as_of or len(self._tracks) > MOST_TRACKS:
            self._tracks, self._tracks_as_of = {}, as_of
        key = track_key(household)
        found = self._tracks.get(key)
        if found is None:
            found = self._tracks[key] = Track(self.law(as_of), key, as_of)
        return found

    def born_on(self, member: MemberFacts) -> date:
        """The day of birth; for a birth year only, the day that the law takes for it."""
        if member.birth_date is not None:
            return member.birth_date
        month, day, _ = self._birthday
        return date(member.birth_year, month, day)

    def life(self, member: MemberFacts) -> PersonLife:
        born_on = member.birth_date or self.born_on(member)
        ageing = self._ageing.get(born_on)
        if ageing is None:
            ageing = tuple(birthday(born_on, age) for age in self.ages)
            self._ageing[born_on] = ageing
        key = PersonKey(
            member.ethnicity != KINH,
            member.disability,
            member.schooling,
            member.has_pension,
            member.is_low_income_worker,
            member.birth_date is None and not self._birthday[2],
        )
        return PersonLife(key, max(member.joined_on, born_on), member.left_on, ageing)


@cache
def catalogue() -> Catalogue:
    """The catalogue that is part of the program, read once."""
    return Catalogue(load_book(Path(__file__).parent / "law"))


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


def _entitlement(kind: str, subject_id: object, span: Span) -> Entitlement:
    grant, from_day, until = span
    return Entitlement(
        grant.programme,
        grant.support,
        kind,
        subject_id,  # type: ignore[arg-type]
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


def group_order(catalogue: Catalogue, day: date) -> GroupOrder:
    """The order among insurance groups on a day.

    Raises:
        LookupError: the law has none on that day.
    """
    table = catalogue.book.find(ORDER_TABLE, day, known_on=day)
    if table is None:
        raise LookupError(ORDER_TABLE)
    row = table.rows[0]
    groups = row.benefit["order"]
    return GroupOrder(
        tuple(groups) if isinstance(groups, list) else (),
        row.id,
        row.source.document,
        row.source.is_confirmed,
    )

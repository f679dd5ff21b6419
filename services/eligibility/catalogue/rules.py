"""The catalogue: the rule tables, with all that has been worked out from them so far."""

from bisect import bisect_right
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from libs.common.policy import Book, birthday, load_book
from libs.common.problems import Text
from libs.common.vocabulary import KINH
from services.eligibility.catalogue.household import HouseholdFacts, MemberFacts
from services.eligibility.catalogue.law_in_force import (
    AGE,
    BIRTHDAY_TABLE,
    ORDER_TABLE,
    GrantPool,
    LawInForce,
    PersonKey,
)
from services.eligibility.catalogue.timeline import NEVER, PersonLife, Track, TrackKey, track_key

# Distinct tracks kept for one day of determination; beyond it the memory starts anew.
MOST_TRACKS = 2_000


class GroupOrder(NamedTuple):
    """Which insurance group counts for a person in several: the first of `groups`.

    Groups `not_on_roll` pay for themselves: a right to buy a card, not a card.
    """

    groups: tuple[str, ...]
    not_on_roll: frozenset[str]
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
        self._birthday = next(table for table in book.tables if table.id == BIRTHDAY_TABLE)
        assumed = self._birthday.rows[0].benefit
        self._birth_month = int(str(assumed["birth_month"]))
        self._birth_day = int(str(assumed["birth_day"]))

    @property
    def birthday_notes(self) -> tuple[Text, ...]:
        """What is assumed of persons known by birth year only."""
        note = self._birthday.source.note
        return (self._birthday.rows[0].title, *((note,) if note else ()))

    def is_birthday_assumed(self, member: MemberFacts) -> bool:
        """Whether the member's ages rest on an unconfirmed assumption."""
        return member.birth_date is None and not self._birthday.source.is_confirmed

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
        if as_of != self._tracks_as_of or len(self._tracks) >= MOST_TRACKS:
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
        return date(member.birth_year, self._birth_month, self._birth_day)

    def life(self, member: MemberFacts) -> PersonLife:
        born_on = member.birth_date or self.born_on(member)
        ageing = self._ageing.get(born_on)
        if ageing is None:
            ageing = tuple(birthday(born_on, age) for age in self.ages)
            self._ageing[born_on] = ageing
        key = PersonKey(
            member.sex,
            member.ethnicity != KINH,
            member.disability,
            member.schooling,
            member.has_pension,
            member.is_low_income_worker,
            self.is_birthday_assumed(member),
        )
        return PersonLife(key, max(member.joined_on, born_on), member.left_on, ageing)


@cache
def catalogue() -> Catalogue:
    """The catalogue that is part of the program, read once."""
    return Catalogue(load_book(Path(__file__).parent / "law"))


def group_order(catalogue: Catalogue, day: date) -> GroupOrder:
    """The order among insurance groups on a day.

    Raises:
        LookupError: the law has none on that day.
    """
    table = catalogue.book.find(ORDER_TABLE, day, known_on=day)
    if table is None:
        raise LookupError(ORDER_TABLE)
    row = table.rows[0]
    groups, paying = row.benefit["order"], row.benefit.get("not_on_roll")
    return GroupOrder(
        tuple(groups) if isinstance(groups, list) else (),
        frozenset(paying) if isinstance(paying, list) else frozenset(),
        row.id,
        row.source.document,
        row.source.is_confirmed,
    )

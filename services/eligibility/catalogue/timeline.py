"""One household through time: where its facts or the law change, and what holds in between."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from uuid import UUID

from libs.common.vocabulary import StatusClass
from services.eligibility.catalogue.household import (
    AreaFacts,
    EscapeFacts,
    HouseholdFacts,
    StatusFacts,
)
from services.eligibility.catalogue.law_in_force import (
    Grant,
    Grants,
    HouseholdKey,
    LawInForce,
    PersonKey,
    Profile,
)

NEVER = date.max
# Different lives kept per track; beyond it the track forgets them.
MOST_LIVES = 512
# No decision under the standard in force: not the same as a decision that says "none of these".
UNCLASSIFIED = "unclassified"


class Span(NamedTuple):
    """A grant over `[from_day, until)`; open: it still holds on the day of determination."""

    grant: Grant
    from_day: date
    until: date | None


class TrackKey(NamedTuple):
    """Households with the same key have the same track."""

    statuses: tuple[StatusFacts, ...]
    escapes: tuple[EscapeFacts, ...]
    area: AreaFacts
    is_farm_household: bool
    closed_on: date | None
    closures: tuple[tuple[date, date], ...] = ()


def track_key(household: HouseholdFacts) -> TrackKey:
    return TrackKey(
        household.statuses,
        household.escapes,
        household.area,
        household.is_farm_household,
        household.closed_on,
        household.closures,
    )


class PersonLife(NamedTuple):
    """A person's side of the time line: facts, presence `[start, left_on)`, days of ageing."""

    key: PersonKey
    start: date
    left_on: date | None
    ageing: tuple[date, ...]


class Track:
    """The household's side of the time line: from each day in `days`, the profile beside it.

    A profile of None stands for a closed household.
    """

    __slots__ = ("_as_of", "_law", "_spans", "days", "household_spans", "profiles")

    def __init__(self, law: LawInForce, key: TrackKey, as_of: date) -> None:
        self._law = law
        self._as_of = as_of
        self.days: list[date] = []
        self.profiles: list[Profile | None] = []
        for day, profile in _profiles(law, key):
            if not self.days or profile is not self.profiles[-1]:
                self.days.append(day)
                self.profiles.append(profile)
        self._spans: dict[tuple[PersonKey, date, date | None, int], tuple[Span, ...]] = {}
        self.household_spans = self._household_spans()

    def _household_spans(self) -> tuple[Span, ...]:
        steps = (
            (day, profile.household if profile else self._law.nothing)
            for day, profile in zip(self.days, self.profiles, strict=True)
            if day <= self._as_of
        )
        return _spans(steps)

    def household_change(self, limit: date) -> date:
        """The next day before `limit` on which the household's own grants change, else `limit`."""
        now = self._household_grants(bisect_right(self.days, self._as_of) - 1)
        for index in range(bisect_right(self.days, self._as_of), len(self.days)):
            if self.days[index] >= limit:
                break
            if self._household_grants(index) is not now:
                return self.days[index]
        return limit

    def _household_grants(self, index: int) -> Grants:
        profile = self.profiles[index]
        return profile.household if profile else self._law.nothing

    def spans(self, life: PersonLife) -> tuple[Span, ...]:
        """A person's grants up to the day of determination."""
        band = bisect_right(life.ageing, life.start)
        if band < len(life.ageing) and life.ageing[band] <= self._as_of:
            return _spans(self._steps(life, life.start, self._as_of))
        key = (life.key, life.start, life.left_on, band)
        found = self._spans.get(key)
        if found is None:
            if len(self._spans) >= MOST_LIVES:
                self._spans.clear()
            found = self._spans[key] = _spans(self._steps(life, life.start, self._as_of))
        return found

    def person_change(self, life: PersonLife, limit: date) -> date:
        """The next day before `limit` on which the person's grants change, else `limit`."""
        as_of, now = self._as_of, self._law.nothing
        if life.left_on is not None and life.left_on <= as_of:
            return limit
        for day, grants in self._steps(life, max(life.start, as_of), limit):
            if day <= as_of:
                now = grants
            elif day >= limit:
                break
            elif grants is not now:
                return day
        return limit

    def _steps(self, life: PersonLife, start: date, last: date) -> Iterator[tuple[date, Grants]]:
        """What holds from each day of `[start, last]` on which anything may change."""
        left_on = life.left_on or NEVER
        if start > last or start >= left_on:
            return
        days, profiles, ageing = self.days, self.profiles, life.ageing
        index, band = bisect_right(days, start) - 1, bisect_right(ageing, start)
        day = start
        while True:
            profile = profiles[index]
            yield day, profile.person(life.key, band) if profile else self._law.nothing
            next_index = days[index + 1] if index + 1 < len(days) else NEVER
            next_age = ageing[band] if band < len(ageing) else NEVER
            day = min(next_index, next_age, left_on)
            if day > last or day == NEVER:
                return
            if day == left_on:
                yield day, self._law.nothing
                return
            index += day == next_index
            band += day == next_age


def _spans(steps: Iterator[tuple[date, Grants]]) -> tuple[Span, ...]:
    """Merge neighbours: a grant runs until the first step without it."""
    spans: list[Span] = []
    started: dict[Grant, date] = {}
    before: Grants | None = None
    for day, grants in steps:
        if grants is before:
            continue
        before = grants
        ended = [grant for grant in started if grant not in grants]
        spans.extend(Span(grant, started.pop(grant), day) for grant in ended)
        for grant in grants:
            started.setdefault(grant, day)
    spans.extend(Span(grant, day, None) for grant, day in started.items())
    return tuple(spans)


def _profiles(law: LawInForce, key: TrackKey) -> Iterator[tuple[date, Profile | None]]:
    bounds = set(law.days)
    places = key.area.places
    bounds.update(place.from_day for place in places)
    periods = [(p.from_day, p.until) for p in key.statuses]
    periods += [(p.from_day, p.until) for p in key.escapes]
    periods += [(p.from_day, p.until) for place in places for p in place.designations]
    for from_day, until in periods:
        bounds.add(from_day)
        if until is not None:
            bounds.add(until)
    for closure in key.closures:
        bounds.update(closure)
    for day in sorted(bounds):
        if key.closed_on is not None and day >= key.closed_on:
            break
        if any(from_day <= day < until for from_day, until in key.closures):
            yield day, None
            continue
        index = law.index_on(day)
        standard = law.stretches[index].standard
        yield day, law.profile(index, household_key(key, day, standard, law.national_standards))
    if key.closed_on is not None:
        yield key.closed_on, None


def household_key(
    track: TrackKey, day: date, standard: object, national_standards: frozenset[str]
) -> HouseholdKey:
    """The household's facts on one day."""
    area = track.area.on(day)
    lives_there = area.from_day <= day
    return HouseholdKey(
        national_class=_status_on(track.statuses, day, standard),
        escaped_from=_escape_on(track.escapes, day, national_standards),
        designations=frozenset(
            str(d.designation)
            for d in area.designations
            if lives_there and d.from_day <= day and (d.until is None or day < d.until)
        ),
        province=area.province if lives_there else None,
        area_kind=str(area.kind),
        is_farm_household=track.is_farm_household,
    )


def _status_on(statuses: tuple[StatusFacts, ...], day: date, standard: object) -> str:
    for period in statuses:
        is_then = period.from_day <= day and (period.until is None or day < period.until)
        if is_then and period.standard == standard:
            return str(period.status)
    return UNCLASSIFIED


def _escape_on(escapes: tuple[EscapeFacts, ...], day: date, standards: frozenset[str]) -> str:
    """The latest window that is open counts."""
    open_windows = [
        window
        for window in escapes
        if window.from_day <= day < window.until and window.standard in standards
    ]
    if not open_windows:
        return str(StatusClass.NONE)
    return str(max(open_windows, key=lambda window: window.from_day).from_class)


class Entitlement(NamedTuple):
    """One right over `[from_day, until)`: the fields of the published contract."""

    programme: str
    support: str
    subject_kind: str
    subject_id: UUID
    from_day: date
    until: date | None
    table: str
    row: str
    document: str
    is_confirmed: bool
    benefit: dict[str, int | str | list[str]]

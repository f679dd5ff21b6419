"""Determination over time, against a slow oracle that asks the tables day by day.

Tried on the real catalogue and on one with rules that arrive late and reach back.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import zip_longest
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.policy import age_on, load_book
from libs.common.policy.facts import FactValue, Subject
from libs.common.vocabulary import AreaKind, Designation, Disability, Schooling, Sex, StatusClass
from services.eligibility.catalogue.domain import (
    AreaFacts,
    Catalogue,
    DesignationFacts,
    Determination,
    EscapeFacts,
    HouseholdFacts,
    MemberFacts,
    StatusFacts,
    catalogue,
    determine,
    determine_set,
)
from services.eligibility.catalogue.law_in_force import person_facts
from tests.support.law import write_late_law

FIRST, LAST = date(2021, 1, 1), date(2028, 12, 31)
ONE = timedelta(days=1)
Granted = frozenset[tuple[str, str, str, bool, str]]


@pytest.fixture(scope="session")
def late_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return Catalogue(load_book(write_late_law(tmp_path_factory.mktemp("law"))))


days = st.dates(FIRST, LAST) | st.sampled_from(
    [date(2022, 1, 1), date(2025, 8, 15), date(2025, 12, 31), date(2026, 1, 1), date(2024, 2, 29)]
)
births = st.dates(date(1940, 1, 1), LAST) | st.just(date(2020, 2, 29))


@st.composite
def members(draw: st.DrawFn) -> MemberFacts:
    born, joined = draw(births), draw(days)
    is_known = draw(st.booleans())
    return MemberFacts(
        person_id=uuid4(),
        birth_date=born if is_known else None,
        birth_year=born.year,
        sex=draw(st.sampled_from(Sex)),
        ethnicity=draw(st.sampled_from(["kinh", "tay"])),
        disability=draw(st.sampled_from(Disability)),
        schooling=draw(st.sampled_from(Schooling)),
        has_pension=draw(st.booleans()),
        joined_on=joined,
        left_on=draw(st.none() | days.filter(lambda day: day >= joined)),
        is_low_income_worker=draw(st.booleans()),
    )


@st.composite
def lives(draw: st.DrawFn) -> list[MemberFacts]:
    """One person's stays: who left may have come back."""
    first = draw(members())
    if first.left_on in (None, first.joined_on) or draw(st.booleans()):
        return [first]
    again = first.left_on + draw(st.sampled_from([1, 40])) * ONE
    return [first, first._replace(joined_on=again, left_on=None)]


@st.composite
def areas(draw: st.DrawFn, from_day: date) -> AreaFacts:
    designations = [
        DesignationFacts(draw(st.sampled_from(Designation)), start, None)
        for start in draw(st.lists(days, max_size=2))
    ]
    return AreaFacts(
        draw(st.sampled_from(["06", "46", "79"])),
        draw(st.sampled_from([AreaKind.RURAL_COMMUNE, AreaKind.WARD])),
        from_day,
        tuple(designations),
    )


@st.composite
def places(draw: st.DrawFn) -> AreaFacts:
    """Where a household lives, and at times where it lived before."""
    moved = sorted(draw(st.just({FIRST}) | st.sets(days, min_size=1, max_size=2)))
    *earlier, now = [draw(areas(day)) for day in moved]
    return now._replace(earlier=tuple(earlier))


@st.composite
def households(draw: st.DrawFn) -> HouseholdFacts:
    statuses = []
    for standard in ("QD59-2015", "ND07-2021", "ND351-2025"):
        bounds = sorted(draw(st.sets(days, max_size=3)))
        statuses += [
            StatusFacts(standard, draw(st.sampled_from(StatusClass)), start, end)
            for start, end in zip_longest(bounds, bounds[1:])
        ]
    escapes = [
        EscapeFacts("ND07-2021", StatusClass.POOR, start, start + timedelta(days=1095))
        for start in draw(st.lists(days, max_size=1))
    ]
    return HouseholdFacts(
        household_id=uuid4(),
        closed_on=draw(st.none() | days),
        area=draw(places()),
        is_farm_household=draw(st.booleans()),
        members=tuple(stay for stays in draw(st.lists(lives(), max_size=3)) for stay in stays),
        statuses=tuple(statuses),
        escapes=tuple(escapes),
    )


def place_on(household: HouseholdFacts, day: date) -> AreaFacts:
    """The last place that it came to by then; the first one where it had come to none yet."""
    lived = [*household.area.earlier, household.area]
    return ([place for place in lived if place.from_day <= day] or lived[:1])[-1]


def facts_on(household: HouseholdFacts, day: date, standard: str | None) -> dict[str, FactValue]:
    status = "unclassified"
    for period in household.statuses:
        covers = period.from_day <= day and (period.until is None or day < period.until)
        if covers and period.standard == standard:
            status = period.status.value
    escaped = "none"
    for window in household.escapes:
        if window.from_day <= day < window.until:
            escaped = window.from_class.value
    area = place_on(household, day)
    here = area.from_day <= day
    return {
        "national_class": status,
        "escaped_from": escaped,
        "designations": frozenset(
            d.designation.value for d in area.designations if here and d.from_day <= day
        ),
        "area_kind": area.kind.value,
        "is_farm_household": household.is_farm_household,
    }


def granted_on(
    household: HouseholdFacts, subject: UUID, day: date, law: Catalogue, on: date
) -> Granted:
    """Ask every table, for one subject on one day, as known on a day; no memory, no stretches."""
    stays = [m for m in household.members if m.person_id == subject]
    there = [m for m in stays if m.joined_on <= day and (m.left_on is None or day < m.left_on)]
    member = next(iter(there or stays), None)
    if household.closed_on is not None and day >= household.closed_on:
        return frozenset()
    standard = law.book.find("standard.national", day, known_on=max(day, on))
    facts = facts_on(household, day, str(standard.rows[0].benefit["standard"]) if standard else "")
    is_guessed = False
    if member is not None:
        born = law.born_on(member)
        is_absent = member.left_on is not None and day >= member.left_on
        if day < max(born, member.joined_on) or is_absent:
            return frozenset()
        facts |= person_facts(law.life(member).key, age_on(born, day))
        is_guessed = member.birth_date is None
    kind = Subject.PERSON if member else Subject.HOUSEHOLD
    area = place_on(household, day)
    place = area.province if area.from_day <= day else None
    found = set()
    in_force = [t for t in law.book.in_force(day, on) if t.subject is kind and t.programmes]
    for table_id in {table.id for table in in_force}:
        versions = [t for t in in_force if t.id == table_id]
        own = [t for t in versions if place in t.provinces]
        for table in [*own, *(t for t in versions if not t.provinces)]:
            row = table.deciding_row(facts)
            if row is None or row.programme is None:
                continue
            asks_age = any(c.fact.name == "age" for c in row.conditions)
            is_confirmed = row.source.is_confirmed and not (is_guessed and asks_age)
            document = row.source.document + (f", {row.source.article}" * bool(row.source.article))
            found.add((row.programme, row.id, document, is_confirmed, repr(row.benefit)))
            break
    return frozenset(found)


def determined_on(found: Determination, subject: UUID, day: date) -> Granted:
    return frozenset(
        (e.programme, e.row, e.document, e.is_confirmed, repr(e.benefit))
        for e in found.entitlements
        if e.subject_id == subject and e.from_day <= day and (e.until is None or day < e.until)
    )


def content(found: Determination) -> frozenset[tuple[object, ...]]:
    return frozenset((*entry[:-1], repr(entry.benefit)) for entry in found.entitlements)


def subjects(household: HouseholdFacts) -> list[UUID]:
    return [household.household_id, *(member.person_id for member in household.members)]


def check_against_oracle(
    household: HouseholdFacts, as_of: date, asked: Sequence[date], law: Catalogue
) -> None:
    found = determine(household, as_of, law)
    turns = {e.from_day for e in found.entitlements} | {
        e.until for e in found.entitlements if e.until is not None
    }
    for day in {*asked, *turns, *(turn - ONE for turn in turns), as_of}:
        if day > as_of:
            continue
        for subject in subjects(household):
            expected = granted_on(household, subject, day, law, as_of)
            assert determined_on(found, subject, day) == expected


def check_next_change(household: HouseholdFacts, as_of: date, asked: date, law: Catalogue) -> None:
    found = determine(household, as_of, law)
    change = found.next_change_on
    if change is not None:
        assert change > as_of
        assert content(determine(household, change, law)) != content(found)
        assert content(determine(household, change - ONE, law)) == content(found)
    if asked >= as_of and (change is None or asked < change):
        assert content(determine(household, asked, law)) == content(found)


@settings(max_examples=150, deadline=None)
@given(household=households(), as_of=days, asked=st.lists(days, min_size=3, max_size=6))
def test_stretches_agree_with_asking_day_by_day(
    household: HouseholdFacts, as_of: date, asked: list[date]
) -> None:
    check_against_oracle(household, as_of, asked, catalogue())


@settings(max_examples=150, deadline=None)
@given(household=households(), as_of=days, asked=st.lists(days, min_size=3, max_size=6))
def test_so_do_rules_that_arrive_late(
    late_catalogue: Catalogue, household: HouseholdFacts, as_of: date, asked: list[date]
) -> None:
    check_against_oracle(household, as_of, asked, late_catalogue)


@settings(max_examples=150, deadline=None)
@given(household=households(), as_of=days, asked=days)
def test_the_next_change_is_exact(household: HouseholdFacts, as_of: date, asked: date) -> None:
    check_next_change(household, as_of, asked, catalogue())


@settings(max_examples=150, deadline=None)
@given(household=households(), as_of=days, asked=days)
def test_the_next_change_is_exact_for_rules_that_arrive_late(
    late_catalogue: Catalogue, household: HouseholdFacts, as_of: date, asked: date
) -> None:
    check_next_change(household, as_of, asked, late_catalogue)


@settings(max_examples=100, deadline=None)
@given(group=st.lists(households(), max_size=4), as_of=days)
def test_a_set_is_determined_as_its_members_are(group: list[HouseholdFacts], as_of: date) -> None:
    together = determine_set([*group, *group], as_of, catalogue())
    fresh = Catalogue(catalogue().book)
    alone = [determine(household, as_of, fresh) for household in [*group, *group]]
    assert together == alone


@settings(max_examples=100, deadline=None)
@given(household=households(), as_of=days)
def test_the_order_of_members_does_not_matter(household: HouseholdFacts, as_of: date) -> None:
    turned = household._replace(members=household.members[::-1])
    one, other = determine(household, as_of, catalogue()), determine(turned, as_of, catalogue())
    assert content(one) == content(other)
    assert one.next_change_on == other.next_change_on


@settings(max_examples=100, deadline=None)
@given(household=households(), first=days, second=days, asked=days)
def test_a_later_determination_agrees_on_earlier_days(
    household: HouseholdFacts, first: date, second: date, asked: date
) -> None:
    first, second = sorted((first, second))
    day = min(asked, first)
    for subject in subjects(household):
        early = determined_on(determine(household, first, catalogue()), subject, day)
        late = determined_on(determine(household, second, catalogue()), subject, day)
        assert early == late


@settings(max_examples=100, deadline=None)
@given(household=households(), as_of=days)
def test_neighbours_are_merged_and_nothing_starts_after_the_day(
    household: HouseholdFacts, as_of: date
) -> None:
    seen: dict[tuple[object, ...], date | None] = {}
    entries = sorted(determine(household, as_of, catalogue()).entitlements, key=lambda e: e[4])
    for entry in entries:
        assert entry.from_day <= as_of
        assert entry.until is None or entry.from_day < entry.until <= as_of
        same = (entry.subject_id, entry.row, entry.document, entry.is_confirmed, entry.programme)
        key = (*same, repr(entry.benefit))
        assert seen.get(key, date.min) != entry.from_day
        seen[key] = entry.until


def test_a_rule_that_arrives_late_reaches_back_once_it_is_known(
    late_catalogue: Catalogue,
) -> None:
    household = HouseholdFacts(
        household_id=uuid4(),
        closed_on=None,
        area=AreaFacts("06", AreaKind.WARD, FIRST),
        is_farm_household=False,
        members=(),
        statuses=(StatusFacts("ND07-2021", StatusClass.POOR, date(2026, 1, 1), None),),
    )
    unknown = determine(household, date(2026, 8, 20), late_catalogue)
    known = determine(household, date(2026, 8, 21), late_catalogue)
    assert [e.benefit["support_percent"] for e in unknown.entitlements] == [50]
    assert unknown.next_change_on == date(2026, 8, 21)
    assert [(e.benefit["support_percent"], e.from_day) for e in known.entitlements] == [
        (50, date(2026, 1, 1)),
        (60, date(2026, 7, 1)),
    ]

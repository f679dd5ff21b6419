"""When two records look like one person's: each clue, and what the sum comes to."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.ids import new_id
from libs.common.vocabulary import Sex
from services.registry.duplicates.domain import (
    Clue,
    PairState,
    Profile,
    are_siblings,
    likeness,
    state_after_search,
)
from services.registry.vault.domain import IdentifierType

UIN = IdentifierType.UIN
BORN = date(2015, 3, 2)


def a_child(name: str = "Nông Thị Hà", **facts: object) -> Profile:
    child = Profile(
        new_id(), new_id(), "01882", name, BORN, BORN.year, Sex.FEMALE, "tay", numbers={}
    )
    return replace(child, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "clue"),
    [
        (a_child(), Clue.NAME_SAME),
        (a_child("nông thị hà"), Clue.NAME_SAME),
        (a_child("Nong Thi Ha"), Clue.NAME_UNMARKED),
        (a_child("Hà Nông Thị"), Clue.NAME_REORDERED),
        (a_child("Nông Thị Hàà"), Clue.NAME_NEAR),
        (a_child(birth_date=date(2015, 2, 3)), Clue.BIRTH_SWAPPED),
        (a_child(birth_date=date(2016, 3, 2), birth_year=2016), Clue.BIRTH_NEAR),
        (a_child(birth_date=None), Clue.BIRTH_YEAR),
    ],
)
def test_a_slip_of_the_pen_still_looks_alike(other: Profile, clue: Clue) -> None:
    found = likeness(a_child(), other)
    assert clue in found.clues
    assert found.is_suspicious


@pytest.mark.parametrize(
    "other",
    [
        a_child("Lý A Páo"),  # nobody's name, though born on the same day in the same place
        a_child(birth_date=date(1980, 7, 19), birth_year=1980, commune="01864"),
        a_child(numbers={UIN: "006315000001"}),
        a_child(sex=Sex.MALE, birth_date=None, commune="01864"),
    ],
)
def test_two_persons_do_not(other: Profile) -> None:
    assert not likeness(a_child(numbers={UIN: "006315999999"}), other).is_suspicious


def test_a_number_that_somebody_brought_is_enough_by_itself() -> None:
    stranger = a_child("Lý A Páo", birth_date=date(2015, 3, 3), commune="01864")
    assert likeness(a_child(), stranger, same_number=True).is_suspicious


def test_twins_are_no_doubt_unless_they_have_one_name() -> None:
    first = a_child("Nông Văn An")
    twin = a_child("Nông Văn Ân", household_id=first.household_id)
    twice = a_child("Nông Văn An", household_id=first.household_id)
    assert are_siblings(first, twin, likeness(first, twin))
    assert not are_siblings(first, twice, likeness(first, twice))


@pytest.mark.parametrize("decided", [PairState.SAME, PairState.DIFFERENT])
def test_what_people_decided_stays_decided(decided: PairState) -> None:
    assert state_after_search(decided, likeness(a_child(), a_child())) is decided
    assert state_after_search(decided, likeness(a_child(), a_child("Lý A Páo"))) is decided


NAMES = st.sampled_from(["Nông Thị Hà", "Nông Thị Hạ", "Hà Nông Thị", "Lý A Páo", "Nông Văn Hà"])
DAYS = st.one_of(st.none(), st.dates(date(2014, 1, 1), date(2016, 12, 31)))
CHILDREN = st.builds(
    lambda name, day, year, sex: a_child(
        name, birth_date=day, birth_year=day.year if day else year, sex=sex
    ),
    NAMES,
    DAYS,
    st.integers(2014, 2016),
    st.sampled_from(list(Sex)),
)


@given(CHILDREN, CHILDREN)
def test_likeness_is_the_same_from_both_sides_and_a_record_is_most_like_itself(
    one: Profile, other: Profile
) -> None:
    assert likeness(one, other).score == likeness(other, one).score
    assert likeness(one, other).score <= likeness(one, one).score

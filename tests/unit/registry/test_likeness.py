"""When two records look like one person's: each clue, and what the sum comes to."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.ids import new_id
from libs.common.problems import Problem
from libs.common.vocabulary import Sex
from services.registry.duplicates.domain import (
    Clue,
    PairState,
    Profile,
    Step,
    are_siblings,
    check_withdrawal,
    likeness,
    state_after_search,
)
from services.registry.duplicates.keys import after_counting, counted, keys_of, weighed
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
        (a_child("Nong Hà", commune="01864"), Clue.NAME_SHORTER),
        (a_child("Lường Thị Hà", commune="01864"), Clue.NAME_SURNAME),
        (a_child("Nông Thị Hoà", commune="01864"), Clue.NAME_NEAR),
        (a_child(birth_date=date(2015, 3, 3), commune="01864"), Clue.BIRTH_NEAR),
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
        a_child("Nông Thị Thắm", commune="01864"),  # another given name, in another commune
        a_child("Nông Hà", birth_date=date(2013, 3, 2), birth_year=2013, commune="01864"),
    ],
)
def test_two_persons_do_not(other: Profile) -> None:
    assert not likeness(a_child(numbers={UIN: "006315999999"}), other).is_suspicious


SHARED = "one of the keys leads from one to the other"


@pytest.mark.parametrize(
    "other",
    [
        a_child("Nong Thi Ha"),
        a_child("Nông Thị Hoà"),  # a slip of the pen
        a_child("Nông Hà"),
        a_child("Lường Thị Hà"),
        a_child("Nông Thị Hà", birth_date=date(2015, 2, 3)),
        a_child("Nông Thị Hoa", birth_date=date(2015, 2, 3)),
        a_child("Nông Thị Hà", birth_date=date(2015, 3, 3)),
        a_child("Nông Thị Hà", birth_date=date(2014, 3, 2), birth_year=2014),
        a_child("Nông Thị Hà", birth_date=date(2015, 8, 2)),
        a_child("Nông Thị Hà", birth_date=None),
    ],
)
def test_who_may_be_the_same_shares_a_key(other: Profile) -> None:
    assert keys_of(a_child()).sought & keys_of(other).filed, SHARED
    assert keys_of(other).sought & keys_of(a_child()).filed, SHARED


def test_a_name_gives_no_more_keys_than_its_words_allow() -> None:
    assert len(keys_of(a_child()).filed) == 11
    longest = a_child("Tôn Nữ Công Huyền Thị Bích Ngọc Diệp An Nhiên Vy Khuê")
    assert len(keys_of(longest).filed) == 18
    assert not any(one for one in keys_of(a_child()).sought & keys_of(a_child("Lý A Páo")).filed)


def test_between_communes_a_common_name_says_less() -> None:
    one, far = a_child(), a_child(commune="01864", birth_date=date(2015, 3, 3))
    found = likeness(one, far)
    assert weighed(found)
    assert not weighed(likeness(one, a_child(birth_date=date(2015, 3, 3)))), "one commune"
    [key] = counted(one, far, found)
    assert after_counting(one, far, found, {key: 2}).is_suspicious, "nobody else"
    crowded = after_counting(one, far, found, {key: 3})
    assert Clue.NAME_COMMON in crowded.clues
    assert not crowded.is_suspicious
    same_day = a_child(commune="01864")
    assert after_counting(one, same_day, likeness(one, same_day), {key: 9}).is_suspicious


def test_a_slip_is_told_from_another_name_by_both_being_common() -> None:
    one, slip = a_child(), a_child("Nông Thị Hoà", commune="01864")
    found = likeness(one, slip)
    own, other = counted(one, slip, found)
    assert after_counting(one, slip, found, {own: 9, other: 1}).is_suspicious
    assert not after_counting(one, slip, found, {own: 9, other: 9}).is_suspicious


def test_only_who_proposed_withdraws_and_only_what_waits() -> None:
    waits = (Step.PROPOSE_SAME, Step.SAME, Step.PROPOSE_UNDO)
    check_withdrawal(waits, "one", "one")
    for steps, by, rule in (
        (waits, "another", "duplicate.of_another"),
        (waits[:2], "one", "duplicate.not_proposed"),
        ((Step.PROPOSE_SAME, Step.WITHDRAW), "one", "duplicate.not_proposed"),
    ):
        with pytest.raises(Problem) as refused:
            check_withdrawal(steps, "one", by)
        assert refused.value.code == rule


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

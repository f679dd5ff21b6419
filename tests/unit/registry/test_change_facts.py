"""What a change touches: before and after, what it claims, and what takes it back."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.vocabulary import (
    Disability,
    Employment,
    LeftReason,
    Relation,
    Schooling,
    Sex,
)
from services.registry.changes.facts import (
    Edit,
    Fact,
    Standing,
    changes_between,
    claims,
    differing,
    edited,
    not_undone,
    undoing,
)
from services.registry.households.domain import HouseholdFacts, MemberFacts

HOME, OTHER = UUID(int=1), UUID(int=2)
BORN, JOINED, DAY = date(1980, 5, 1), date(2005, 1, 1), date(2022, 5, 1)


def a_member(number: int, relation: Relation = Relation.OTHER, **facts: Any) -> MemberFacts:
    member = MemberFacts(
        person_id=UUID(int=100 + number),
        birth_date=BORN,
        birth_year=1980,
        sex=Sex.FEMALE,
        ethnicity="tay",
        relation=relation,
        disability=Disability.NONE,
        schooling=Schooling.NOT_ATTENDING,
        employment=Employment.FARMING,
        has_pension=False,
        joined_on=JOINED,
        left_on=None,
    )
    return replace(member, **facts)


def a_household(household_id: UUID, *members: MemberFacts) -> HouseholdFacts:
    return HouseholdFacts(household_id, date(2021, 1, 1), "01882", JOINED, True, members)


FAMILY = a_household(HOME, a_member(0, Relation.HEAD), a_member(1), a_member(2))
EDITS = st.one_of(
    st.builds(
        lambda who, value: Edit(HOME, "", UUID(int=100 + who), values={"schooling": value}),
        st.integers(0, 2),
        st.sampled_from(Schooling),
    ),
    st.builds(
        lambda who: Edit(
            HOME,
            "",
            UUID(int=100 + who),
            values={"left_on": DAY, "left_reason": LeftReason.MOVED},
        ),
        st.integers(0, 2),
    ),
    st.builds(
        lambda who, day: Edit(
            HOME, "", UUID(int=100 + who), values={"birth_date": day, "birth_year": day.year}
        ),
        st.integers(0, 2),
        st.dates(date(1970, 1, 1), date(2004, 1, 1)),
    ),
    st.builds(lambda who: Edit(HOME, "", joins=a_member(who)), st.integers(3, 6)),
    st.just(Edit(HOME, "", values={"is_farm_household": False})),
    st.just(Edit(HOME, "", values={"commune": "01864", "lives_there_from": DAY})),
)


def standing(*households: HouseholdFacts) -> dict[UUID, Standing]:
    return {one.household_id: Standing(one) for one in households}


@given(st.lists(EDITS, min_size=1, max_size=6))
def test_what_is_edited_can_be_taken_back(edits: list[Edit]) -> None:
    after, _ = edited({HOME: FAMILY}, edits)
    changes = changes_between(standing(FAMILY), standing(after[HOME]))
    back, errors = edited(after, undoing(changes, ""))
    assert errors == []
    restored = back[HOME]
    if restored.commune == FAMILY.commune:  # it has lived there all the time: from when, is kept
        restored = replace(restored, lives_there_from=FAMILY.lives_there_from)
    assert restored == FAMILY
    undone = changes_between(standing(after[HOME]), standing(back[HOME]))
    assert not_undone(changes, undone) == []


def test_who_goes_to_another_household_takes_the_other_facts_along() -> None:
    goes = FAMILY.members[1]
    left = replace(goes, left_on=DAY, left_reason=LeftReason.MARRIED)
    comes = replace(goes, joined_on=DAY, relation=Relation.SPOUSE)
    other = a_household(OTHER, a_member(9, Relation.HEAD))
    changes = changes_between(
        standing(FAMILY, other),
        standing(
            replace(FAMILY, members=(FAMILY.members[0], left, FAMILY.members[2])),
            replace(other, members=(*other.members, comes)),
        ),
    )
    assert [(change.household_id, change.fact) for change in changes] == [
        (HOME, Fact.MEMBERSHIP),
        (OTHER, Fact.MEMBERSHIP),
        (OTHER, Fact.RELATION),
    ]
    assert [claim.fact for claim in claims(changes)] == ["membership", "relation"]


def test_a_household_that_is_made_or_closed_exists_otherwise() -> None:
    made = changes_between({}, standing(FAMILY))
    assert made[0].fact is Fact.EXISTENCE
    closed = {HOME: Standing(FAMILY, closed_on=DAY)}
    (ended,) = changes_between(standing(FAMILY), closed)
    assert (ended.fact, ended.after) == (Fact.EXISTENCE, {"closed_on": "2022-05-01"})


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (Edit(HOME, "/x", UUID(int=1), values={"sex": Sex.MALE}), "person.no_member"),
        (Edit(HOME, "/x", joins=a_member(1)), "person.member_already"),
        (Edit(HOME, "/x", UUID(int=102), values={"left_on": DAY}), "person.has_left"),
    ],
)
def test_what_cannot_be_edited_is_refused_at_its_place(edit: Edit, rule: str) -> None:
    gone = replace(FAMILY.members[2], left_on=date(2020, 1, 1), left_reason=LeftReason.OTHER)
    household = replace(FAMILY, members=(*FAMILY.members[:2], gone))
    _, errors = edited({HOME: household}, [edit])
    assert [(error.pointer, error.rule) for error in errors] == [("/x", rule)]


def test_what_would_now_change_otherwise_is_named_by_its_place() -> None:
    edits = [
        Edit(HOME, "", UUID(int=101), values={"schooling": Schooling.PRIMARY}),
        Edit(HOME, "", UUID(int=102), values={"sex": Sex.MALE}),
    ]

    def planned(household: HouseholdFacts) -> list[Any]:
        after, _ = edited({HOME: household}, edits)
        return list(changes_between(standing(household), standing(after[HOME])))

    written = planned(FAMILY)
    since, _ = edited({HOME: FAMILY}, [replace(edits[0], values={"schooling": Schooling.HIGHER})])
    assert differing(written, planned(FAMILY)) == []
    assert differing(written, planned(since[HOME])) == [0]
    assert differing(written[:1], written) == [1]

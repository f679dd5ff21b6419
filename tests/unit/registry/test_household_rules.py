"""A household must make sense before it is registered; every broken rule names its field."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from libs.common.ids import new_id
from libs.common.vocabulary import Disability, Employment, Relation, Schooling, Sex
from services.registry.households.domain import (
    HouseholdFacts,
    MemberFacts,
    changed_members,
    check_household,
)

TODAY = date(2026, 11, 20)


def a_member(**facts: Any) -> MemberFacts:
    values: dict[str, Any] = {
        "person_id": new_id(),
        "birth_date": date(1980, 5, 1),
        "birth_year": 1980,
        "sex": Sex.FEMALE,
        "ethnicity": "tay",
        "relation": Relation.HEAD,
        "disability": Disability.NONE,
        "schooling": Schooling.NOT_ATTENDING,
        "employment": Employment.FARMING,
        "has_pension": False,
        "joined_on": date(2001, 1, 1),
        "left_on": None,
    }
    return MemberFacts(**(values | facts))


def a_household(*members: MemberFacts, **facts: Any) -> HouseholdFacts:
    values: dict[str, Any] = {
        "household_id": new_id(),
        "registered_on": date(2021, 12, 1),
        "commune": "01882",
        "lives_there_from": date(2001, 1, 1),
        "is_farm_household": True,
        "members": members or (a_member(),),
    }
    return HouseholdFacts(**(values | facts))


def broken(household: HouseholdFacts) -> set[tuple[str, str]]:
    return {(error.pointer, error.rule) for error in check_household(household, TODAY)}


@pytest.mark.parametrize(
    ("facts", "field", "rule"),
    [
        ({"birth_date": date(2026, 11, 21), "birth_year": 2026}, "birth_date", "birth.future"),
        ({"birth_date": None, "birth_year": 2027}, "birth_year", "birth.future"),
        ({"birth_date": None, "birth_year": None}, "birth_year", "birth.missing"),
        ({"birth_date": None, "birth_year": 1890}, "birth_year", "birth.implausible"),
        ({"birth_year": 1981}, "birth_year", "birth.mismatch"),
        ({"ethnicity": "atlantean"}, "ethnicity", "ethnicity.unknown"),
        ({"joined_on": date(1980, 4, 30)}, "joined_on", "membership.before_birth"),
        ({"joined_on": date(2026, 11, 21)}, "joined_on", "day.future"),
    ],
)
def test_a_malformed_person_is_named_by_field_and_rule(
    facts: dict[str, Any], field: str, rule: str
) -> None:
    assert (f"/members/0/{field}", rule) in broken(a_household(a_member(**facts)))


@pytest.mark.parametrize("left_on", [date(2000, 12, 31), date(2001, 1, 1)])
def test_nobody_leaves_before_joining(left_on: date) -> None:
    child = a_member(relation=Relation.CHILD, left_on=left_on)
    found = broken(a_household(a_member(), child))
    assert found == {("/members/1/left_on", "membership.left_before_joined")}


def test_a_household_has_exactly_one_present_head() -> None:
    gone = a_member(left_on=date(2020, 1, 1))
    assert broken(a_household(a_member(), a_member())) == {("/members", "head.several")}
    assert broken(a_household(a_member(relation=Relation.SPOUSE))) == {("/members", "head.missing")}
    assert broken(a_household(gone)) == {("/members", "head.missing")}
    assert broken(a_household(gone, a_member())) == set()


def test_a_person_stands_once_in_the_household() -> None:
    head = a_member()
    again = replace(head, relation=Relation.CHILD)
    assert broken(a_household(head, again)) == {
        ("/members/0/person_id", "person.twice"),
        ("/members/1/person_id", "person.twice"),
    }


def test_every_broken_rule_is_named_at_once_and_no_value_is_repeated() -> None:
    bad = a_member(birth_date=date(2027, 3, 9), birth_year=2020, ethnicity="atlantean")
    household = a_household(bad, registered_on=date(2027, 1, 1))
    errors = check_household(household, TODAY, "/households/7")
    assert {error.rule for error in errors} >= {
        "birth.future",
        "birth.mismatch",
        "ethnicity.unknown",
        "day.future",
    }
    assert all(error.pointer.startswith("/households/7/") for error in errors)
    said = " ".join(error.message.vi + error.message.en + error.fix.en for error in errors)
    assert "2027" not in said
    assert "atlantean" not in said


def test_a_correction_writes_only_the_members_that_change() -> None:
    head, child, parent = a_member(), a_member(), a_member()
    newborn = a_member(birth_date=date(2026, 1, 1), birth_year=2026)
    moved = replace(child, schooling=Schooling.PRIMARY)
    gone, written = changed_members((head, child, parent), (head, moved, newborn))
    assert gone == [child.stay, parent.stay]
    assert written == [1, 2]

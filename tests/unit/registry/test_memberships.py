"""What an act may do to members, and what each broken rule says; whose class counts afterwards."""

from dataclasses import replace
from datetime import date

import pytest

from libs.common.vocabulary import LeftReason, Relation, Schooling, StatusClass
from services.registry.households.memberships import (
    Change,
    after,
    check,
    joined,
    present,
    undone,
)
from services.registry.lineage.domain import Classes, class_when_merged, class_when_split_off
from tests.unit.registry.test_household_rules import a_member

DAY = date(2022, 3, 1)
MOTHER = a_member()
FATHER = a_member(relation=Relation.SPOUSE)
SON = a_member(relation=Relation.CHILD)
FAMILY = (MOTHER, FATHER, SON)
NEW_HEAD = {FATHER.person_id: Relation.HEAD, SON.person_id: Relation.CHILD}
EVERYBODY = [member.person_id for member in FAMILY]


def broken(change: Change) -> set[tuple[str, str]]:
    return {(error.pointer, error.rule) for error in check(FAMILY, change)}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (Change(DAY, [SON.person_id]), set()),
        (Change(DAY, [MOTHER.person_id], relations=NEW_HEAD), set()),
        (Change(DAY, [MOTHER.person_id]), {("/relations", "head.missing")}),
        (
            Change(DAY, [MOTHER.person_id], relations={FATHER.person_id: Relation.HEAD}),
            {(f"/relations/{SON.person_id}", "relation.missing")},
        ),
        (
            Change(DAY, relations={SON.person_id: Relation.HEAD}),
            {("/relations", "head.several")},
        ),
        (
            Change(DAY, [SON.person_id], relations={SON.person_id: Relation.OTHER}),
            {(f"/relations/{SON.person_id}", "person.no_member")},
        ),
        (Change(DAY, EVERYBODY), {("/members", "household.empty")}),
        (
            Change(SON.joined_on, [SON.person_id]),
            {(f"/members/{SON.person_id}", "membership.left_before_joined")},
        ),
        (
            Change(DAY, joining=(replace(SON, joined_on=DAY),)),
            {(f"/members/{SON.person_id}", "person.member_already")},
        ),
    ],
)
def test_a_household_that_goes_on_has_members_one_head_and_relations_to_it(
    change: Change, found: set[tuple[str, str]]
) -> None:
    assert broken(change) == found


def test_who_left_comes_back_for_another_stay() -> None:
    left = after(FAMILY, Change(DAY, [SON.person_id], LeftReason.MOVED))
    again = replace(SON, joined_on=DAY)
    assert check(left, Change(DAY, joining=(again,))) == []
    assert present(after(left, Change(DAY, joining=(again,)))) == (MOTHER, FATHER, again)


def test_undoing_keeps_facts_that_were_corrected_since_and_who_came_since() -> None:
    done = after(FAMILY, Change(DAY, [SON.person_id], LeftReason.SPLIT))
    child = a_member(relation=Relation.CHILD, joined_on=DAY)
    at_school = replace(SON, schooling=Schooling.HIGHER, relation=Relation.HEAD, joined_on=DAY)
    back = undone(FAMILY, done, (*done, child), {SON.person_id: at_school})
    assert not back.blocked
    assert back.members == (MOTHER, FATHER, replace(SON, schooling=Schooling.HIGHER), child)


def test_undoing_is_blocked_by_whoever_has_gone_on_since() -> None:
    came = joined(FAMILY, {SON.person_id: Relation.HEAD}, DAY)
    went_on = after(came, Change(date(2022, 4, 1), [SON.person_id], LeftReason.DIED))
    assert undone((), came, went_on, {}).blocked == {SON.person_id}


POOR, NONE = StatusClass.POOR, StatusClass.NONE


@pytest.mark.parametrize(
    ("own", "joining", "to_review"),
    [
        ({}, {}, False),
        ({"A": POOR}, {}, False),  # nobody reviewed who joined: no other class
        ({"A": POOR}, {"A": POOR}, False),
        ({"A": POOR}, {"A": NONE}, True),
        ({}, {"A": POOR}, True),
        ({"A": POOR}, {"A": POOR, "B": NONE}, True),
    ],
)
def test_a_receiving_household_is_reviewed_where_the_other_had_another_class(
    own: Classes, joining: Classes, to_review: bool
) -> None:
    verdict = class_when_merged(own, joining)
    assert (verdict.to_review, bool(verdict.notes)) == (to_review, to_review)


def test_a_household_split_off_is_always_to_be_reviewed() -> None:
    assert class_when_split_off().to_review

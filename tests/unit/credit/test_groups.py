"""What a savings-and-credit group may be, and what a plan has left."""

from datetime import date
from uuid import UUID

import pytest

from libs.common.problems import Problem
from libs.common.vocabulary import CapitalSource
from services.credit.groups.domain import (
    Member,
    check_join,
    check_leave,
    check_review_year,
    groups_book,
    is_complete,
    size_on,
)
from services.credit.plans.domain import Plan, PlanKey, over_plan

FOUNDED, TODAY = date(2022, 1, 1), date(2022, 6, 1)
SIZE = size_on(TODAY, groups_book())


def test_a_group_has_five_to_sixty_members_which_is_to_be_confirmed() -> None:
    assert (SIZE.least, SIZE.most, SIZE.is_confirmed) == (5, 60, False)
    assert [is_complete(members, SIZE) for members in (0, 4, 5, 60)] == [False, False, True, True]


def test_the_sixtieth_place_is_the_last() -> None:
    check_join(59, TODAY, FOUNDED, TODAY, SIZE)
    with pytest.raises(Problem) as problem:
        check_join(60, TODAY, FOUNDED, TODAY, SIZE)
    assert (problem.value.status, problem.value.code) == (409, "group.full")


@pytest.mark.parametrize("day", [date(2021, 12, 31), date(2022, 6, 2)])
def test_nobody_joins_before_the_founding_or_in_the_future(day: date) -> None:
    with pytest.raises(Problem) as problem:
        check_join(0, day, FOUNDED, TODAY, SIZE)
    assert [error.pointer for error in problem.value.errors] == ["/joined_on"]


@pytest.mark.parametrize("left_on", [date(2022, 2, 1), date(2022, 6, 2)])
def test_a_member_leaves_after_joining_and_not_in_the_future(left_on: date) -> None:
    member = Member(UUID(int=1), None, date(2022, 2, 1), None)
    check_leave(member, date(2022, 2, 2), TODAY)
    with pytest.raises(Problem):
        check_leave(member, left_on, TODAY)


def test_a_review_is_of_its_year_or_the_one_before() -> None:
    check_review_year(2022, date(2022, 12, 31))
    check_review_year(2022, date(2023, 1, 10))
    for year in (2021, 2024):
        with pytest.raises(Problem):
            check_review_year(year, date(2023, 1, 10))


def test_a_plan_that_was_cut_has_less_than_nothing_left() -> None:
    key = PlanKey("01882", CapitalSource.LOCAL, "01", 2022)
    assert Plan(key, 2, amount=10, document="KH", disbursed=15).left == -5
    assert over_plan(-5).errors[0].pointer == "/amount"

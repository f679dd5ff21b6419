"""Training offers follow the rights; touching equal rights are one offer."""

from datetime import date
from itertools import permutations
from uuid import UUID

from services.eligibility.training.domain import Offer, draw_up

PERSON = UUID(int=1)
NEW_YEAR, SPRING, SUMMER = date(2022, 1, 1), date(2022, 4, 1), date(2022, 7, 1)


def an_offer(from_day: date, until: date | None, amount: int = 3_000_000) -> Offer:
    return Offer(PERSON, "46.poor", from_day, until, {"course_vnd": amount}, "46/2015", True)


def test_rights_that_touch_and_are_equal_are_one_offer() -> None:
    rights = [
        an_offer(NEW_YEAR, SPRING),
        an_offer(SPRING, SUMMER),
        an_offer(SUMMER, None),
    ]
    for order in permutations(rights):
        assert draw_up(order) == [an_offer(NEW_YEAR, None)]


def test_another_amount_is_another_offer() -> None:
    rights = [an_offer(NEW_YEAR, SPRING), an_offer(SPRING, None, amount=4_000_000)]
    assert draw_up(rights) == rights


def test_a_gap_keeps_offers_apart() -> None:
    rights = [an_offer(NEW_YEAR, SPRING), an_offer(SUMMER, None)]
    assert draw_up(reversed(rights)) == rights

"""Which columns a registration lets be compared, and which partner owes which month."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from libs.common.partners.reconciling.domain import columns_of, programme_pattern, reaches
from libs.common.partners.reconciling.duty import Overdue, Registered, last_owed, overdue
from libs.common.partners.registrations import Terms
from libs.common.problems import Problem
from services.credit.reconciling.store import LOANS
from tests.support.partners import terms

TERMS = terms(event_types=("loan.*.v1",), fields=("area.commune", "balances", "interest.in_term"))


def test_a_registration_is_compared_in_what_it_may_see_and_no_more() -> None:
    balances = ["balance_in_term", "balance_overdue", "balance_frozen"]
    assert columns_of(LOANS, TERMS, None) == ["commune", *balances, "interest_in_term"]
    assert columns_of(LOANS, TERMS, ["balance_overdue", "commune"]) == [
        "commune",
        "balance_overdue",
    ]


@pytest.mark.parametrize(
    ("given", "wanted", "rule"),
    [
        (TERMS, ["commune", "principal"], "reconciliation.column"),
        (TERMS, ["nonsense"], "reconciliation.column"),
        (replace(TERMS, event_types=("referral.*.v1",)), None, "reconciliation.not_registered"),
    ],
)
def test_what_it_may_not_see_is_refused(given: Terms, wanted: list[str] | None, rule: str) -> None:
    with pytest.raises(Problem) as refused:
        columns_of(LOANS, given, wanted)
    assert [error.rule for error in refused.value.errors] == [rule]


@pytest.mark.parametrize(
    ("patterns", "taken"),
    [
        (("credit.*",), {"01", "09", "19"}),
        (("*",), {"01", "09", "19"}),
        (("credit.01", "credit.1*"), {"01", "19"}),
        (("insurance.*",), set()),
        (("credit.0.",), set()),
    ],
)
def test_programmes_are_taken_as_the_feed_takes_them(
    patterns: tuple[str, ...], taken: set[str]
) -> None:
    pattern = programme_pattern(LOANS, patterns)
    known = {"01", "09", "19"}
    assert {one for one in known if pattern is None or re.search(pattern, one)} == taken


@pytest.mark.parametrize(
    ("opened", "today", "is_reached"),
    [
        (("credit.*",), ("credit.*",), True),
        (("credit.01",), ("credit.01", "credit.19"), True),
        (("credit.01", "credit.1*"), ("*",), True),
        (("credit.01", "credit.1*"), ("credit.0*", "credit.1*"), True),
        (("credit.1*",), ("credit.*",), True),
        (("credit.1*9",), ("credit.1*",), True),
        (("credit.1*",), ("credit.1*9",), False),
        (("credit.1*",), ("credit.10", "credit.19"), False),
        (("insurance.*",), ("insurance.*",), True),
        (("credit.*",), ("credit.01",), False),
        (("credit.01", "credit.19"), ("credit.01",), False),
        (("credit.01",), ("insurance.*",), False),
    ],
)
def test_what_was_opened_is_reached_while_all_its_programmes_and_events_are_registered(
    opened: tuple[str, ...], today: tuple[str, ...], is_reached: bool
) -> None:
    programmes = programme_pattern(LOANS, opened)
    assert reaches(LOANS, replace(TERMS, programmes=today), programmes) is is_reached
    untold = replace(TERMS, programmes=today, event_types=("referral.*.v1",))
    assert not reaches(LOANS, untold, programmes)


LISTS = [("loans", "loan.changed.v1")]
BANK = Registered(
    "nhcsxh", ("loan.*.v1",), date(2027, 1, 1), None, datetime(2027, 1, 5, tzinfo=UTC)
)
FEBRUARY = date(2027, 2, 28)


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2027, 3, 11), FEBRUARY),
        (date(2027, 4, 10), FEBRUARY),
        (date(2027, 3, 10), date(2027, 1, 31)),
        (date(2028, 1, 1), date(2027, 11, 30)),
    ],
)
def test_a_month_is_owed_once_the_tenth_of_the_next_is_over(day: date, end: date) -> None:
    assert last_owed(day) == end


def test_who_has_not_reconciled_is_overdue_since_the_eleventh() -> None:
    day = date(2027, 3, 20)
    assert overdue(day, LISTS, [BANK], set()) == [
        Overdue("nhcsxh", "loans", FEBRUARY, date(2027, 3, 11))
    ]
    assert overdue(day, LISTS, [BANK], {("nhcsxh", "loans")}) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"event_types": ("referral.*.v1",)},
        {"valid_from": date(2027, 3, 1)},
        {"valid_until": FEBRUARY},
        {"recorded_at": datetime(2027, 2, 28, 17, tzinfo=UTC)},  # the first of March in Vietnam
    ],
)
def test_nobody_owes_a_month_of_which_it_was_not_told(changed: dict[str, Any]) -> None:
    assert overdue(date(2027, 3, 20), LISTS, [replace(BANK, **changed)], set()) == []

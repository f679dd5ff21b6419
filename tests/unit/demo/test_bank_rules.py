"""What the bank decides, pays and collects."""

from datetime import date
from decimal import Decimal

import pytest

from ansinh.demo.bank.rules import (
    REFUSAL,
    Asked,
    Rules,
    contract_number,
    decide,
    months_ended,
    owed_at,
)
from ansinh.demo.counterpart.modes import Mode, arrange, is_slip, page_size
from libs.common.ids import derived_id
from tests.unit.demo.bank import MILLION, a_need_id

RATE = Decimal("6.6")


@pytest.mark.parametrize(
    ("amount", "limit", "approved"),
    [
        (50 * MILLION, 100 * MILLION, 50 * MILLION),
        (95 * MILLION, 100 * MILLION, 80 * MILLION),  # the bank's own limit
        (95 * MILLION, 60 * MILLION, 60 * MILLION),  # the law's
        (95 * MILLION, None, 80 * MILLION),
    ],
)
def test_bank_approves_what_was_asked_within_its_own_and_the_laws_limit(
    amount: int, limit: int | None, approved: int
) -> None:
    decision = decide(Asked(a_need_id(), amount, 48, "central", limit), Rules())
    assert (decision.approved, decision.amount) == (True, approved)


def test_bank_lends_no_longer_than_its_own_and_the_laws_limit() -> None:
    asked = Asked(a_need_id(), MILLION, 84, "central", limit_months=36)
    assert decide(asked, Rules()).months == 36
    assert decide(asked, Rules(max_months=24)).months == 24


def test_bank_refuses_some_with_a_reason_and_the_same_ones_every_time() -> None:
    refused = decide(Asked(a_need_id(approved=False), MILLION, 12, "central"), Rules())
    assert (refused.approved, refused.amount, refused.reason) == (False, None, REFUSAL)
    many = [Asked(derived_id("n", place), MILLION, 12, "central") for place in range(900)]
    decisions = [decide(asked, Rules()).approved for asked in many]
    assert decisions == [decide(asked, Rules()).approved for asked in many]
    assert 60 < decisions.count(False) < 150  # one in nine


def test_contract_number_is_the_cases_own_and_of_the_form_that_an_sinh_takes() -> None:
    first = contract_number("need@4", date(2022, 7, 15))
    assert first == contract_number("need@4", date(2022, 7, 15))
    assert first != contract_number("need@9", date(2022, 7, 15))
    assert first.startswith("AS/2022/")
    assert len(first) <= 40


@pytest.mark.parametrize(
    ("paid_on", "today", "ends"),
    [
        (date(2022, 7, 15), date(2022, 7, 31), []),  # the month is not over on its last day
        (date(2022, 7, 15), date(2022, 8, 1), [date(2022, 7, 31)]),
        (date(2022, 8, 1), date(2022, 8, 1), []),
        (
            date(2022, 11, 30),
            date(2023, 2, 1),
            [date(2022, 11, 30), date(2022, 12, 31), date(2023, 1, 31)],
        ),
    ],
)
def test_a_month_is_stated_once_it_is_over(paid_on: date, today: date, ends: list[date]) -> None:
    assert list(months_ended(paid_on, today)) == ends


def test_one_in_four_households_repays_nothing_yet_and_owes_the_days_interest() -> None:
    paid_on, end = date(2022, 7, 1), date(2022, 7, 31)
    owed = [owed_at(str(place), 50 * MILLION, paid_on, end, RATE) for place in range(400)]
    behind = [one for one in owed if one.interest]
    assert {(one.principal, one.interest) for one in behind} == {(50 * MILLION, 271_233)}
    assert {one.principal for one in owed if not one.interest} == {49 * MILLION}
    assert 60 < len(behind) < 140


def test_what_is_owed_falls_month_by_month_and_never_below_zero() -> None:
    payer = next(
        str(place)
        for place in range(100)
        if not owed_at(str(place), 50 * MILLION, date(2022, 7, 1), date(2022, 7, 31), RATE).interest
    )
    owed = [
        owed_at(payer, 50 * MILLION, date(2022, 7, 1), end, RATE).principal
        for end in months_ended(date(2022, 7, 1), date(2027, 7, 1))
    ]
    assert owed[:3] == [49 * MILLION, 48 * MILLION, 47 * MILLION]
    assert owed[-1] == 0
    assert owed == sorted(owed, reverse=True)


def test_writes_leave_in_any_order_where_the_bank_is_out_of_order_and_one_a_round_where_slow() -> (
    None
):
    writes = list(range(20))
    assert arrange(writes, frozenset(), 1) == writes
    shuffled = arrange(writes, frozenset({Mode.OUT_OF_ORDER}), 1)
    assert shuffled != writes
    assert sorted(shuffled) == writes
    assert arrange(writes, frozenset({Mode.SLOW}), 1) == [0]
    assert page_size(frozenset({Mode.SLOW})) < page_size(frozenset())


def test_clerks_slip_now_and_then_and_never_after_a_refusal() -> None:
    wrong = frozenset({Mode.WRONG})
    contracts = [f"AS/2022/{place}" for place in range(60)]
    slips = [is_slip(contract, wrong, 0) for contract in contracts]
    assert 0 < slips.count(True) < 60
    assert not any(is_slip(contract, wrong, 1) for contract in contracts)
    assert not any(is_slip(contract, frozenset(), 0) for contract in contracts)

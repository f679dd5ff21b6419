"""The bank's books beside An Sinh's loans."""

from dataclasses import replace
from datetime import date

from ansinh.demo.bank.comparing import Account, differences
from libs.common.ids import derived_id

ONE = Account(
    contract_number="AS/2022/1",
    referral_id=derived_id("r"),
    principal=50_000_000,
    paid_on=date(2022, 7, 15),
    months=48,
    source="central",
    owed=49_000_000,
    interest=0,
    owed_on=date(2022, 7, 31),
)
TWO = replace(ONE, contract_number="AS/2022/2")


def test_equal_books_differ_in_nothing_whatever_their_order() -> None:
    assert differences([ONE, TWO], [TWO, ONE]) == []


def test_a_contract_of_one_side_is_named_with_its_side() -> None:
    assert differences([ONE], [TWO]) == [
        "AS/2022/1: chỉ có ở / only at ngân hàng / the bank",
        "AS/2022/2: chỉ có ở / only at An Sinh",
    ]


def test_every_field_that_is_not_the_same_is_named() -> None:
    other = replace(ONE, owed=1, months=36)
    assert differences([ONE], [other]) == ["AS/2022/1: months 48 ≠ 36, owed 49000000 ≠ 1"]


def test_a_loan_is_read_as_the_api_shows_it() -> None:
    loan = {
        "contract_number": "AS/2022/1",
        "referral_id": str(derived_id("r")),
        "principal": 50_000_000,
        "paid_on": "2022-07-15",
        "months": 48,
        "source": "central",
        "balances": {"in_term": 40_000_000, "overdue": 9_000_000, "frozen": 0},
        "interest": {"in_term": 0, "overdue": 0, "frozen": 0},
        "balance_on": "2022-07-31",
        "state": "overdue",
    }
    assert Account.of_loan(loan) == ONE

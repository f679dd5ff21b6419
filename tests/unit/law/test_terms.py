"""How much, how long and at what rate, before and after 1/12/2025."""

from datetime import date

import pytest

from libs.common.problems import Problem
from services.credit.terms.domain import terms_book, terms_on

BEFORE, AFTER = date(2025, 11, 30), date(2025, 12, 1)


@pytest.mark.parametrize(
    ("programme", "day", "rate", "overdue"),
    [
        ("01", BEFORE, "6.6", "8.58"),
        ("01", AFTER, "6.24", "8.112"),
        ("19", BEFORE, "7.92", "10.296"),
        ("19", AFTER, "7.488", "9.7344"),
        ("09", BEFORE, "8.25", "10.725"),
        ("09", AFTER, "7.8", "10.14"),
    ],
)
def test_rates_are_factors_of_the_base(programme: str, day: date, rate: str, overdue: str) -> None:
    terms = terms_on(programme, day, terms_book())
    assert (str(terms.yearly_rate_percent), str(terms.overdue_rate_percent)) == (rate, overdue)


@pytest.mark.parametrize(
    ("programme", "amount", "months", "is_confirmed"),
    [
        ("01", 100_000_000, 120, False),
        ("19", 100_000_000, 120, False),
        ("09", 100_000_000, 60, True),
    ],
)
def test_amount_term_and_mark(programme: str, amount: int, months: int, is_confirmed: bool) -> None:
    terms = terms_on(programme, AFTER, terms_book())
    assert (terms.max_amount, terms.max_months) == (amount, months)
    assert terms.is_confirmed is is_confirmed
    assert "QĐ 2553/QĐ-TTg" in terms.document


@pytest.mark.parametrize(
    ("programme", "day"), [("07", AFTER), ("01", date(2015, 1, 1)), ("09", date(2021, 2, 1))]
)
def test_no_terms_are_invented(programme: str, day: date) -> None:
    with pytest.raises(Problem) as refused:
        terms_on(programme, day, terms_book())
    assert refused.value.code == "terms.unknown"

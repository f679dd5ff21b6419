"""The law's terms as referrals use them: by day, with the first day on which they were in force."""

from datetime import date

import pytest

from services.credit.referrals.pricing import current_price
from services.credit.terms.domain import terms_book, terms_on


@pytest.mark.parametrize(
    ("programme", "day", "since", "rate"),
    [
        ("01", date(2022, 1, 1), date(2019, 3, 1), "6.6"),
        ("01", date(2025, 11, 30), date(2019, 3, 1), "6.6"),
        ("01", date(2025, 12, 1), date(2025, 12, 1), "6.24"),
        ("19", date(2026, 6, 1), date(2025, 12, 1), "7.488"),
        ("09", date(2022, 1, 1), date(2021, 3, 30), "8.25"),
    ],
)
def test_terms_of_a_day_say_since_when(programme: str, day: date, since: date, rate: str) -> None:
    terms = current_price()(programme, day)
    assert (terms.on, str(terms.yearly_rate)) == (since, rate)


@pytest.mark.parametrize("programme", ["01", "19", "09"])
def test_prices_are_the_laws_own(programme: str) -> None:
    for day in (date(2021, 4, 1), date(2025, 11, 30), date(2025, 12, 1), date(2026, 11, 21)):
        law, offered = terms_on(programme, day, terms_book()), current_price()(programme, day)
        assert offered.max_amount == law.max_amount
        assert offered.overdue_rate == law.overdue_rate_percent
        assert (offered.document, offered.is_confirmed) == (law.document, law.is_confirmed)


def test_day_before_the_first_known_terms_gets_the_first_ones() -> None:
    assert current_price()("01", date(2016, 1, 1)).on == date(2019, 3, 1)

"""Loan terms for tests: two rates, the second from 1/12/2025 (QĐ 2553/QĐ-TTg)."""

from datetime import date
from decimal import Decimal

from services.credit.referrals.domain import OfferedTerms

NEW_RATE = date(2025, 12, 1)
_FACTOR = {"01": Decimal(1), "19": Decimal("1.2"), "09": Decimal("1.25")}


def price(programme: str, day: date) -> OfferedTerms:
    """The terms in force on a day; 100 million VND for everyone."""
    is_new = day >= NEW_RATE
    rate = (Decimal("6.24") if is_new else Decimal("6.6")) * _FACTOR[programme]
    return OfferedTerms(
        on=NEW_RATE if is_new else date(2019, 3, 1),
        max_amount=100_000_000,
        max_months=60 if programme == "09" else 120,
        yearly_rate=rate,
        overdue_rate=rate * Decimal("1.3"),
        document="QĐ 2553/QĐ-TTg" if is_new else "NĐ 78/2002/NĐ-CP",
        is_confirmed=False,
    )

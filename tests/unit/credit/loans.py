"""A loan for tests, and what the bank's books say of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from libs.common.vocabulary import CapitalSource, LoanState
from services.credit.loans.domain import (
    Buckets,
    Loan,
    Statement,
)
from services.credit.loans.limits import (
    extension_limit,
    freeze_limit,
    loans_book,
)
from services.credit.loans.schemas import month_end

PAID_ON, TODAY = date(2022, 3, 15), date(2026, 3, 1)
MILLION = 1_000_000
IN_TERM, EXTENDED, OVERDUE = LoanState.IN_TERM, LoanState.EXTENDED, LoanState.OVERDUE
FROZEN, CLOSED, WRITTEN_OFF = LoanState.FROZEN, LoanState.CLOSED, LoanState.WRITTEN_OFF
EXTENSION = extension_limit("01", 60, TODAY, loans_book())
FREEZE = freeze_limit(TODAY, loans_book())


def a_loan(**values: object) -> Loan:
    """50 million for 60 months, paid out on 15/3/2022."""
    loan = Loan(
        loan_id=UUID(int=1),
        referral_id=UUID(int=2),
        need_id=None,
        household_id=UUID(int=3),
        version=1,
        commune="01882",
        programme="01",
        source=CapitalSource.CENTRAL,
        state=IN_TERM,
        principal=50 * MILLION,
        paid_on=PAID_ON,
        months=60,
        first_due_on=date(2027, 3, 15),
        due_on=date(2027, 3, 15),
        balances=Buckets(in_term=50 * MILLION),
        interest=Buckets(),
        balance_on=PAID_ON,
        yearly_rate=Decimal("6.6"),
        overdue_rate=Decimal("8.58"),
        rate_on=PAID_ON,
        rate_document="NĐ 78/2002/NĐ-CP",
        frozen_from=None,
        frozen_until=None,
        check_due_on=date(2022, 4, 14),
        checked_on=None,
        is_used_as_agreed=None,
        changed_on=PAID_ON,
    )
    return replace(loan, **values)  # type: ignore[arg-type]


def stated(month: str, in_term: int = 0, overdue: int = 0, frozen: int = 0) -> Statement:
    """A month's balances in millions; a hundredth of each is owed as interest."""
    millions = (in_term, overdue, frozen)
    return Statement(
        month_end(month),
        Buckets(*(part * MILLION for part in millions)),
        Buckets(*(part * MILLION // 100 for part in millions)),
    )

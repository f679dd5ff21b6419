"""How a change of a loan is said on the bus."""

from collections.abc import Mapping
from uuid import UUID

from libs.common.clock import start_of_day
from libs.common.contracts.household import HouseholdArea
from libs.common.contracts.loan import CHANGED, LoanBuckets, LoanData
from libs.common.messaging.ledger import NewEvent
from services.credit.loans.domain import Buckets, Change


def event_of(change: Change, area: Mapping[str, object], correlation_id: UUID) -> NewEvent:
    """The event of one change; neither contract number nor note are in it."""
    loan = change.loan
    data = LoanData.model_construct(
        loan_id=loan.loan_id,
        referral_id=loan.referral_id,
        household_id=loan.household_id,
        area=HouseholdArea.model_validate(area),
        programme=loan.programme,
        source=loan.source,
        state=loan.state,
        principal=loan.principal,
        paid_on=loan.paid_on,
        due_on=loan.due_on,
        balances=_buckets(loan.balances),
        interest=_buckets(loan.interest),
        balance_on=loan.balance_on,
        yearly_rate_percent=str(loan.yearly_rate),
        overdue_rate_percent=str(loan.overdue_rate),
        changed_on=loan.changed_on,
        act=change.act.value,
    )
    return NewEvent(
        subject=loan.loan_id,
        type=CHANGED,
        time=start_of_day(loan.changed_on),
        data=data,
        correlation_id=correlation_id,
    )


def _buckets(buckets: Buckets) -> LoanBuckets:
    return LoanBuckets.model_construct(
        in_term=buckets.in_term, overdue=buckets.overdue, frozen=buckets.frozen
    )

"""How a change of a referral is said on the bus."""

from functools import lru_cache
from uuid import UUID

from libs.common.clock import start_of_day
from libs.common.contracts.household import HouseholdArea
from libs.common.contracts.referral import CHANGED, LoanNeed, LoanTerms, ReferralData
from libs.common.messaging.ledger import NewEvent
from services.credit.needs.domain import Need
from services.credit.referrals.domain import Change, OfferedTerms


def event_of(
    change: Change,
    area: HouseholdArea,
    correlation_id: UUID,
    causation_id: UUID | None = None,
    traceparent: str | None = None,
) -> NewEvent:
    """The event of one change. Values are right already, so they are not validated again."""
    referral = change.referral
    data = ReferralData.model_construct(
        referral_id=referral.referral_id,
        household_id=referral.household_id,
        area=area,
        programme=referral.programme,
        state=referral.state,
        is_flagged=referral.is_flagged,
        opened_on=referral.opened_on,
        changed_on=referral.changed_on,
        until=referral.until,
        terms=loan_terms(referral.terms),
        act=change.act.value,
        need=None if referral.need is None else loan_need(referral.need),
    )
    return NewEvent(
        subject=referral.referral_id,
        type=CHANGED,
        time=start_of_day(referral.changed_on),
        data=data,
        correlation_id=correlation_id,
        causation_id=causation_id,
        traceparent=traceparent,
    )


@lru_cache(maxsize=4096)  # a set of a thousand shares a handful
def loan_terms(terms: OfferedTerms) -> LoanTerms:
    """The terms as the contract writes them: rates as decimal text."""
    return LoanTerms.model_construct(
        on=terms.on,
        max_amount=terms.max_amount,
        max_months=terms.max_months,
        yearly_rate_percent=str(terms.yearly_rate),
        overdue_rate_percent=str(terms.overdue_rate),
        document=terms.document,
        is_confirmed=terms.is_confirmed,
    )


def loan_need(need: Need) -> LoanNeed:
    """The need as the contract writes it: no words, only what is asked and how far it is."""
    return LoanNeed.model_construct(
        need_id=need.need_id,
        amount=need.amount,
        months=need.months,
        source=need.application.source,
        stage=need.stage,
        over_cap=need.over_cap,
        changed_on=need.changed_on,
        due_on=need.due_on,
    )

"""What followed for the sample household: rights, insurance and its card, a training offer, two
referrals, a loan.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from libs.common.contracts import card, entitlement, insurance, loan, referral, training
from libs.common.vocabulary import (
    CapitalSource,
    CardReason,
    CardState,
    LoanState,
    NeedStage,
    ReferralState,
)
from tools.contracts.sample_household import (
    ESCAPED_ON,
    HEAD,
    HOUSEHOLD,
    POOR_FROM,
    Said,
    home,
    sample_id,
)

HEALTH = "NĐ 146/2018/NĐ-CP"
TRAINING = "QĐ 46/2015/QĐ-TTg"
RULES = {
    "credit.01": ("credit.01", "poor", "NĐ 78/2002/NĐ-CP"),
    "credit.09": ("credit.09", "escaped", "QĐ 28/2015/QĐ-TTg"),
    "insurance.HN": ("insurance.HN", "poor", HEALTH),
    "training.46.minority_poor": ("training.46", "minority_poor", TRAINING),
}
COURSE: dict[str, Any] = {
    "course_amount": 4_000_000,
    "meals_per_day": 30_000,
    "travel_per_course": 200_000,
    "times": 1,
}
LOAN, NEXT_LOAN = sample_id("referral of 2022"), sample_id("referral of 2023")
PAID_LOAN = sample_id("loan of 2022")


def _right(
    programme: str, subject: UUID, from_day: date, until: date | None, **benefit: Any
) -> entitlement.Entitlement:
    support = entitlement.SupportArea(programme.partition(".")[0])
    is_credit = support is entitlement.SupportArea.CREDIT
    table, row, document = RULES[programme]
    return entitlement.Entitlement(
        programme=programme,
        support=support,
        subject_kind=entitlement.SubjectKind("household" if is_credit else "person"),
        subject_id=subject,
        from_day=from_day,
        until=until,
        table=table,
        row=row,
        document=document,
        is_confirmed=False,
        benefit=benefit,
    )


def entitlement_events() -> Iterator[Said]:
    """Poor, then newly escaped."""

    def rights(until: date | None) -> tuple[entitlement.Entitlement, ...]:
        return (
            _right("credit.01", HOUSEHOLD, POOR_FROM, until),
            _right(
                "insurance.HN", HEAD, POOR_FROM, until, support_percent=100, benefit_percent=100
            ),
            _right("training.46.minority_poor", HEAD, POOR_FROM, until, **COURSE),
        )

    poor = entitlement.EntitlementData(
        household_id=HOUSEHOLD,
        household_version=2,
        area=home(),
        as_of=POOR_FROM,
        next_change_on=date(2022, 9, 5),
        entitlements=rights(None),
    )
    yield Said(entitlement.CHANGED, HOUSEHOLD, 1, POOR_FROM, poor)
    escaped = poor.model_copy(
        update={
            "household_version": 4,
            "as_of": ESCAPED_ON,
            "next_change_on": date(2025, 12, 20),
            "entitlements": (
                *rights(ESCAPED_ON),
                _right("credit.09", HOUSEHOLD, ESCAPED_ON, None),
            ),
        }
    )
    yield Said(entitlement.CHANGED, HOUSEHOLD, 2, ESCAPED_ON, escaped)


def roll_events() -> Iterator[Said]:
    """Insured as poor, then not."""

    def roll(until: date | None) -> tuple[insurance.RollPeriod, ...]:
        return (
            insurance.RollPeriod(
                person_id=HEAD,
                group="HN",
                support_percent=100,
                benefit_percent=100,
                from_day=POOR_FROM,
                until=until,
                document=HEALTH,
                is_confirmed=False,
                order_is_confirmed=False,
            ),
        )

    for version, on, until in ((1, POOR_FROM, None), (2, ESCAPED_ON, ESCAPED_ON)):
        data = insurance.RollData(
            household_id=HOUSEHOLD,
            entitlement_version=version,
            area=home(),
            as_of=on,
            periods=roll(until),
        )
        yield Said(insurance.ROLL_CHANGED, HOUSEHOLD, version, on, data)


def card_events() -> Iterator[Said]:
    """Issued; withdrawn when the household left the roll, which ends the line."""
    issued = card.Card(
        person_id=HEAD,
        group="HN",
        from_day=POOR_FROM,
        until=None,
        roll_version=1,
        number=1,
        state=CardState.ISSUED,
        reason=None,
        benefit_level=2,
        valid_from=POOR_FROM,
        valid_until=None,
        answered_on=POOR_FROM,
    )
    withdrawn = issued.model_copy(
        update={
            "until": ESCAPED_ON,
            "roll_version": 2,
            "number": 2,
            "state": CardState.WITHDRAWN,
            "reason": CardReason.LEFT_ROLL,
            "benefit_level": None,
            "valid_from": None,
            "answered_on": ESCAPED_ON,
        }
    )
    for version, one in enumerate((issued, withdrawn), 1):
        data = card.CardData(household_id=HOUSEHOLD, area=home(), cards=(one,))
        yield Said(card.CHANGED, HOUSEHOLD, version, one.answered_on, data)


def offer_events() -> Iterator[Said]:
    """The head may learn a trade."""
    data = training.OfferData(
        household_id=HOUSEHOLD,
        entitlement_version=1,
        area=home(),
        as_of=POOR_FROM,
        offers=(
            training.Offer(
                person_id=HEAD,
                group="46.minority_poor",
                from_day=POOR_FROM,
                until=None,
                benefit=COURSE,
                document=TRAINING,
                is_confirmed=False,
            ),
        ),
    )
    yield Said(training.OFFER_CHANGED, HOUSEHOLD, 1, POOR_FROM, data)


def referral_events() -> Iterator[Said]:
    """Opened, approved and paid out, flagged; a new one opened beside it."""
    terms = referral.LoanTerms(
        on=POOR_FROM,
        max_amount=100_000_000,
        max_months=120,
        yearly_rate_percent="6.6",
        overdue_rate_percent="8.58",
        document="NĐ 78/2002/NĐ-CP",
        is_confirmed=False,
    )
    opened = referral.ReferralData(
        referral_id=LOAN,
        household_id=HOUSEHOLD,
        area=home(),
        programme="01",
        state=ReferralState.OPEN,
        is_flagged=False,
        opened_on=POOR_FROM,
        changed_on=POOR_FROM,
        until=None,
        terms=terms,
        act="opened",
    )
    yield Said(referral.CHANGED, LOAN, 1, POOR_FROM, opened)
    approved_on, paid_on = date(2022, 3, 4), date(2022, 3, 15)
    need = referral.LoanNeed(
        need_id=sample_id("need of 2022"),
        amount=50_000_000,
        months=60,
        source=CapitalSource.CENTRAL,
        stage=NeedStage.APPROVED,
        over_cap=False,
        changed_on=approved_on,
        due_on=None,
    )
    approved = opened.model_copy(
        update={"changed_on": approved_on, "act": "need_approved", "need": need}
    )
    yield Said(referral.CHANGED, LOAN, 2, approved_on, approved)
    paid = opened.model_copy(
        update={
            "state": ReferralState.DISBURSED,
            "changed_on": paid_on,
            "act": "disbursed",
            "need": need.model_copy(update={"stage": NeedStage.DISBURSED, "changed_on": paid_on}),
        }
    )
    yield Said(referral.CHANGED, LOAN, 3, paid_on, paid)
    flagged = paid.model_copy(
        update={"is_flagged": True, "changed_on": ESCAPED_ON, "act": "flagged"}
    )
    yield Said(referral.CHANGED, LOAN, 4, ESCAPED_ON, flagged)
    better = terms.model_copy(
        update={
            "on": ESCAPED_ON,
            "max_months": 60,
            "yearly_rate_percent": "8.25",
            "overdue_rate_percent": "10.725",
            "document": "QĐ 28/2015/QĐ-TTg, sửa đổi QĐ 02/2021/QĐ-TTg; QĐ 750/QĐ-TTg (2015)",
        }
    )
    beside = opened.model_copy(
        update={
            "referral_id": NEXT_LOAN,
            "programme": "09",
            "opened_on": ESCAPED_ON,
            "changed_on": ESCAPED_ON,
            "terms": better,
        }
    )
    yield Said(referral.CHANGED, NEXT_LOAN, 1, ESCAPED_ON, beside)


def loan_events() -> Iterator[Said]:
    """Paid out, stated a month later with a part repaid."""
    paid_on, month_end = date(2022, 3, 15), date(2022, 4, 30)
    nothing = loan.LoanBuckets(in_term=0, overdue=0, frozen=0)
    opened = loan.LoanData(
        loan_id=PAID_LOAN,
        referral_id=LOAN,
        household_id=HOUSEHOLD,
        area=home(),
        programme="01",
        source=CapitalSource.CENTRAL,
        state=LoanState.IN_TERM,
        principal=50_000_000,
        paid_on=paid_on,
        due_on=date(2027, 3, 15),
        balances=loan.LoanBuckets(in_term=50_000_000, overdue=0, frozen=0),
        interest=nothing,
        balance_on=paid_on,
        yearly_rate_percent="6.6",
        overdue_rate_percent="8.58",
        changed_on=paid_on,
        act="opened",
    )
    yield Said(loan.CHANGED, PAID_LOAN, 1, paid_on, opened)
    stated = opened.model_copy(
        update={
            "balances": loan.LoanBuckets(in_term=49_000_000, overdue=0, frozen=0),
            "interest": loan.LoanBuckets(in_term=269_500, overdue=0, frozen=0),
            "balance_on": month_end,
            "changed_on": month_end,
            "act": "stated",
        }
    )
    yield Said(loan.CHANGED, PAID_LOAN, 2, month_end, stated)

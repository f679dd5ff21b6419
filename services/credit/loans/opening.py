"""A payment opens a loan."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from libs.common.contracts.household import HouseholdArea
from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.policy.days import add_months
from libs.common.vocabulary import CapitalSource, LoanState
from services.credit.loans import store
from services.credit.loans.domain import Act, Buckets, Change, Loan, check_due_on
from services.credit.loans.limits import check_days, loans_book
from services.credit.loans.saving import keep_and_say
from services.credit.plans.domain import PlanKey, over_plan
from services.credit.plans.store import lock_plans


@dataclass(frozen=True, slots=True)
class NewLoan:
    """What the bank paid out: VND, months, percent a year.

    `document` is that of the rate. `need_id` is None where the household's need is not known.
    """

    loan_id: UUID
    referral_id: UUID
    need_id: UUID | None
    household_id: UUID
    area: HouseholdArea
    commune: str
    programme: str
    source: CapitalSource
    contract_number: str
    principal: int
    paid_on: date
    months: int
    yearly_rate: Decimal
    overdue_rate: Decimal
    document: str
    correlation_id: UUID


async def open_loans(tx: Transaction, loans: Sequence[NewLoan]) -> None:
    """Open the loans and say so; whoever pays holds the referrals' heads.

    A referral that has a loan already breaks the table's key.

    Raises:
        Problem: the capital plan of the commune, source, programme and year has not enough left;
            where no plan was entered nothing is limited.
    """
    if not loans:
        return
    await _hold_to_plans(tx, loans)
    heads = await ledger.lock_heads(tx, store.STREAM, [loan.loan_id for loan in loans])
    opened = [
        store.Stored(
            _first(new, heads[new.loan_id] + 1),
            new.area.model_dump(mode="json"),
            new.contract_number,
            {},
        )
        for new in loans
    ]
    await store.insert_loans(tx, opened)
    await keep_and_say(
        tx,
        heads,
        [Change(Act.OPENED, stored.loan) for stored in opened],
        {stored.loan.loan_id: stored.area for stored in opened},
        [new.correlation_id for new in loans],
    )


async def _hold_to_plans(tx: Transaction, loans: Sequence[NewLoan]) -> None:
    wanted: Counter[PlanKey] = Counter()
    for new in loans:
        wanted[PlanKey(new.commune, new.source, new.programme, new.paid_on.year)] += new.principal
    for key, plan in (await lock_plans(tx, list(wanted))).items():
        if wanted[key] > plan.left:
            raise over_plan(plan.left)


def _first(new: NewLoan, version: int) -> Loan:
    due_on = add_months(new.paid_on, new.months)
    return Loan(
        loan_id=new.loan_id,
        referral_id=new.referral_id,
        need_id=new.need_id,
        household_id=new.household_id,
        version=version,
        commune=new.commune,
        programme=new.programme,
        source=new.source,
        state=LoanState.IN_TERM,
        principal=new.principal,
        paid_on=new.paid_on,
        months=new.months,
        first_due_on=due_on,
        due_on=due_on,
        balances=Buckets(in_term=new.principal),
        interest=Buckets(),
        balance_on=new.paid_on,
        yearly_rate=new.yearly_rate,
        overdue_rate=new.overdue_rate,
        rate_on=new.paid_on,
        rate_document=new.document,
        frozen_from=None,
        frozen_until=None,
        check_due_on=check_due_on(new.paid_on, check_days(new.paid_on, loans_book())),
        checked_on=None,
        is_used_as_agreed=None,
        changed_on=new.paid_on,
    )

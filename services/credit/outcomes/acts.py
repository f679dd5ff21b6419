"""The bank's receipts, answers and payments are recorded: one by one over REST, a thousand at once
from a file, by the same few statements.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from uuid import UUID

from libs.common.contracts.household import HouseholdArea
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.vocabulary import NeedStage
from services.credit.loans import store as loans
from services.credit.loans.opening import NewLoan, open_loans
from services.credit.needs.acts import Circumstances
from services.credit.needs.clocks import current_due
from services.credit.outcomes.domain import (
    Books,
    CheckVersion,
    Loaned,
    Outcome,
    Told,
    plan_key,
    record_lines,
)
from services.credit.plans.store import lock_plans
from services.credit.referrals import store
from services.credit.referrals.disbursement import Payment, source_of
from services.credit.referrals.domain import Referral
from services.credit.referrals.recording import Held, hold, record

MaySee = Callable[[Referral], bool]


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells of outcomes, and when.

    Attributes:
        subject: the token's.
        around: what every act is judged by.
        may_see: which referrals of those in sight are the teller's.
    """

    subject: str
    around: Circumstances
    may_see: MaySee = lambda referral: True


class _Taken(Exception):
    """Contract numbers were used by payments that cannot be seen, or just now."""

    def __init__(self, numbers: set[str]) -> None:
        super().__init__()
        self.numbers = numbers


async def record_one(
    tx: Transaction, told: Told, teller: Teller, check_version: CheckVersion
) -> store.Stored:
    """Record what the bank says of one referral and answer it as it then stands; the same again
    changes nothing.

    Raises:
        Problem: 404, another version than the caller read, 409 in another stage or where something
            else is recorded, 422 naming every fault.
    """
    (outcome,) = await record_outcomes(tx, [told], teller, check_version)
    if outcome.problem is not None:
        raise outcome.problem
    return (await store.read_referrals(tx, [told.referral_id]))[told.referral_id]


async def record_outcomes(
    tx: Transaction,
    lines: Sequence[Told],
    teller: Teller,
    check_version: CheckVersion = lambda version: None,
) -> list[Outcome]:
    """Record what holds; the statements are few and do not depend on how many lines there are.

    Locks: the referrals' heads, then the capital plans.

    Returns:
        One outcome per line, in the lines' order.
    """
    held = await hold(tx, list({told.referral_id for told in lines}))
    contracts: set[str] = set()
    while True:
        books = await _books(tx, held, lines, teller, contracts)
        outcomes = record_lines(books, lines, check_version)
        try:
            await _insert_payments(tx, books.loaned, teller.subject)
        except _Taken as taken:  # judged again, knowing of these
            contracts |= taken.numbers
        else:
            break
    await _record_changes(tx, held, books)
    await open_loans(tx, [_loan(one, held) for one in books.loaned])
    return outcomes


async def _books(
    tx: Transaction, held: Held, lines: Sequence[Told], teller: Teller, contracts: set[str]
) -> Books:
    referrals = {
        one: stored.referral
        for one, stored in held.stored.items()
        if teller.may_see(stored.referral)
    }
    payments = [
        (referrals[told.referral_id], told.payment)
        for told in lines
        if told.payment and told.referral_id in referrals
    ]
    plans = await lock_plans(tx, list({plan_key(*one) for one in payments})) if payments else {}
    around = teller.around
    return Books(
        referrals=referrals,
        paid=await _paid(tx, [one.referral_id for one, _ in payments]) if payments else {},
        owed=await loans.owed_of_households(tx, [one.household_id for one in referrals.values()]),
        left={key: plan.left for key, plan in plans.items()},
        contracts=set(contracts),
        due=current_due(),
        price=around.price,
        today=around.today,
    )


async def _paid(tx: Transaction, referral_ids: Sequence[UUID]) -> dict[UUID, Payment]:
    known = await loans.read_of_referrals(tx, referral_ids)
    found = {}
    for referral_id, paid in (await store.find_disbursements(tx, referral_ids)).items():
        opened = known.get(referral_id)
        term = (None, None) if opened is None else (opened.loan.months, opened.loan.source)
        found[referral_id] = Payment(paid, *term)
    return found


async def _insert_payments(tx: Transaction, loaned: Sequence[Loaned], recorded_by: str) -> None:
    if not loaned:
        return
    async with tx.connection.transaction():  # what cannot stand undoes this part only
        rows = [(one.referral, one.payment.paid) for one in loaned]
        taken = await store.insert_disbursements(tx, rows, recorded_by)
        if taken:
            raise _Taken(taken)


async def _record_changes(tx: Transaction, held: Held, books: Books) -> None:
    """Each referral's first change, then each one's second: of a referral one at a time."""
    for wave in zip_longest(*books.changes.values()):
        said = [one for one in wave if one is not None]
        await record(tx, held, [change for change, _ in said], [act for _, act in said])


def _loan(one: Loaned, held: Held) -> NewLoan:
    referral, payment, need = one.referral, one.payment, one.referral.need
    is_of_need = need is not None and need.stage is NeedStage.DISBURSED
    return NewLoan(
        loan_id=new_id(),
        referral_id=referral.referral_id,
        need_id=need.need_id if need is not None and is_of_need else None,
        household_id=referral.household_id,
        area=HouseholdArea.model_validate(held.stored[referral.referral_id].area),
        commune=referral.commune,
        programme=referral.programme,
        source=source_of(referral, payment),
        contract_number=payment.paid.contract_number,
        principal=payment.paid.amount,
        paid_on=payment.paid.paid_on,
        months=one.months,
        yearly_rate=referral.terms.yearly_rate,
        overdue_rate=referral.terms.overdue_rate,
        document=referral.terms.document,
        correlation_id=one.correlation_id,
    )

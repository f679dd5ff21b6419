"""The bank records that it paid a referral out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

from libs.common.contracts.household import HouseholdArea
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger
from libs.common.problems import FieldError, Problem, Text, not_found
from libs.common.vocabulary import CapitalSource, ReferralState
from services.credit.loans import store as loans
from services.credit.loans.opening import NewLoan, open_loans
from services.credit.referrals import store
from services.credit.referrals.domain import Disbursement, Price, Referral, disburse
from services.credit.referrals.saying import event_of


async def record_disbursement(
    tx: Transaction,
    referral_id: UUID,
    paid: Disbursement,
    *,
    check_version: Callable[[int], None],
    today: date,
    recorded_by: str,
    correlation_id: UUID,
    price: Price,
    months: int | None = None,
    source: CapitalSource = CapitalSource.CENTRAL,
) -> store.Stored:
    """Record it, open the loan and say both; exactly the same payment again changes nothing.

    The referral's head is locked first, as by whoever follows its household's entitlements.

    Args:
        months: the loan's term; where it is not known the longest that the programme allows.
        source: whose money was paid.

    Raises:
        Problem: unknown referral, another version than the caller read, wrong state, day or
            amount, a contract number that is already used.
    """
    if referral_id not in await store.read_referrals(tx, [referral_id]):
        raise not_found("referral")
    heads = await ledger.lock_heads(tx, store.STREAM, [referral_id])
    stored = (await store.read_referrals(tx, [referral_id]))[referral_id]
    if await _is_recorded(tx, stored.referral, paid, months, source):
        return stored
    check_version(stored.referral.version)
    change = disburse(stored.referral, paid, today, price)
    if not await store.insert_disbursement(tx, change.referral, paid, recorded_by):
        raise _contract_used()
    await store.save_changes(tx, [change], [store.Cause(None, correlation_id)], {})
    area = HouseholdArea.model_validate(stored.area)
    said = event_of(change, area, correlation_id)
    await ledger.append(tx, "credit", store.STREAM, heads, [said])
    term = _term(months, change.referral)
    await open_loans(tx, [_loan(change.referral, area, paid, term, source, correlation_id)])
    return replace(stored, referral=change.referral)


async def _is_recorded(
    tx: Transaction,
    referral: Referral,
    paid: Disbursement,
    months: int | None,
    source: CapitalSource,
) -> bool:
    if referral.state is not ReferralState.DISBURSED:
        return False
    known = await loans.find_of_referral(tx, referral.referral_id)
    if known and (known.loan.source != source or months not in (None, known.loan.months)):
        return False
    return await store.find_disbursement(tx, referral.referral_id) == paid


def _loan(
    referral: Referral,
    area: HouseholdArea,
    paid: Disbursement,
    months: int,
    source: CapitalSource,
    correlation_id: UUID,
) -> NewLoan:
    return NewLoan(
        loan_id=new_id(),
        referral_id=referral.referral_id,
        need_id=None,
        household_id=referral.household_id,
        area=area,
        commune=referral.commune,
        programme=referral.programme,
        source=source,
        contract_number=paid.contract_number,
        principal=paid.amount,
        paid_on=paid.paid_on,
        months=months,
        yearly_rate=referral.terms.yearly_rate,
        overdue_rate=referral.terms.overdue_rate,
        document=referral.terms.document,
        correlation_id=correlation_id,
    )


def _term(months: int | None, referral: Referral) -> int:
    longest = referral.terms.max_months
    if months is None and longest is not None:
        return longest
    if months is not None and (longest is None or months <= longest):
        return months
    title = Text("Thời hạn vay không hợp lệ.", "The term of the loan is not valid.")
    fix = Text(
        f"Ghi thời hạn từ 1 đến {longest or 600} tháng.", f"Give 1 to {longest or 600} months."
    )
    rule = "disbursement.term"
    raise Problem(422, "disbursement.refused", title, [FieldError("/months", rule, title, fix)])


def _contract_used() -> Problem:
    title = Text("Số hợp đồng đã được sử dụng.", "The contract number is already used.")
    return Problem(
        409,
        "disbursement.contract_used",
        title,
        [
            FieldError(
                "/contract_number",
                "disbursement.contract_used",
                title,
                Text("Kiểm tra lại số hợp đồng vay.", "Check the number of the loan contract."),
            )
        ],
    )

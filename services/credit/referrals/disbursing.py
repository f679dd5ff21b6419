"""The bank records that it paid a referral out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

from libs.common.contracts.household import HouseholdArea
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.problems import FieldError, Problem, Text, not_found
from libs.common.vocabulary import CapitalSource, NeedStage, ReferralState
from services.credit.loans import store as loans
from services.credit.loans.opening import NewLoan, open_loans
from services.credit.referrals import store
from services.credit.referrals.disbursement import Disbursement, disburse
from services.credit.referrals.domain import Price, Referral
from services.credit.referrals.recording import hold, record


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
    source: CapitalSource | None = None,
) -> store.Stored:
    """Record it, open the loan and say both; exactly the same payment again changes nothing.

    The referral's head is locked first, as by whoever follows its household's entitlements.

    Args:
        months: the loan's term; None: as approved, without a need the longest of the programme.
        source: whose money was paid; None: as applied for, without a need central.

    Raises:
        Problem: unknown referral, another version than the caller read, wrong state, a need that is
            not approved, wrong day, amount, term or source, a contract number that is already used,
            more than the capital plan has left.
    """
    held = await hold(tx, [referral_id])
    stored = held.stored.get(referral_id)
    if stored is None:
        raise not_found("referral")
    if await _is_recorded(tx, stored.referral, paid, months, source):
        return stored
    check_version(stored.referral.version)
    referral = stored.referral
    owed = await loans.owed_of_household(tx, referral.household_id, referral.programme)
    change = disburse(referral, paid, today, price, owed=owed, months=months, source=source)
    if not await store.insert_disbursement(tx, change.referral, paid, recorded_by):
        raise _contract_used()
    await record(tx, held, [change], [correlation_id])
    area = HouseholdArea.model_validate(stored.area)
    await open_loans(tx, [_loan(change.referral, area, paid, months, source, correlation_id)])
    return replace(stored, referral=change.referral)


async def _is_recorded(
    tx: Transaction,
    referral: Referral,
    paid: Disbursement,
    months: int | None,
    source: CapitalSource | None,
) -> bool:
    if referral.state is not ReferralState.DISBURSED:
        return False
    known = await loans.find_of_referral(tx, referral.referral_id)
    if known and not (source in (None, known.loan.source) and months in (None, known.loan.months)):
        return False
    return await store.find_disbursement(tx, referral.referral_id) == paid


def _loan(
    referral: Referral,
    area: HouseholdArea,
    paid: Disbursement,
    months: int | None,
    source: CapitalSource | None,
    correlation_id: UUID,
) -> NewLoan:
    need = referral.need
    if need is None or need.stage is not NeedStage.DISBURSED:  # paid as before there were needs
        need_id = None
    else:
        need_id = need.need_id
        months, source = months or need.months, need.application.source
    return NewLoan(
        loan_id=new_id(),
        referral_id=referral.referral_id,
        need_id=need_id,
        household_id=referral.household_id,
        area=area,
        commune=referral.commune,
        programme=referral.programme,
        source=source or CapitalSource.CENTRAL,
        contract_number=paid.contract_number,
        principal=paid.amount,
        paid_on=paid.paid_on,
        months=_term(months, referral),
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

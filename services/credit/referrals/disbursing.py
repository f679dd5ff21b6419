"""The bank records that it paid a referral out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

from libs.common.database import Transaction
from libs.common.problems import FieldError, Problem, Text, not_found
from libs.common.vocabulary import ReferralState
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
) -> store.Stored:
    """Record it and say it; exactly the same payment again changes nothing.

    The referral's head is locked first, as by whoever follows its household's entitlements.

    Raises:
        Problem: unknown referral, another version than the caller read, wrong state, day or
            amount, a contract number that is already used.
    """
    held = await hold(tx, [referral_id])
    stored = held.stored.get(referral_id)
    if stored is None:
        raise not_found("referral")
    if await _is_recorded(tx, stored.referral, paid):
        return stored
    check_version(stored.referral.version)
    change = disburse(stored.referral, paid, today, price)
    if not await store.insert_disbursement(tx, change.referral, paid, recorded_by):
        raise _contract_used()
    await record(tx, held, [change], [correlation_id])
    return replace(stored, referral=change.referral)


async def _is_recorded(tx: Transaction, referral: Referral, paid: Disbursement) -> bool:
    if referral.state is not ReferralState.DISBURSED:
        return False
    return await store.find_disbursement(tx, referral.referral_id) == paid


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

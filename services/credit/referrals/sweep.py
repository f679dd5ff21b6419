"""What time alone does to open referrals: a new rate or limit starts."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from libs.common.contracts.household import HouseholdArea
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger
from services.credit.referrals import store
from services.credit.referrals.domain import PROGRAMMES, Change, Price, reprice
from services.credit.referrals.saying import event_of

SET_SIZE = 1_000


async def sweep(database: Database, day: date, price: Price) -> int:
    """Bring the terms of open referrals up to `day`; answers how many changed.

    Safe to repeat, to interrupt and to run late: the day only moves forward, and only referrals
    whose terms differ from those in force are touched, a thousand a transaction.
    """
    async with database.transaction() as tx:
        await store.move_law_day(tx, day)
        day = await store.get_law_day(tx)
    changed = 0
    correlation_id = new_id()
    for programme in PROGRAMMES:
        while True:
            async with database.transaction() as tx:
                found, repriced = await _reprice_set(tx, programme, day, price, correlation_id)
            changed += repriced
            if found < SET_SIZE:
                break
    return changed


async def _reprice_set(
    tx: Transaction, programme: str, day: date, price: Price, correlation_id: UUID
) -> tuple[int, int]:
    terms = price(programme, day)
    ids = await store.list_due_for_price(tx, programme, day, terms, SET_SIZE)
    if not ids:
        return 0, 0
    heads = await ledger.lock_heads(tx, store.STREAM, ids)
    known = await store.read_referrals(tx, ids)
    changes = [
        change
        for stored in known.values()
        if (change := reprice(stored.referral, day, price)) is not None
    ]
    await _record(tx, heads, changes, known, correlation_id)
    # Fewer where someone else changed one meanwhile.
    return len(ids), len(changes)


async def _record(
    tx: Transaction,
    heads: dict[UUID, int],
    changes: Sequence[Change],
    known: dict[UUID, store.Stored],
    correlation_id: UUID,
) -> None:
    cause = store.Cause(None, correlation_id)
    await store.save_changes(tx, changes, [cause] * len(changes), {})
    said = [
        event_of(
            change,
            HouseholdArea.model_validate(known[change.referral.referral_id].area),
            correlation_id,
        )
        for change in changes
    ]
    await ledger.append(tx, "credit", store.STREAM, heads, said)

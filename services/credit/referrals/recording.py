"""Acts on referrals: hold them, then write what was decided and say it, however many they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from libs.common.contracts.household import HouseholdArea
from libs.common.database import Transaction
from libs.common.messaging import ledger
from services.credit.referrals import store
from services.credit.referrals.domain import Change
from services.credit.referrals.saying import event_of


@dataclass(frozen=True, slots=True)
class Held:
    """Referrals whose heads this transaction has locked, as they stood then."""

    heads: dict[UUID, int]
    stored: dict[UUID, store.Stored]


async def hold(tx: Transaction, ids: Sequence[UUID]) -> Held:
    """Lock the heads of referrals in sight, then read them: nobody changes them meanwhile.

    Those that are unknown or out of scope are left out, and nothing of them is locked.
    """
    visible = list(await store.read_referrals(tx, ids))
    heads = await ledger.lock_heads(tx, store.STREAM, visible)
    return Held(heads, await store.read_referrals(tx, visible))


async def record(
    tx: Transaction, held: Held, changes: Sequence[Change], correlation_ids: Sequence[UUID]
) -> None:
    """Write changes of held referrals and say each; a handful of statements, however many.

    Args:
        tx: the transaction that holds them.
        held: what `hold` answered.
        changes: at most one per referral.
        correlation_ids: of the acts, one per change.
    """
    if not changes:
        return
    causes = [store.Cause(None, correlation_id) for correlation_id in correlation_ids]
    await store.save_changes(tx, changes, causes, {})
    said = [
        event_of(
            change,
            HouseholdArea.model_validate(held.stored[change.referral.referral_id].area),
            cause.correlation_id,
        )
        for change, cause in zip(changes, causes, strict=True)
    ]
    await ledger.append(tx, "credit", store.STREAM, held.heads, said)

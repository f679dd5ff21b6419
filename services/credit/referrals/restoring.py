"""Referrals after credit was restored to an earlier point.

Referrals have ids of their own, so those opened after that point are lost for good: the replay of
the entitlements opens others. What the rest of the house still holds open is withdrawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.contracts.household import HouseholdArea
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger
from libs.common.vocabulary import ReferralState
from services.credit.referrals import store
from services.credit.referrals.domain import Act, Change, Price, Referral
from services.credit.referrals.saying import event_of

# A restore has raised heads past the versions of the rows; the newest version is kept under both.
_KEEP_VERSIONS = """
INSERT INTO referral_version
SELECT (newest).* FROM (
  SELECT jsonb_populate_record(old, jsonb_build_object(
           'version', head.version, 'recorded_at', $1::timestamptz)) AS newest
  FROM referral_version AS old
    JOIN referral USING (referral_id, version)
    JOIN stream_head AS head ON head.stream = 'referral' AND head.subject = referral_id
  WHERE head.version > referral.version
) AS raised
"""
_FOLLOW = """
UPDATE referral SET version = head.version FROM stream_head AS head
WHERE head.stream = 'referral' AND head.subject = referral.referral_id
  AND head.version > referral.version
"""


@dataclass(frozen=True)
class Lost:
    """A referral that only others know, as they know it."""

    referral_id: UUID
    household_id: UUID
    programme: str
    changed_on: date
    area: HouseholdArea


async def withdraw_lost(tx: Transaction, lost: Sequence[Lost], price: Price) -> None:
    """Write the lost referrals as withdrawn and say so; on the owner's role."""
    if not lost:
        return
    heads = await ledger.lock_heads(tx, store.STREAM, [entry.referral_id for entry in lost])
    changes = [Change(Act.WITHDRAWN, _withdrawn(entry, price)) for entry in lost]
    causes = [store.Cause(None, new_id()) for _ in lost]
    areas = {entry.household_id: entry.area.model_dump_json() for entry in lost}
    await store.save_changes(tx, changes, causes, areas)
    said = [
        event_of(change, entry.area, cause.correlation_id)
        for change, entry, cause in zip(changes, lost, causes, strict=True)
    ]
    await ledger.append(tx, "credit", store.STREAM, heads, said)


async def follow_heads(tx: Transaction) -> None:
    """Bring the versions of referrals to those of their heads; on the owner's role."""
    await tx.execute(_KEEP_VERSIONS, tx.recorded_at)
    await tx.execute(_FOLLOW)


def _withdrawn(lost: Lost, price: Price) -> Referral:
    return Referral(
        referral_id=lost.referral_id,
        household_id=lost.household_id,
        version=1,
        commune=lost.area.commune,
        programme=lost.programme,
        state=ReferralState.WITHDRAWN,
        is_flagged=False,
        opened_on=lost.changed_on,
        entitled_from=lost.changed_on,
        changed_on=lost.changed_on,
        until=lost.changed_on,
        terms=price(lost.programme, lost.changed_on),
    )

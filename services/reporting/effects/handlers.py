"""Events of eligibility and credit become countable effects."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from libs.common.contracts.entitlement import EntitlementData
from libs.common.contracts.envelope import Received
from libs.common.contracts.insurance import RollData
from libs.common.contracts.model import Contract
from libs.common.contracts.referral import ReferralData
from libs.common.contracts.training import OfferData
from libs.common.database import Transaction
from services.reporting.effects import store

_Right = tuple[str, date, date | None]


async def on_effect(events: Sequence[Received[Contract]], tx: Transaction) -> None:
    """Set insert: each version is kept once; which one decides follows from the set of versions."""
    effects: list[store.EffectRow] = []
    referrals: list[store.ReferralRow] = []
    for event in events:
        match event.data:
            case EntitlementData() as data:
                rights = [(held.programme, held.from_day, held.until) for held in data.entitlements]
            case RollData() as data:
                rights = [(held.group, held.from_day, held.until) for held in data.periods]
            case OfferData() as data:
                rights = [(held.group, held.from_day, held.until) for held in data.offers]
            case ReferralData() as referral:
                referrals.append(_referral_row(event, referral))
                continue
            case _:
                continue
        effects.append(_effect_row(event, data.household_id, data.area.commune, rights))
    await store.insert_effects(tx, effects)
    await store.insert_referrals(tx, referrals)


def _effect_row(
    event: Received[Contract], household_id: UUID, commune: str, rights: Sequence[_Right]
) -> store.EffectRow:
    return store.EffectRow(
        stream=event.stream,
        household_id=household_id,
        version=event.version,
        commune=commune,
        recorded_at=event.recorded_at,
        codes="{" + ",".join(f'"{code}"' for code, _, _ in rights) + "}",
        from_days=_days(from_day for _, from_day, _ in rights),
        until_days=_days(until for _, _, until in rights),
    )


def _referral_row(event: Received[Contract], data: ReferralData) -> store.ReferralRow:
    return store.ReferralRow(
        referral_id=data.referral_id,
        version=event.version,
        household_id=data.household_id,
        commune=data.area.commune,
        programme=data.programme,
        state=data.state,
        is_flagged=data.is_flagged,
        changed_on=data.changed_on,
        recorded_at=event.recorded_at,
    )


def _days(days: Iterable[date | None]) -> str:
    return "{" + ",".join("NULL" if day is None else day.isoformat() for day in days) + "}"

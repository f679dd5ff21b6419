"""Entitlements in, training offers out."""

from collections.abc import Sequence

from libs.common.contracts.entitlement import EntitlementData, SupportArea
from libs.common.contracts.envelope import Received
from libs.common.contracts.training import OFFER_CHANGED, OfferData
from libs.common.contracts.training import Offer as SaidOffer
from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.messaging.generations import is_owed
from libs.common.messaging.ledger import NewEvent
from services.eligibility.training import store
from services.eligibility.training.domain import Offer, draw_up

STREAM = "training"


async def on_entitlements(events: Sequence[Received[EntitlementData]], tx: Transaction) -> None:
    """Latest wins: an event holds all entitlements of its household, so the offers follow from it
    alone. Says `training.offer_changed.v1` for households whose offers changed, and no others."""
    heads = await ledger.lock_heads(tx, STREAM, [event.subject for event in events])
    offers = {event.subject: draw_up(_rights(event.data)) for event in events}
    changes = await store.replace_offers(
        tx,
        {event.subject: (event.data.area.commune, offers[event.subject]) for event in events},
    )
    said = [
        _offer_changed(event, offers[event.subject])
        for event in events
        if event.subject in changes or is_owed(heads[event.subject])
    ]
    await ledger.append(tx, "eligibility", STREAM, heads, said)


def _rights(data: EntitlementData) -> list[Offer]:
    return [
        Offer(
            person_id=right.subject_id,
            group=right.programme.partition(".")[2],
            from_day=right.from_day,
            until=right.until,
            benefit=right.benefit,
            document=right.document,
            is_confirmed=right.is_confirmed,
        )
        for right in data.entitlements
        if right.support is SupportArea.TRAINING
    ]


def _offer_changed(event: Received[EntitlementData], offers: Sequence[Offer]) -> NewEvent:
    return NewEvent(
        subject=event.subject,
        type=OFFER_CHANGED,
        time=event.time,
        data=OfferData.model_construct(
            household_id=event.subject,
            entitlement_version=event.version,
            area=event.data.area,
            as_of=event.data.as_of,
            offers=tuple(SaidOffer.of_trusted(offer._asdict()) for offer in offers),
        ),
        correlation_id=event.correlation_id,
        causation_id=event.event_id,
        traceparent=event.traceparent,
    )

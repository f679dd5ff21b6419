"""Entitlements in, the health-insurance roll out."""

from collections.abc import Sequence
from datetime import date
from typing import cast

from libs.common.contracts.entitlement import Entitlement, EntitlementData, SupportArea
from libs.common.contracts.envelope import Received
from libs.common.contracts.insurance import ROLL_CHANGED, RollData, RollPeriod
from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.messaging.generations import is_owed
from libs.common.messaging.ledger import NewEvent
from services.eligibility.catalogue.domain import catalogue, group_order
from services.eligibility.insurance import store
from services.eligibility.insurance.domain import Cover, Period, Precedence, draw_up

STREAM = "insurance"


async def on_entitlements(events: Sequence[Received[EntitlementData]], tx: Transaction) -> None:
    """Latest wins: an event holds all entitlements of its household, so the roll follows from it
    alone. Says `insurance.roll_changed.v1` for households whose roll changed, and no others."""
    heads = await ledger.lock_heads(tx, STREAM, [event.subject for event in events])
    orders = {day: _order(day) for day in {event.data.as_of for event in events}}
    rolls = {e.subject: draw_up(_covers(e.data), orders[e.data.as_of]) for e in events}
    changes = await store.replace_rolls(
        tx,
        {event.subject: (event.data.area.commune, rolls[event.subject]) for event in events},
    )
    said = [
        _roll_changed(event, rolls[event.subject])
        for event in events
        if event.subject in changes or is_owed(heads[event.subject])
    ]
    await ledger.append(tx, "eligibility", STREAM, heads, said)


def _order(day: date) -> Precedence:
    order = group_order(catalogue(), day)
    ranks = {group: rank for rank, group in enumerate(order.groups)}
    return Precedence(ranks, order.is_confirmed, order.not_on_roll)


def _covers(data: EntitlementData) -> list[Cover]:
    return [_cover(right) for right in data.entitlements if right.support is SupportArea.INSURANCE]


def _cover(right: Entitlement) -> Cover:
    return Cover(
        person_id=right.subject_id,
        group=right.programme.partition(".")[2],
        from_day=right.from_day,
        until=right.until,
        support_percent=cast(int, right.benefit["support_percent"]),
        benefit_percent=cast(int, right.benefit["benefit_percent"]),
        document=right.document,
        is_confirmed=right.is_confirmed,
    )


def _roll_changed(event: Received[EntitlementData], roll: Sequence[Period]) -> NewEvent:
    return NewEvent(
        subject=event.subject,
        type=ROLL_CHANGED,
        time=event.time,
        data=RollData.model_construct(
            household_id=event.subject,
            entitlement_version=event.version,
            area=event.data.area,
            as_of=event.data.as_of,
            periods=tuple(_period(period) for period in roll),
        ),
        correlation_id=event.correlation_id,
        causation_id=event.event_id,
        traceparent=event.traceparent,
    )


def _period(period: Period) -> RollPeriod:
    return RollPeriod.of_trusted(
        {**period.cover._asdict(), "order_is_confirmed": period.order_is_confirmed}
    )

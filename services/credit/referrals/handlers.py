"""What a household's entitlements do to its referrals."""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from libs.common.clock import VIETNAM
from libs.common.contracts.entitlement import EntitlementData
from libs.common.contracts.envelope import Received
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger
from libs.common.messaging.consumer import Consumer, Shape
from services.credit.needs.clocks import current_due
from services.credit.referrals import store
from services.credit.referrals.domain import (
    PROGRAMMES,
    Change,
    CreditPeriod,
    Price,
    Referral,
    Wanted,
    decide_referrals,
    wanted_programme,
)
from services.credit.referrals.saying import event_of
from services.credit.sweeps.store import hold_law_day

_CODES = {f"credit.{code}": code for code in PROGRAMMES}

Event = Received[EntitlementData]


def referrals_consumer(price: Price) -> Consumer:
    """The consumer `credit.referrals`.

    Args:
        price: the terms of a programme on a day.
    """

    async def on_entitlement_changed(events: Sequence[Event], tx: Transaction) -> None:
        """Latest wins: an event carries all entitlements, and the referrals are brought to them."""
        await follow_entitlements(events, tx, price)

    return Consumer("credit.referrals", Shape.LATEST_WINS, on_entitlement_changed)


async def follow_entitlements(events: Sequence[Event], tx: Transaction, price: Price) -> None:
    """Open, move, withdraw or flag referrals so that they are what the events ask for."""
    latest: dict[UUID, Event] = {}
    for event in sorted(events, key=lambda event: event.version):
        latest[event.subject] = event
    wanted = {subject: _wanted(event) for subject, event in latest.items()}
    law_day = await hold_law_day(tx)
    fresh = await store.keep_bases(tx, list(wanted.values()))
    heads, current = await _lock_current(tx, sorted(fresh))
    priced = lru_cache(maxsize=4096)(price)
    changes: list[Change] = []
    for household_id in sorted(fresh):
        changes += decide_referrals(
            current[household_id], wanted[household_id], law_day, priced, current_due(), new_id
        )
    if changes:
        await _record(tx, heads, changes, latest)


async def _lock_current(
    tx: Transaction, households: Sequence[UUID]
) -> tuple[dict[UUID, int], dict[UUID, list[Referral]]]:
    ids = await store.list_open_or_paid(tx, households)
    current: dict[UUID, list[Referral]] = defaultdict(list)
    if not ids:
        return {}, current
    # Read only after the lock: the bank may be paying one out at this moment.
    heads = await ledger.lock_heads(tx, store.STREAM, ids)
    for stored in (await store.read_referrals(tx, ids)).values():
        current[stored.referral.household_id].append(stored.referral)
    return heads, current


async def _record(
    tx: Transaction,
    heads: dict[UUID, int],
    changes: Sequence[Change],
    events: dict[UUID, Event],
) -> None:
    opened = [change.referral.referral_id for change in changes if change.referral.version == 1]
    if opened:
        heads |= await ledger.lock_heads(tx, store.STREAM, opened)
    causes, areas, said = [], {}, []
    for change in changes:
        event = events[change.referral.household_id]
        area = event.data.area
        areas[event.subject] = area.model_dump_json()
        causes.append(store.Cause(event.version, event.correlation_id))
        said.append(event_of(change, area, event.correlation_id, event.event_id, event.traceparent))
    await store.save_changes(tx, changes, causes, areas)
    await ledger.append(tx, "credit", store.STREAM, heads, said)


def _wanted(event: Event) -> Wanted:
    data = event.data
    periods = [
        CreditPeriod(_CODES[entry.programme], entry.from_day, entry.until)
        for entry in data.entitlements
        if entry.programme in _CODES
    ]
    programme, since = wanted_programme(periods, data.as_of)
    learned_on = event.recorded_at.astimezone(VIETNAM).date()
    return Wanted(event.subject, event.version, data.area.commune, programme, since, learned_on)

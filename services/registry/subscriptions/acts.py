"""What a subscribe or unsubscribe request does, once it is worked."""

from collections.abc import Sequence
from datetime import datetime

from libs.common.database import Transaction
from libs.common.dci.messages import SubscribeItem, SubscribeRequest, UnsubscribeRequest
from libs.common.dci.words import REGISTRY_TYPE, VERSION, Reason, RecordType, Status
from libs.common.ids import new_id
from services.registry.subscriptions import store
from services.registry.subscriptions.domain import kinds_of
from services.registry.subscriptions.filters import UnknownFilter, read_filter
from services.registry.subscriptions.store import Subscription
from services.registry.transactions.domain import (
    Item,
    Outcome,
    item,
    outcome_of,
    repeated,
    stamp,
)

MOST = 20  # of one partner: each has a place in the ledger that is looked from


async def subscribe(
    tx: Transaction, partner: str, asked: SubscribeRequest, notify_url: str
) -> Outcome:
    """Each item by itself: one may be refused while its neighbours are subscribed.

    Args:
        notify_url: where the partner is told.
    """
    await store.lock(tx, partner)
    known = await store.list_of(tx, partner)
    new: list[Subscription] = []
    again = repeated([one.reference_id for one in asked.subscribe_request])
    items = []
    for place, one in enumerate(asked.subscribe_request):
        refused = _repeated(one, tx) if place in again else _refused(one, tx, [*known, *new])
        if refused is not None:
            items.append(refused)
            continue
        made = _subscription(one, partner, notify_url, tx.recorded_at)
        new.append(made)
        items.append(_answer(one, tx, subscriptions=[as_json(made)]))
    await store.add(tx, partner, new)
    return outcome_of(items)


def _repeated(one: SubscribeItem, tx: Transaction) -> Item:
    return _answer(one, tx, Reason.REFERENCE_DUPLICATE, "reference_id stands there twice")


def _refused(one: SubscribeItem, tx: Transaction, known: Sequence[Subscription]) -> Item | None:
    criteria = one.subscribe_criteria
    if not kinds_of(criteria.reg_event_type):
        return _answer(one, tx, Reason.NOTIFY_TYPES, "reg_event_type is no event of this registry")
    if RecordType.read(criteria.notify_record_type) is not RecordType.GROUP:
        return _answer(
            one, tx, Reason.NOTIFY_DETAILS, "notify_record_type: what is told is a Group"
        )
    try:
        read_filter(criteria.filter_type, criteria.filter)
    except UnknownFilter as fault:
        # The standard's list for subscriptions has no reason of its own for filters.
        return _answer(one, tx, Reason.NOTIFY_DETAILS, f"{Reason.FILTER}: {fault}")
    twin = next((two for two in known if _means_the_same(two, one)), None)
    if twin is not None:
        return _answer(
            one,
            tx,
            Reason.ALREADY_SUBSCRIBED,
            "there is such a subscription",
            subscriptions=[as_json(twin)],
        )
    if len(known) >= MOST:
        return _answer(one, tx, Reason.NOTIFY_DETAILS, f"{MOST} subscriptions at most")
    return None


def _means_the_same(known: Subscription, one: SubscribeItem) -> bool:
    return known.criteria == _criteria(one) and known.kinds == kinds_of(
        one.subscribe_criteria.reg_event_type
    )


def _answer(
    one: SubscribeItem,
    tx: Transaction,
    reason: Reason | None = None,
    text: str | None = None,
    **more: object,
) -> Item:
    status = Status.SUCCEEDED if reason is None else Status.REJECTED
    locale = {} if one.locale is None else {"locale": one.locale}
    return item(one.reference_id, tx.recorded_at, status, reason, text, **more, **locale)


def _criteria(one: SubscribeItem) -> dict[str, object]:
    """What was asked for, as it is kept: without who vouches for it."""
    found: dict[str, object] = one.subscribe_criteria.model_dump(
        mode="json", exclude={"authorize"}, exclude_none=True
    )
    return found


def _subscription(one: SubscribeItem, partner: str, notify_url: str, now: datetime) -> Subscription:
    often = one.subscribe_criteria.frequency
    return Subscription(
        code=f"sub-{new_id()}",
        partner=partner,
        endpoint_id=new_id(),
        url=notify_url,
        kinds=kinds_of(one.subscribe_criteria.reg_event_type),
        criteria=_criteria(one),
        starts_at=often.start_time if often else None,
        ends_at=often.end_time if often else None,
        subscribed_at=now,
        unsubscribed_at=None,
    )


def as_json(one: Subscription) -> dict[str, object]:
    """A SubscriptionInfo."""
    kept = ("reg_event_type", "notify_record_type", "filter_type", "filter", "frequency")
    return {
        "version": VERSION,
        "code": one.code,
        "status": "subscribe" if one.is_active else "unsubscribe",
        "timestamp": stamp(one.unsubscribed_at or one.subscribed_at),
        "reg_type": REGISTRY_TYPE,
        **{name: one.criteria[name] for name in kept if name in one.criteria},
    }


async def unsubscribe(tx: Transaction, partner: str, asked: UnsubscribeRequest) -> Outcome:
    """All of the codes or none. A code of another partner is as unknown as one that never was."""
    await store.lock(tx, partner)
    codes = list(dict.fromkeys(asked.subscription_codes))
    known = {one.code: one for one in await store.find_all(tx, partner, codes)}
    active = [one for one in known.values() if one.is_active]
    if len(known) < len(codes) or not codes:
        reason = Reason.SUBSCRIPTION_CODE
    elif not active:
        reason = Reason.ALREADY_UNSUBSCRIBED
    else:
        await store.end(tx, active)
        return _unsubscribed(tx, codes, dict.fromkeys(codes, "unsubscribe"))
    stands = {code: "subscribe" if one.is_active else "unsubscribe" for code, one in known.items()}
    return _unsubscribed(tx, codes, stands, reason)


def _unsubscribed(
    tx: Transaction, codes: Sequence[str], stands: dict[str, str], reason: Reason | None = None
) -> Outcome:
    status = Status.SUCCEEDED if reason is None else Status.REJECTED
    whole: dict[str, object] = {"timestamp": stamp(tx.recorded_at), "status": status.value}
    if reason is not None:
        whole["status_reason_code"] = reason.value
    whole["subscription_status"] = [
        {"code": code, "status": stands[code]} for code in codes if code in stands
    ]
    items = [item(code, tx.recorded_at, status, reason) for code in codes]
    return Outcome(status, items, whole)

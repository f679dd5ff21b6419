"""What a subscribe or unsubscribe request does, once it is worked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from libs.common.database import Transaction
from libs.common.dci.fields import allowed
from libs.common.dci.messages import SubscribeItem, SubscribeRequest, UnsubscribeRequest
from libs.common.dci.partners import DciPartner
from libs.common.dci.settings import DciSettings
from libs.common.dci.words import REGISTRY_TYPE, VERSION, QueryType, Reason, RecordType, Status
from libs.common.ids import new_id
from libs.common.partners.domain import Scope
from services.registry.dci import store as found_by
from services.registry.dci.attributes import QueryRefused
from services.registry.dci.domain import Lookup
from services.registry.subscriptions import store
from services.registry.subscriptions.domain import kinds_of
from services.registry.subscriptions.filters import HOUSEHOLD_ID, PERSON_ID, read_filter
from services.registry.subscriptions.store import Subscription
from services.registry.transactions.domain import (
    Item,
    Outcome,
    item,
    outcome_of,
    repeated,
    stamp,
)
from services.registry.vault import store as vault
from services.registry.vault.domain import digest

MOST = 20  # of one partner: each has a place in the ledger that is looked from
_KEPT = ("reg_event_type", "notify_record_type", "filter_type", "filter", "frequency")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who subscribes.

    Attributes:
        areas: of its token. scope: of its registration and its token.
        notify_url: where it is told.
        day: today.
    """

    partner: DciPartner
    areas: Sequence[str]
    scope: Scope
    notify_url: str
    settings: DciSettings
    day: date


class _Refused(Exception):
    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


async def subscribe(tx: Transaction, asker: Asker, asked: SubscribeRequest) -> Outcome:
    """Each item by itself: one may be refused while its neighbours are subscribed."""
    await store.lock(tx, asker.partner.partner)
    known = await store.list_of(tx, asker.partner.partner)
    persons = await _persons(tx, asker, asked)
    again = repeated([one.reference_id for one in asked.subscribe_request])
    new: list[Subscription] = []
    items = []
    for place, one in enumerate(asked.subscribe_request):
        try:
            if place in again:
                raise _Refused(Reason.REFERENCE_DUPLICATE, "reference_id stands there twice")
            made = _subscription(tx, asker, one, persons)
            twin = next((two for two in (*known, *new) if _means_the_same(two, made)), None)
            if twin is not None:
                items.append(_twice(tx, one, twin))
                continue
            if len(known) + len(new) >= MOST:
                raise _Refused(Reason.NOTIFY_DETAILS, f"{MOST} subscriptions at most")
        except _Refused as refused:
            items.append(_item(tx, one, refused.reason, refused.text))
            continue
        new.append(made)
        items.append(_item(tx, one, subscriptions=[as_json(made)]))
    await store.add(tx, asker.partner.partner, new)
    return outcome_of(items)


def _subscription(
    tx: Transaction, asker: Asker, one: SubscribeItem, persons: Mapping[bytes, UUID]
) -> Subscription:
    """What an item asks for.

    Raises:
        _Refused: the registry does not tell that.
    """
    criteria = one.subscribe_criteria
    kinds = kinds_of(criteria.reg_event_type)
    if not kinds:
        raise _Refused(Reason.NOTIFY_TYPES, "reg_event_type is no event of this registry")
    is_group = RecordType.read(criteria.notify_record_type) is RecordType.GROUP
    if not is_group or RecordType.GROUP not in asker.partner.terms.record_types:
        raise _Refused(Reason.NOTIFY_DETAILS, "notify_record_type: a Group, where registered")
    often = criteria.frequency
    return Subscription(
        code=f"sub-{new_id()}",
        partner=asker.partner.partner,
        endpoint_id=new_id(),
        url=asker.notify_url,
        areas=asker.areas,
        kinds=kinds,
        criteria=_criteria(asker, one, persons),
        starts_at=often.start_time if often else None,
        ends_at=often.end_time if often else None,
        subscribed_at=tx.recorded_at,
        unsubscribed_at=None,
    )


def _criteria(asker: Asker, one: SubscribeItem, persons: Mapping[bytes, UUID]) -> dict[str, Any]:
    """What was asked for, as it is kept: a person by our id and not by its number."""
    kept: dict[str, Any] = one.subscribe_criteria.model_dump(
        mode="json", include=set(_KEPT), exclude_none=True
    )
    lookup = _lookup(asker, one)
    if lookup is None or lookup.type == HOUSEHOLD_ID:
        return kept
    person = _uuid(lookup.value) if lookup.type == PERSON_ID else None
    person = person or persons.get(_digest(asker, lookup))
    if person is None:
        raise _Refused(Reason.PERSON, "no such person")
    kept["filter_type"] = QueryType.IDENTIFIER.value
    kept["filter"] = {"type": PERSON_ID, "value": str(person)}
    return kept


def _lookup(asker: Asker, one: SubscribeItem) -> Lookup | None:
    criteria = one.subscribe_criteria
    fields = allowed(asker.scope.fields)
    try:
        query = read_filter(criteria.filter_type, criteria.filter, fields).query
    except QueryRefused as refused:
        # The standard's list of reasons for subscriptions has none of its own for filters.
        raise _Refused(Reason.NOTIFY_DETAILS, f"{refused.reason}: {refused.text}") from None
    return query if isinstance(query, Lookup) else None


async def _persons(tx: Transaction, asker: Asker, asked: SubscribeRequest) -> dict[bytes, UUID]:
    """Who is meant by the identifiers of a request, of those whom the asker may see."""
    digests = set()
    for one in asked.subscribe_request:
        try:
            lookup = _lookup(asker, one)
        except _Refused:
            continue
        if lookup is not None and lookup.type not in (HOUSEHOLD_ID, PERSON_ID):
            digests.add(_digest(asker, lookup))
    if not digests:
        return {}
    bearers = await vault.find(tx, list(digests))
    seen = await found_by.memberships(tx, set(bearers.values()), asker.scope.communes)
    return {hashed: person for hashed, person in bearers.items() if person in seen}


def _digest(asker: Asker, lookup: Lookup) -> bytes:
    return digest(asker.settings.identifier_key, lookup.type, lookup.value)


def _means_the_same(known: Subscription, made: Subscription) -> bool:
    return known.criteria == made.criteria and known.url == made.url


def _twice(tx: Transaction, one: SubscribeItem, twin: Subscription) -> Item:
    text, said = "there is such a subscription", [as_json(twin)]
    return _item(tx, one, Reason.ALREADY_SUBSCRIBED, text, subscriptions=said)


def _item(
    tx: Transaction,
    one: SubscribeItem,
    reason: Reason | None = None,
    text: str | None = None,
    **more: Any,
) -> Item:
    status = Status.SUCCEEDED if reason is None else Status.REJECTED
    locale = {} if one.locale is None else {"locale": one.locale}
    return item(one.reference_id, tx.recorded_at, status, reason, text, **more, **locale)


def as_json(one: Subscription) -> dict[str, Any]:
    """A SubscriptionInfo."""
    return {
        "version": VERSION,
        "code": one.code,
        "status": "subscribe" if one.is_active else "unsubscribe",
        "timestamp": stamp(one.unsubscribed_at or one.subscribed_at),
        "reg_type": REGISTRY_TYPE,
        **{name: one.criteria[name] for name in _KEPT if name in one.criteria},
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
    tx: Transaction, codes: Sequence[str], stands: Mapping[str, str], reason: Reason | None = None
) -> Outcome:
    status = Status.SUCCEEDED if reason is None else Status.REJECTED
    whole: dict[str, Any] = {"timestamp": stamp(tx.recorded_at), "status": status.value}
    if reason is not None:
        whole["status_reason_code"] = reason.value
    whole["subscription_status"] = [
        {"code": code, "status": stands[code]} for code in codes if code in stands
    ]
    items = [item(code, tx.recorded_at, status, reason) for code in codes]
    return Outcome(status, items, whole)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

"""Households in, entitlements out."""

from collections.abc import Sequence

from libs.common.contracts.envelope import Received
from libs.common.contracts.household import HouseholdData
from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.messaging.consumer import NotYet
from services.eligibility.cards.recording import move_with_households
from services.eligibility.catalogue.domain import catalogue
from services.eligibility.entitlements import store
from services.eligibility.entitlements.deciding import STREAM, Case, decide
from services.eligibility.entitlements.facts import digest_of
from services.eligibility.sweeps.store import hold_law_day

_UNKNOWN = (0, "")


async def on_household(events: Sequence[Received[HouseholdData]], tx: Transaction) -> None:
    """Latest wins: an event is the whole household, so its entitlements follow from it and from
    the day of the law. Says `entitlement.changed.v1` for households whose entitlements changed."""
    heads = await ledger.lock_heads(tx, STREAM, [event.subject for event in events])
    law_day = await hold_law_day(tx)
    if law_day is None:
        raise NotYet("law_day.unset")
    known = await store.read_versions(tx, list(heads))
    fresh = [event for event in events if event.version > known.get(event.subject, _UNKNOWN)[0]]
    outcome = await decide(
        tx,
        heads,
        [
            Case(
                household=event.data,
                version=event.version,
                correlation_id=event.correlation_id,
                causation_id=event.event_id,
                traceparent=event.traceparent,
                occurred_at=event.time,
            )
            for event in fresh
        ],
        law_day.day,
        catalogue(),
    )
    await store.keep_facts(
        tx,
        law_day.day,
        digest_of(catalogue()),
        [
            store.Decided(
                household_id=event.subject,
                next_change_on=outcome.next_changes[event.subject],
                commune=event.data.area.commune,
                household_version=event.version,
                facts=event.data.__pydantic_serializer__.to_json(event.data),
            )
            for event in fresh
        ],
    )
    now = {event.subject: event.data.area.commune for event in fresh if event.subject in known}
    moved = {one: commune for one, commune in now.items() if commune != known[one][1]}
    await move_with_households(tx, moved)

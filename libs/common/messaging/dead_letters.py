"""What the broker gave up on goes to the parking lot, where operators see it and can re-drive it.

The dead-letter queue is a safety net: a consumer parks what it cannot work. Something lies there
only after a message came back more often than the broker allows.
"""

from datetime import datetime

from libs.common.contracts.catalogue import SUBSCRIPTIONS, Subscription
from libs.common.database import Database, Transaction
from libs.common.messaging.decode import decode
from libs.common.messaging.parking import Parked, park, parked_bad, parked_event
from libs.common.messaging.transport import Delivery, Transport

DEAD_LETTERED = "DEAD_LETTERED"

_TAKEN_EFFECT = "SELECT event_id FROM inbox WHERE consumer = $1 AND event_id = ANY($2::uuid[])"


async def park_dead_letters(database: Database, transport: Transport, service: str) -> None:
    """Park every dead letter of this service's consumers; safe to interrupt and to repeat.

    Raises:
        TransportDown: the bus does not answer; what is not parked stays where it is.
    """
    for subscription in SUBSCRIPTIONS.values():
        if subscription.service == service:
            await _park_those_of(database, transport, subscription)


async def _park_those_of(
    database: Database, transport: Transport, subscription: Subscription
) -> None:
    async def keep(delivery: Delivery) -> None:
        async with database.transaction() as tx:
            await _park(tx, subscription.consumer, delivery, tx.recorded_at)

    await transport.take_dead(subscription, keep)


async def _park(tx: Transaction, consumer: str, delivery: Delivery, at: datetime) -> None:
    """Each event that has not taken effect in the meantime."""
    decoded = decode(delivery)
    ids = [event.event_id for event in decoded.events]
    done = {row["event_id"] for row in await tx.fetch(_TAKEN_EFFECT, consumer, ids)}
    entries: list[Parked] = [parked_bad(bad, delivery) for bad in decoded.bad]
    entries += [
        parked_event(event, decoded.raw(place), delivery, DEAD_LETTERED, None)
        for place, event in enumerate(decoded.events)
        if event.event_id not in done
    ]
    await park(tx, consumer, entries, at)

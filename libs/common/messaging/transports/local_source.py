"""What one consumer gets from its own database's queue, and how it settles.

A message that may kill the process is worked outside the transaction that takes it, so it is
leased: nobody else takes it meanwhile, and after a death it comes back by itself.
"""

import asyncio
import json
from collections.abc import Collection, Sequence

from libs.common.contracts.catalogue import Subscription
from libs.common.database import Database, Transaction
from libs.common.messaging.settings import ConsumeSettings
from libs.common.messaging.transport import Attributes, Delivery, Message, TransportDown
from libs.common.telemetry import names

_TAKE = """
WITH locked AS (
  SELECT message_id, events, octet_length(body) AS size, deliveries FROM local_queue
  WHERE consumer = $1 AND is_replay = $2 AND available_at <= now()
  ORDER BY message_id LIMIT $3 FOR UPDATE SKIP LOCKED
), counted AS (
  SELECT message_id, sum(events) OVER sofar - events AS events_before,
         sum(size) OVER sofar - size AS bytes_before, row_number() OVER sofar AS place,
         bool_or(deliveries >= 2) OVER sofar AS has_suspect
  FROM locked WINDOW sofar AS (ORDER BY message_id)
)
SELECT message_id, type, body, attempt, deliveries, headers
FROM counted JOIN local_queue USING (message_id)
WHERE place = 1 OR (events_before < $4 AND bytes_before < $5 AND NOT has_suspect)
ORDER BY message_id
"""
_SETTLE = "DELETE FROM local_queue WHERE message_id = ANY($1::bigint[])"
_RETRY = """
INSERT INTO local_queue (consumer, type, events, body, attempt, headers, available_at)
SELECT $1, type, events, body, attempt, headers::jsonb, now() + delay * interval '1 second'
FROM unnest($2::text[], $3::int[], $4::bytea[], $5::int[], $6::text[], $7::float8[])
  AS new(type, events, body, attempt, headers, delay)
"""
# A restart is a return: whatever a process that died had in work is among the first rows.
_RETURN = """
UPDATE local_queue SET deliveries = deliveries + 1 WHERE message_id IN (
  SELECT message_id FROM local_queue
  WHERE consumer = $1 AND (available_at <= now() OR deliveries >= 2)
  ORDER BY message_id LIMIT 64 FOR UPDATE SKIP LOCKED)
"""
_LEASE = """
UPDATE local_queue SET available_at = now() + $2 * interval '1 second'
WHERE message_id = ANY($1::bigint[])
"""
_SUSPECT = 2  # returns, from which on a message is worked alone
_FIRST_LOOK, _LONGEST_LOOK = 16, 1000


def about(*destination: str) -> Attributes:
    """What telemetry says of a place on this bus."""
    return {names.SYSTEM: "local", names.DESTINATION: ":".join(destination)}


class Start:
    """A process's start at one consumer: noted once, however many lanes it has, and before any of
    them takes what it left in work.
    """

    def __init__(self) -> None:
        self.is_noted = False
        self._lock = asyncio.Lock()

    async def note(self, database: Database, consumer: str) -> None:
        async with self._lock:
            if not self.is_noted:
                async with database.transaction() as tx:
                    await tx.execute(_RETURN, consumer)
                self.is_noted = True


class LocalSource:
    """One consumer's deliveries; both lanes are rows of one table."""

    def __init__(
        self,
        subscription: Subscription,
        database: Database,
        settings: ConsumeSettings,
        wake: asyncio.Event,
        start: Start,
    ) -> None:
        self._consumer = subscription.consumer
        self._database = database
        self._settings = settings
        self.wake = wake
        self._look = {False: _FIRST_LOOK, True: _FIRST_LOOK}
        self._leased: list[int] = []
        self._start = start

    def about(self, types: Collection[str]) -> Attributes:
        return about("peers", *(types if len(types) == 1 else ()), self._consumer)

    def ready(self, *, replay: bool) -> bool:
        if not self._start.is_noted:
            raise TransportDown("the database did not take the start")
        return True

    async def take(self, tx: Transaction, *, replay: bool) -> list[Delivery]:
        events = self._settings.replay_events if replay else self._settings.batch_events
        look = self._look[replay]
        rows = await tx.fetch(
            _TAKE, self._consumer, replay, look, events, self._settings.batch_bytes
        )
        # Lock about as many rows as a batch holds: others may work the rest meanwhile.
        grown = look * 4 if len(rows) == look else len(rows) + 2
        self._look[replay] = max(_FIRST_LOOK, min(grown, _LONGEST_LOOK))
        suspects = [row["message_id"] for row in rows if row["deliveries"] >= _SUSPECT]
        if suspects:
            self._leased = suspects
            await tx.execute(_LEASE, suspects, self._settings.lease_seconds)
        return [
            Delivery(
                row["type"],
                row["body"],
                row["attempt"],
                row["deliveries"],
                row["headers"],
                row["message_id"],
            )
            for row in rows
        ]

    async def settle_in(self, tx: Transaction, deliveries: Sequence[Delivery]) -> None:
        await tx.execute(_SETTLE, [delivery.tag for delivery in deliveries])
        self._leased = []

    async def settle_after(self, deliveries: Sequence[Delivery]) -> None:
        """The transaction of the effects has settled them."""

    async def retry(self, messages: Sequence[Message]) -> None:
        delays = [self._settings.rungs_seconds[message.attempt - 1] for message in messages]
        async with self._database.transaction() as tx:
            await tx.execute(
                _RETRY,
                self._consumer,
                [message.type for message in messages],
                [message.events for message in messages],
                [message.body for message in messages],
                [message.attempt for message in messages],
                [json.dumps(message.headers) for message in messages],
                delays,
            )
        for delay in set(delays):
            asyncio.get_running_loop().call_later(delay, self.wake.set)

    async def pause(self) -> None:
        """Nothing is held between batches but a lease, which ends by itself."""

    async def resume(self) -> None:
        """Note the start; give back what was leased and could not be finished."""
        await self._start.note(self._database, self._consumer)
        leased, self._leased = self._leased, []
        if leased:
            async with self._database.transaction() as tx:
                await tx.execute(_LEASE, leased, 0.0)

    async def has_consumer(self) -> bool:
        return True

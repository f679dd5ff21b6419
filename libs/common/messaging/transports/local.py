"""The embedded default: a queue table in each subscribed consumer's database.

The relay inserts messages there before it deletes its outbox rows, as after a confirm. A consumer
takes due rows with SKIP LOCKED inside the transaction of its effects and deletes them there: that
is its ack. NOTIFY wakes it, so a lone event waits for nobody.

A lane is bounded: a consumer that stands still is left out and later served from the ledger
(`libs.common.messaging.backlog`), so that the queue does not become a second ledger.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg

from libs.common.contracts.catalogue import SUBSCRIPTIONS, Subscription, subscribers
from libs.common.database import Database, Transaction
from libs.common.messaging.pace import Bell
from libs.common.messaging.settings import ConsumeSettings, LocalSettings
from libs.common.messaging.transport import (
    NO_ROUTE,
    Attributes,
    Delivery,
    Depth,
    Message,
    TransportDown,
)
from libs.common.messaging.wishes import insert_wish
from libs.common.telemetry import names

Result = TypeVar("Result")
CHANNEL = "local_queue"

_SEND = """
WITH sent AS (
  INSERT INTO local_queue (consumer, is_replay, type, events, body, headers)
  SELECT wanted.consumer, $7, type, events, body, headers::jsonb
  FROM unnest($1::text[], $2::int[], $3::bytea[], $4::text[]) AS new(type, events, body, headers)
    JOIN unnest($5::text[], $6::text[]) AS wanted(type, consumer) USING (type)
  RETURNING consumer
)
SELECT pg_notify('local_queue', consumer) FROM (SELECT DISTINCT consumer FROM sent) AS woken
"""
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
# Stops counting at the bound. Retries do not count: those that wait for their rung must not keep
# out what could be worked.
_FULL = """
SELECT consumer FROM unnest($1::text[]) AS wanted(consumer) WHERE EXISTS (
  SELECT FROM local_queue AS queue WHERE queue.consumer = wanted.consumer AND is_replay = $2
    AND attempt = 0 OFFSET $3)
"""
_SETTLE = "DELETE FROM local_queue WHERE message_id = ANY($1::bigint[])"
_RETRY = """
INSERT INTO local_queue (consumer, type, events, body, attempt, headers, available_at)
SELECT $1, type, events, body, attempt, headers::jsonb, now() + delay * interval '1 second'
FROM unnest($2::text[], $3::int[], $4::bytea[], $5::int[], $6::text[], $7::float8[])
  AS new(type, events, body, attempt, headers, delay)
"""
_WAITING = """
SELECT count(*) FROM local_queue WHERE consumer = $1 AND NOT is_replay AND available_at <= now()
"""
# A restart is a return: whatever a process that died had in work is among the first rows.
_RETURN = """
UPDATE local_queue SET deliveries = deliveries + 1 WHERE message_id IN (
  SELECT message_id FROM local_queue WHERE consumer = $1 AND available_at <= now()
  ORDER BY message_id LIMIT 64 FOR UPDATE SKIP LOCKED)
"""
_GONE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
_FIRST_LOOK, _LONGEST_LOOK = 16, 1000


class LocalTransport:
    """Queues in the consumers' databases; make it with `connect`."""

    name = "local"

    def __init__(
        self,
        peers: Mapping[str, str],
        subscriptions: Sequence[Subscription],
        settings: LocalSettings,
    ) -> None:
        self._settings = settings
        self._peers = {
            service: _Peer(dsn, settings.answer_seconds) for service, dsn in peers.items()
        }
        self._subscriptions = [entry for entry in subscriptions if entry.service in peers]
        self._bells: dict[str, Bell] = {}

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator[_LocalPublisher]:
        yield _LocalPublisher(self._peers, self._subscriptions)

    @asynccontextmanager
    async def source(
        self, subscription: Subscription, database: Database, settings: ConsumeSettings
    ) -> AsyncIterator[_LocalSource]:
        bell = self._bells.get(database.dsn)
        if bell is None:
            bell = self._bells[database.dsn] = Bell(database.dsn, CHANNEL)
            await bell.__aenter__()
        async with database.transaction() as tx:
            await tx.execute(_RETURN, subscription.consumer)
        yield _LocalSource(subscription, database, settings, bell.event(subscription.consumer))

    async def full(self, consumers: Collection[str], *, replay: bool = False) -> set[str]:
        asked: dict[str, list[str]] = defaultdict(list)
        for entry in self._subscriptions:
            if entry.consumer in consumers:
                asked[entry.service].append(entry.consumer)
        most = self._settings.lane_messages
        answers = [self._peers[name].full(some, replay, most) for name, some in asked.items()]
        return {one for answer in await _all(answers) for one in answer}

    async def send_live(self, subscription: Subscription, messages: Sequence[Message]) -> None:
        await self._send(subscription, messages, is_replay=False)

    async def send_replay(self, subscription: Subscription, messages: Sequence[Message]) -> None:
        await self._send(subscription, messages, is_replay=True)

    async def _send(
        self, subscription: Subscription, messages: Sequence[Message], *, is_replay: bool
    ) -> None:
        pairs = [(kind, subscription.consumer) for kind in {entry.type for entry in messages}]
        await self._peers[subscription.service].send(messages, pairs, is_replay=is_replay)

    async def pass_on(self, service: str, wish: bytes) -> None:
        await self._peers[service].wish(wish)

    async def take_wishes(self, service: str, keep: Callable[[bytes], Awaitable[None]]) -> None:
        """Nothing to take: `pass_on` writes them where they are needed."""

    async def take_dead(
        self, subscription: Subscription, keep: Callable[[Delivery], Awaitable[None]]
    ) -> None:
        """Nothing to take: a row stays until its consumer has settled it."""

    async def depths(self, subscriptions: Sequence[Subscription]) -> Mapping[str, Depth]:
        """Nothing is dead-lettered here: a process that dies leaves its rows where they are."""
        return {
            entry.consumer: Depth(await self._peers[entry.service].waiting(entry.consumer), 0)
            for entry in subscriptions
        }

    async def close(self) -> None:
        for bell in self._bells.values():
            await bell.__aexit__(None, None, None)
        self._bells.clear()
        for peer in self._peers.values():
            await peer.close()


def connect(
    peers: Mapping[str, str],
    subscriptions: Sequence[Subscription] | None = None,
    settings: LocalSettings | None = None,
) -> LocalTransport:
    """The local transport.

    Args:
        peers: DSN of each service's database, under its worker role. Subscriptions of services
            that are not named do not exist here.
        subscriptions: those of the contract where not named.
        settings: the bounds of its queues.
    """
    chosen = list(SUBSCRIPTIONS.values()) if subscriptions is None else subscriptions
    return LocalTransport(peers, chosen, settings or LocalSettings())


async def _all(asked: Sequence[Awaitable[Result]]) -> list[Result]:
    """All side by side to their end, then the first failure, if there was one."""
    results = await asyncio.gather(*asked, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results  # type: ignore[return-value]  # no failure among them


class _Peer:
    """A connection of our own to a consumer's database, made when needed."""

    def __init__(self, dsn: str, answer_seconds: float) -> None:
        self._dsn = dsn
        self._answer_seconds = answer_seconds
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._lock = asyncio.Lock()

    async def send(
        self, messages: Sequence[Message], pairs: Sequence[tuple[str, str]], *, is_replay: bool
    ) -> None:
        await self._execute(
            _SEND,
            [message.type for message in messages],
            [message.events for message in messages],
            [message.body for message in messages],
            [json.dumps(message.headers) for message in messages],
            [kind for kind, _ in pairs],
            [consumer for _, consumer in pairs],
            is_replay,
        )

    async def waiting(self, consumer: str) -> int:
        [row] = await self._execute(_WAITING, consumer)
        return int(row[0])

    async def full(self, consumers: Sequence[str], replay: bool, most: int) -> list[str]:
        rows = await self._execute(_FULL, consumers, replay, most)
        return [row["consumer"] for row in rows]

    async def wish(self, wish: bytes) -> None:
        async with self._connected() as connection:
            await insert_wish(connection, wish)

    async def _execute(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        async with self._connected() as connection:
            return await connection.fetch(sql, *arguments)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        """The connection, for one at a time; one that failed is left.

        Raises:
            TransportDown: the peer's database does not answer.
        """
        async with self._lock:
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await asyncpg.connect(
                        self._dsn,
                        timeout=self._answer_seconds,
                        command_timeout=self._answer_seconds,
                        server_settings={"application_name": "ansinh-local", "jit": "off"},
                    )
                yield self._connection
            except _GONE as error:
                self.leave()
                raise TransportDown("the peer's database does not answer") from error

    def leave(self) -> None:
        """Give the connection up as it is; the next use makes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def close(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError):
                await self._connection.close(timeout=2)


def _about(*destination: str) -> Attributes:
    return {names.SYSTEM: "local", names.DESTINATION: ":".join(destination)}


class _LocalPublisher:
    def __init__(self, peers: Mapping[str, _Peer], subscriptions: Sequence[Subscription]) -> None:
        self._peers = peers
        self._subscriptions = subscriptions

    def about(self, types: Collection[str]) -> Attributes:
        return _about("peers", *(types if len(types) == 1 else ()))

    async def publish(
        self, messages: Sequence[Message], leave_out: Collection[str] = ()
    ) -> list[str | None]:
        kinds = {message.type for message in messages}
        pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for entry in self._subscriptions:
            pairs[entry.service] += [(kind, entry.consumer) for kind in kinds if entry.reads(kind)]
        # Per peer only what it listens to, so that no body travels for nothing.
        sends = []
        for service, wanted in pairs.items():
            taken = [(kind, consumer) for kind, consumer in wanted if consumer not in leave_out]
            read = {kind for kind, _ in taken}
            mine = [message for message in messages if message.type in read]
            if mine:
                sends.append(self._peers[service].send(mine, taken, is_replay=False))
        await _all(sends)
        routed = {kind for wanted in pairs.values() for kind, _ in wanted}
        lost = {kind for kind in kinds - routed if subscribers(kind)}
        return [NO_ROUTE if message.type in lost else None for message in messages]

    async def reset(self) -> None:
        for peer in self._peers.values():
            peer.leave()


class _LocalSource:
    def __init__(
        self,
        subscription: Subscription,
        database: Database,
        settings: ConsumeSettings,
        wake: asyncio.Event,
    ) -> None:
        self._consumer = subscription.consumer
        self._database = database
        self._settings = settings
        self.wake = wake
        self._look = {False: _FIRST_LOOK, True: _FIRST_LOOK}

    def about(self, types: Collection[str]) -> Attributes:
        return _about("peers", *(types if len(types) == 1 else ()), self._consumer)

    def ready(self, *, replay: bool) -> bool:
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
        """Nothing is held between batches."""

    async def resume(self) -> None:
        """Nothing is held between batches."""

    async def has_consumer(self) -> bool:
        return True

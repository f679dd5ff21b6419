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
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from libs.common.contracts.catalogue import SUBSCRIPTIONS, Subscription, subscribers
from libs.common.database import Database
from libs.common.messaging.failures import is_infrastructure
from libs.common.messaging.pace import Bell
from libs.common.messaging.settings import ConsumeSettings, LocalSettings
from libs.common.messaging.transport import (
    NO_ROUTE,
    Attributes,
    Delivery,
    Depth,
    Message,
)
from libs.common.messaging.transports.local_peer import GONE, Peer
from libs.common.messaging.transports.local_source import LocalSource, Start, about

Result = TypeVar("Result")
CHANNEL = "local_queue"


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
            service: Peer(dsn, settings.answer_seconds) for service, dsn in peers.items()
        }
        self._subscriptions = [entry for entry in subscriptions if entry.service in peers]
        self._bells: dict[str, Bell] = {}
        self._starts: dict[str, Start] = {}

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator[_LocalPublisher]:
        yield _LocalPublisher(self._peers, self._subscriptions)

    @asynccontextmanager
    async def source(
        self, subscription: Subscription, database: Database, settings: ConsumeSettings
    ) -> AsyncIterator[LocalSource]:
        bell = self._bells.get(database.dsn)
        if bell is None:
            bell = self._bells[database.dsn] = Bell(database.dsn, CHANNEL)
            await bell.__aenter__()
        start = self._starts.setdefault(subscription.consumer, Start())
        wake = bell.event(subscription.consumer)
        source = LocalSource(subscription, database, settings, wake, start)
        try:
            await source.resume()
        except Exception as error:
            if not is_infrastructure(error):
                raise
        yield source
        with contextlib.suppress(*GONE):  # then it goes to others when the lease ends
            await source.resume()

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


class _LocalPublisher:
    def __init__(self, peers: Mapping[str, Peer], subscriptions: Sequence[Subscription]) -> None:
        self._peers = peers
        self._subscriptions = subscriptions

    def about(self, types: Collection[str]) -> Attributes:
        return about("peers", *(types if len(types) == 1 else ()))

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

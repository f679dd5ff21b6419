"""What the bus asks of a transport. Two keep it: `transports.rabbitmq` and `transports.local`.

Delivery is at least once; nothing here promises more. A message is a batch of events of one type.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from libs.common.contracts.catalogue import Subscription
from libs.common.database import Database, Transaction
from libs.common.messaging.settings import ConsumeSettings

Attributes = Mapping[str, str | int]
NO_ROUTE = "NO_ROUTE"
TOO_LARGE = "TOO_LARGE"


class TransportDown(Exception):
    """The broker (or the peer's database) does not answer: nothing is known about what was sent."""


class ConsumerLost(Exception):
    """The queue has had no consumer for too long although we believe we are one."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a CloudEvents batch.

    Attributes:
        type: of every event in it.
        body: a JSON array of whole events.
        events: how many.
        attempt: rungs already used.
        headers: our own, e.g. `replay_id`.
    """

    type: str
    body: bytes
    events: int
    attempt: int = 0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is received.

    Attributes:
        type: as the sender named it; None where it did not.
        deliveries: how often it has come back unsettled before.
        tag: the transport's own handle.
    """

    type: str | None
    body: bytes
    attempt: int
    deliveries: int
    headers: dict[str, Any]
    tag: Any


@dataclass(frozen=True, slots=True)
class Depth:
    """Messages of one consumer: in its queue, not yet delivered; in its dead-letter queue."""

    waiting: int
    dead: int


class Publisher(Protocol):
    """One channel to the bus."""

    def about(self, types: Collection[str]) -> Attributes:
        """What telemetry says of a batch of these types: system, destination, server."""
        ...

    async def publish(
        self, messages: Sequence[Message], leave_out: Collection[str] = ()
    ) -> list[str | None]:
        """Send all, pipelined, in order.

        Args:
            messages: to whoever listens to their types.
            leave_out: consumers that get nothing, because `Transport.full` named them.

        Returns:
            Per message None once the bus has it for good, else why it cannot take it.

        Raises:
            TransportDown: nothing is known; send the same again later.
        """
        ...

    async def reset(self) -> None:
        """Leave the channel (after a timeout); the next publish opens a new one."""
        ...


class Source(Protocol):
    """One consumer's deliveries: the live lane and the replay lane."""

    def about(self, types: Collection[str]) -> Attributes:
        """What telemetry says of a batch of these types: system, destination, server."""
        ...

    @property
    def wake(self) -> asyncio.Event:
        """Rings when something may be there (or the channel is gone)."""
        ...

    def ready(self, *, replay: bool) -> bool:
        """Whether it is worth while to take.

        Raises:
            TransportDown: the channel is gone; pause, then resume.
        """
        ...

    async def take(self, tx: Transaction, *, replay: bool) -> list[Delivery]:
        """What has arrived, up to a micro-batch; a message that came back often comes alone."""
        ...

    async def settle_in(self, tx: Transaction, deliveries: Sequence[Delivery]) -> None:
        """Settle within the transaction of the effects, where the transport can."""
        ...

    async def settle_after(self, deliveries: Sequence[Delivery]) -> None:
        """Settle after the commit, where the transport cannot do it within."""
        ...

    async def retry(self, messages: Sequence[Message]) -> None:
        """Put each on the rung that its `attempt` names (1 is the first), confirmed."""
        ...

    async def pause(self) -> None:
        """Stop receiving; what is unsettled comes again."""
        ...

    async def resume(self) -> None:
        """Receive again."""
        ...

    async def has_consumer(self) -> bool:
        """Whether the queue has a consumer, asked over a connection of its own.

        Yes, unasked, while the source knows that it has lost its own and is to resume.
        """
        ...


class Transport(Protocol):
    """A way from outboxes to consumers."""

    @property
    def name(self) -> str:
        """`rabbitmq` or `local`; the telemetry's messaging system."""
        ...

    def publisher(self) -> AbstractAsyncContextManager[Publisher]: ...

    def source(
        self, subscription: Subscription, database: Database, settings: ConsumeSettings
    ) -> AbstractAsyncContextManager[Source]: ...

    async def full(self, consumers: Collection[str], *, replay: bool = False) -> set[str]:
        """Those of the consumers whose lane has no room for more. A live lane on a bus that pushes
        back by itself always has.

        Raises:
            TransportDown: nothing is known.
        """
        ...

    async def send_live(self, subscription: Subscription, messages: Sequence[Message]) -> None:
        """Straight to one consumer's live lane: what it had no room for before.

        Raises:
            TransportDown: nothing is known; send again.
        """
        ...

    async def send_replay(self, subscription: Subscription, messages: Sequence[Message]) -> None:
        """Straight to one consumer's replay lane.

        Raises:
            TransportDown: nothing is known; send again.
        """
        ...

    async def pass_on(self, service: str, wish: bytes) -> None:
        """Hand a replay wish (JSON) to the service whose ledger it needs."""
        ...

    async def take_wishes(self, service: str, keep: Callable[[bytes], Awaitable[None]]) -> None:
        """Keep the wishes for replays of this service's ledger that others have passed on."""
        ...

    async def take_dead(
        self, subscription: Subscription, keep: Callable[[Delivery], Awaitable[None]]
    ) -> None:
        """Keep what the bus itself has given up on for this consumer, message by message."""
        ...

    async def depths(self, subscriptions: Sequence[Subscription]) -> Mapping[str, Depth]:
        """What stands in the consumers' queues; a consumer without queues is left out.

        Raises:
            TransportDown: the bus does not answer.
        """
        ...

    async def close(self) -> None: ...

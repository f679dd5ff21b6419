"""RabbitMQ: one topic exchange, quorum queues, confirms.

Connections are plain, not "robust": a broken channel is closed once and opened anew by the loop
that uses it, which is one road for a lost broker, a lost database and a cancelled consumer, and
leaves nothing to a client's silent recovery.
"""

from __future__ import annotations  # aio-pika's classes are generic for the type checker only

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import aio_pika
from aio_pika.abc import (
    AbstractChannel,
    AbstractConnection,
    AbstractExchange,
    AbstractIncomingMessage,
)
from aio_pika.exceptions import (
    AMQPError,
    ChannelInvalidStateError,
    ChannelNotFoundEntity,
    PublishError,
)
from pamqp.commands import Basic

from libs.common.contracts.catalogue import Subscription, subscribers
from libs.common.contracts.envelope import BATCH_CONTENT_TYPE
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.messaging import topology
from libs.common.messaging.settings import ConsumeSettings
from libs.common.messaging.transport import (
    NO_ROUTE,
    Attributes,
    Delivery,
    Message,
    TransportDown,
)
from libs.common.telemetry import names

log = logging.getLogger(__name__)

_BROKEN = (AMQPError, OSError, TimeoutError, RuntimeError)
_CONNECT_SECONDS = 10.0


class RabbitTransport:
    """A broker; make it with `connect`."""

    name = "rabbitmq"

    def __init__(self, url: str, prefix: str) -> None:
        self.url = url
        self.prefix = prefix
        self._connection: AbstractConnection | None = None
        self._lock = asyncio.Lock()
        self._direct = _Publisher(self, "")

    async def channel(self, *, confirms: bool) -> AbstractChannel:
        """A new channel of the process's connection, which is made again where it is lost.

        Raises:
            TransportDown: the broker does not answer.
        """
        try:
            async with self._lock:
                # Not `is_closed`: on a plain connection that tells of our own close alone.
                if self._connection is None or not self._connection.connected.is_set():
                    self._connection = await aio_pika.connect(self.url, timeout=_CONNECT_SECONDS)
            async with asyncio.timeout(_CONNECT_SECONDS):
                return await self._connection.channel(
                    publisher_confirms=confirms, on_return_raises=confirms
                )
        except _BROKEN as error:
            raise TransportDown("the broker does not answer") from error

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator[_Publisher]:
        publisher = _Publisher(self, self.prefix + topology.EXCHANGE)
        try:
            yield publisher
        finally:
            await publisher.reset()

    @asynccontextmanager
    async def source(
        self, subscription: Subscription, database: Database, settings: ConsumeSettings
    ) -> AsyncIterator[_Source]:
        source = _Source(self, subscription, settings)
        with contextlib.suppress(TransportDown):  # the consumer's loop tries again
            await source.resume()
        try:
            yield source
        finally:
            await source.pause()

    async def send_direct(self, queue: str, messages: Sequence[Message]) -> None:
        """Straight to a queue, confirmed.

        Raises:
            TransportDown: not all of them are known to be there (also when the queue is missing).
        """
        results = await self._direct.publish(messages, queue=queue)
        if any(results):
            raise TransportDown(f"queue {queue} does not take messages")

    async def full(self, consumers: Collection[str], *, replay: bool = False) -> set[str]:
        """None: queues wait on the broker's disk, and its alarms push back on all publishers."""
        return set()

    async def send_live(self, subscription: Subscription, messages: Sequence[Message]) -> None:
        await self.send_direct(f"{self.prefix}{subscription.queue}", messages)

    async def send_replay(self, subscription: Subscription, messages: Sequence[Message]) -> None:
        await self.send_direct(f"{self.prefix}{subscription.queue}.replay", messages)

    async def pass_on(self, service: str, wish: bytes) -> None:
        await self.send_direct(
            topology.wish_queue(self.prefix, service), [Message("replay.wish", wish, 1)]
        )

    async def take_wishes(self, service: str, keep: Callable[[bytes], Awaitable[None]]) -> None:
        channel = await self.channel(confirms=False)
        try:
            queue = await channel.get_queue(topology.wish_queue(self.prefix, service), ensure=False)
            while message := await queue.get(fail=False):
                await keep(message.body)
                await message.ack()
        except _BROKEN as error:
            raise TransportDown("the broker does not answer") from error
        finally:
            await _close(channel)

    async def close(self) -> None:
        await self._direct.reset()
        if self._connection is not None:
            with contextlib.suppress(*_BROKEN):
                await self._connection.close()


def connect(url: str, prefix: str = "") -> RabbitTransport:
    """The RabbitMQ transport.

    Args:
        url: `amqp://user:password@host:5672/vhost?heartbeat=15`.
        prefix: before the names of exchange and queues, so that runs can share a broker.
    """
    return RabbitTransport(url, prefix)


async def answers(url: str) -> bool:
    """Whether the broker lets us in; over a connection of its own."""
    try:
        async with await aio_pika.connect(url, timeout=_CONNECT_SECONDS):
            return True
    except _BROKEN:
        return False


class _Publisher:
    """One channel with confirms. The channel's lock is first come first served, so a gather keeps
    the wire's order and still waits for all confirms at once.
    """

    def __init__(self, transport: RabbitTransport, exchange: str) -> None:
        self._transport = transport
        self._exchange_name = exchange
        self._channel: AbstractChannel | None = None
        self._exchange: AbstractExchange | None = None

    def about(self, types: Collection[str]) -> Attributes:
        return _about(self._transport.url, types, self._exchange_name)

    async def publish(
        self, messages: Sequence[Message], leave_out: Collection[str] = (), queue: str = ""
    ) -> list[str | None]:
        exchange = await self._open()
        sends = [
            exchange.publish(
                _to_amqp(message),
                routing_key=queue or message.type,
                mandatory=bool(queue or subscribers(message.type)),
            )
            for message in messages
        ]
        results = await asyncio.gather(*sends, return_exceptions=True)
        outcomes: list[str | None] = []
        for result in results:
            # Only the broker's own ack counts: on a default channel a return is a result too.
            if isinstance(result, Basic.Ack):
                outcomes.append(None)
            elif isinstance(result, PublishError):
                outcomes.append(NO_ROUTE)
            else:
                await self.reset()
                raise TransportDown("not confirmed")
        return outcomes

    async def reset(self) -> None:
        channel, self._channel, self._exchange = self._channel, None, None
        if channel is not None:
            await _close(channel)

    async def _open(self) -> AbstractExchange:
        if self._exchange is None or self._channel is None or self._channel.is_closed:
            self._channel = await self._transport.channel(confirms=True)
            if self._exchange_name:
                self._exchange = await self._channel.get_exchange(self._exchange_name, ensure=False)
            else:
                self._exchange = self._channel.default_exchange
        return self._exchange


def _about(url: str, types: Collection[str], exchange: str, *queue: str) -> Attributes:
    """`exchange:routing_key[:queue]`; several types have no one routing key."""
    server = urlsplit(url)
    found: dict[str, str | int] = {
        names.SYSTEM: "rabbitmq",
        names.DESTINATION: ":".join((exchange, *(types if len(types) == 1 else ()), *queue)),
        names.SERVER_ADDRESS: server.hostname or "localhost",
        names.SERVER_PORT: server.port or 5672,
    }
    if len(types) == 1:
        [found[names.ROUTING_KEY]] = types
    return found


def _to_amqp(message: Message) -> aio_pika.Message:
    return aio_pika.Message(
        message.body,
        content_type=BATCH_CONTENT_TYPE,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=str(new_id()),  # new for each attempt, or confirms of two attempts mix
        type=message.type,
        headers={**message.headers, "attempt": message.attempt, "events": message.events},
    )


class _Lane:
    """What one queue has delivered and nobody has taken yet."""

    def __init__(self) -> None:
        self.channel: AbstractChannel | None = None
        self.arrived: deque[AbstractIncomingMessage] = deque()


class _Source:
    def __init__(
        self, transport: RabbitTransport, subscription: Subscription, settings: ConsumeSettings
    ) -> None:
        self._transport = transport
        self._subscription = subscription
        self._settings = settings
        self._queue = transport.prefix + subscription.queue
        self._lanes = {False: _Lane(), True: _Lane()}
        self._is_open = False
        self.wake = asyncio.Event()

    def about(self, types: Collection[str]) -> Attributes:
        exchange = self._transport.prefix + topology.EXCHANGE
        return _about(self._transport.url, types, exchange, self._queue)

    def ready(self, *, replay: bool) -> bool:
        if not self._is_open:
            raise TransportDown("the channel is gone")
        return bool(self._lanes[replay].arrived)

    async def take(self, tx: Transaction, *, replay: bool) -> list[Delivery]:
        most = self._settings.replay_events if replay else self._settings.batch_events
        arrived = self._lanes[replay].arrived
        taken: list[Delivery] = []
        events = size = 0
        while arrived and events < most and size < self._settings.batch_bytes:
            delivery = _to_delivery(arrived[0])
            if taken and delivery.deliveries >= 2:
                break
            arrived.popleft()
            taken.append(delivery)
            events += int(delivery.headers.get("events", 1))
            size += len(delivery.body)
            if delivery.deliveries >= 2:
                break
        return taken

    async def settle_in(self, tx: Transaction, deliveries: Sequence[Delivery]) -> None:
        """Nothing: the broker hears of it after the commit."""

    async def settle_after(self, deliveries: Sequence[Delivery]) -> None:
        try:
            await deliveries[-1].tag.ack(multiple=True)
        except (ChannelInvalidStateError, *_BROKEN):
            log.debug("ack after the channel was gone: the redeliveries are duplicates")

    async def retry(self, messages: Sequence[Message]) -> None:
        by_rung: dict[int, list[Message]] = {}
        for message in messages:
            by_rung.setdefault(message.attempt, []).append(message)
        for attempt, same in by_rung.items():
            seconds = self._settings.rungs_seconds[attempt - 1]
            await self._transport.send_direct(topology.rung_queue(self._queue, seconds), same)

    async def pause(self) -> None:
        """Close the channels: one delivery of what was prefetched is counted, once."""
        self._is_open = False
        for lane in self._lanes.values():
            lane.arrived.clear()
            channel, lane.channel = lane.channel, None
            if channel is not None:
                await _close(channel)

    async def resume(self) -> None:
        try:
            live = await self._open(self._lanes[False], self._settings.prefetch)
            queues = await topology.declare_consumer(
                live, self._transport.prefix, self._subscription, self._settings.rungs_seconds
            )
            replay = await self._open(self._lanes[True], self._settings.replay_prefetch)
            queue_again = await replay.declare_queue(
                queues[1].name, durable=True, arguments=queues[1].arguments
            )
            self._is_open = True
            await queues[0].consume(self._receiver(self._lanes[False]))
            await queue_again.consume(self._receiver(self._lanes[True]))
        except _BROKEN as error:
            await self.pause()
            raise TransportDown("the broker does not answer") from error

    async def _open(self, lane: _Lane, prefetch: int) -> AbstractChannel:
        channel = await self._transport.channel(confirms=False)
        lane.channel = channel
        channel.close_callbacks.add(self._lost)
        underlay = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(self._cancelled)
        await channel.set_qos(prefetch_count=prefetch)
        return channel

    def _receiver(self, lane: _Lane) -> Any:
        channel = lane.channel

        async def receive(message: AbstractIncomingMessage) -> None:
            if lane.channel is channel:
                lane.arrived.append(message)
                self.wake.set()

        return receive

    def _lost(self, channel: Any, error: BaseException | None) -> None:
        if any(lane.channel is channel for lane in self._lanes.values()):
            self._is_open = False
            self.wake.set()

    def _cancelled(self, frame: Basic.Cancel) -> None:
        self._is_open = False
        self.wake.set()

    async def has_consumer(self) -> bool:
        """Over a connection of its own: a channel's own look would be a cached one."""
        if not self._is_open:
            return True  # we know that we have none, and the loop is at it
        try:
            connection = await aio_pika.connect(self._transport.url, timeout=_CONNECT_SECONDS)
            async with connection, connection.channel() as channel:
                queue = await channel.declare_queue(self._queue, passive=True)
                return bool(queue.declaration_result.consumer_count)
        except ChannelNotFoundEntity:
            return False
        except _BROKEN as error:
            raise TransportDown("the broker does not answer") from error


def _to_delivery(message: AbstractIncomingMessage) -> Delivery:
    headers: dict[str, Any] = dict(message.headers)
    returned = headers.get("x-delivery-count", 0)
    attempt = headers.get("attempt", 0)
    ours = {key: value for key, value in headers.items() if not key.startswith("x-")}
    ours.pop("attempt", None)
    return Delivery(
        message.type,
        message.body,
        attempt if isinstance(attempt, int) else 0,
        returned if isinstance(returned, int) else 0,
        ours,
        message,
    )


async def _close(channel: AbstractChannel) -> None:
    with contextlib.suppress(*_BROKEN):
        async with asyncio.timeout(5):
            await channel.close()

"""RabbitMQ: one topic exchange, quorum queues, confirms."""

from __future__ import annotations  # aio-pika's classes are generic for the type checker only

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import (
    AbstractChannel,
    AbstractExchange,
    AbstractIncomingMessage,
)
from aio_pika.exceptions import (
    ChannelNotFoundEntity,
    PublishError,
)
from pamqp.commands import Basic

from libs.common.contracts.catalogue import SUBSCRIPTIONS, Subscription, subscribers
from libs.common.contracts.envelope import BATCH_CONTENT_TYPE
from libs.common.database import Database
from libs.common.ids import new_id
from libs.common.messaging import topology
from libs.common.messaging.settings import BrokerSettings, ConsumeSettings
from libs.common.messaging.transport import (
    NO_ROUTE,
    Attributes,
    Delivery,
    Depth,
    Message,
    TransportDown,
)
from libs.common.messaging.transports.broker import BROKEN, Broker, about
from libs.common.messaging.transports.rabbitmq_source import RabbitSource, to_delivery

_PATIENCE = BrokerSettings()


class RabbitTransport:
    """A broker; make it with `connect`."""

    name = "rabbitmq"

    def __init__(self, url: str, prefix: str, patience: BrokerSettings = _PATIENCE) -> None:
        self.url = url
        self.prefix = prefix
        self._broker = Broker(url, patience)
        self._direct = _Publisher(self._broker, "")

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator[_Publisher]:
        publisher = _Publisher(self._broker, self.prefix + topology.EXCHANGE)
        try:
            yield publisher
        finally:
            await publisher.reset()

    @asynccontextmanager
    async def source(
        self, subscription: Subscription, database: Database, settings: ConsumeSettings
    ) -> AsyncIterator[RabbitSource]:
        source = RabbitSource(self._broker, self.prefix, subscription, settings, self.send_direct)
        with contextlib.suppress(TransportDown):  # the consumer's loop tries again
            await source.resume()
        try:
            yield source
        finally:
            await source.pause()

    async def send_direct(self, queue: str, messages: Sequence[Message]) -> None:
        """Straight to a queue, confirmed.

        Raises:
            TransportDown: not all of them are known to be there (also when the queue is missing,
                or the broker blocks whoever publishes).
        """
        try:
            async with asyncio.timeout(self._broker.patience.answer_seconds):
                results = await self._direct.publish(messages, queue=queue)
        except TimeoutError as error:
            await self._direct.reset()  # what is still in flight may arrive
            raise TransportDown("not confirmed in time") from error
        if any(results):
            raise TransportDown(f"queue {queue} does not take messages")

    async def full(self, consumers: Collection[str], *, replay: bool = False) -> set[str]:
        """Live: none, they wait on the broker's disk, and its alarms push back on all publishers.
        Replays: what has room, so that one that is asked for again and again is no flood.
        """
        if not replay or not consumers:
            return set()
        queues = {self.prefix + SUBSCRIPTIONS[name].queue + ".replay": name for name in consumers}
        try:
            async with asyncio.timeout(self._broker.patience.answer_seconds):
                counts = await topology.counts(self.url, list(queues))
        except BROKEN as error:
            raise TransportDown("the broker does not answer") from error
        most = self._broker.patience.replay_messages
        return {queues[queue] for queue, count in counts.items() if count >= most}

    async def send_live(self, subscription: Subscription, messages: Sequence[Message]) -> None:
        await self.send_direct(f"{self.prefix}{subscription.queue}", messages)

    async def send_replay(self, subscription: Subscription, messages: Sequence[Message]) -> None:
        await self.send_direct(f"{self.prefix}{subscription.queue}.replay", messages)

    async def pass_on(self, service: str, wish: bytes) -> None:
        await self.send_direct(
            topology.wish_queue(self.prefix, service), [Message("replay.wish", wish, 1)]
        )

    async def take_wishes(self, service: str, keep: Callable[[bytes], Awaitable[None]]) -> None:
        async def keep_body(message: AbstractIncomingMessage) -> None:
            await keep(message.body)

        await self._empty(topology.wish_queue(self.prefix, service), keep_body)

    async def take_dead(
        self, subscription: Subscription, keep: Callable[[Delivery], Awaitable[None]]
    ) -> None:
        async def keep_delivery(message: AbstractIncomingMessage) -> None:
            await keep(to_delivery(message))

        await self._empty(f"{self.prefix}{subscription.queue}.dlq", keep_delivery)

    async def _empty(
        self, name: str, keep: Callable[[AbstractIncomingMessage], Awaitable[None]]
    ) -> None:
        """Take what a queue holds, message by message; each is acked once it is kept."""
        channel = await self._broker.channel(confirms=False)
        try:
            queue = await channel.get_queue(name, ensure=False)
            while message := await queue.get(fail=False):
                await keep(message)
                await message.ack()
        except ChannelNotFoundEntity:
            pass  # readiness names what is missing; it must not stop the rest
        except BROKEN as error:
            raise TransportDown("the broker does not answer") from error
        finally:
            await self._broker.leave(channel)

    async def depths(self, subscriptions: Sequence[Subscription]) -> Mapping[str, Depth]:
        try:
            return await topology.depths(self.url, self.prefix, subscriptions)
        except BROKEN as error:
            raise TransportDown("the broker does not answer") from error

    async def close(self) -> None:
        await self._direct.reset()
        await self._broker.close()


def connect(url: str, prefix: str = "", patience: BrokerSettings = _PATIENCE) -> RabbitTransport:
    """The RabbitMQ transport.

    Args:
        url: `amqp://user:password@host:5672/vhost?heartbeat=15`.
        prefix: before the names of exchange and queues, so that runs can share a broker.
        patience: with a broker that does not answer.
    """
    return RabbitTransport(url, prefix, patience)


class _Publisher:
    """One channel with confirms. The channel's lock is first come first served, so a gather keeps
    the wire's order and still waits for all confirms at once.
    """

    def __init__(self, broker: Broker, exchange: str) -> None:
        self._broker = broker
        self._exchange_name = exchange
        self._channel: AbstractChannel | None = None
        self._exchange: AbstractExchange | None = None
        self._lock = asyncio.Lock()

    def about(self, types: Collection[str]) -> Attributes:
        return about(self._broker.url, types, self._exchange_name)

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
            await self._broker.leave(channel)

    async def _open(self) -> AbstractExchange:
        async with self._lock:  # several consumers of a process share the one for copies
            if self._exchange is None or self._channel is None or self._channel.is_closed:
                self._channel = channel = await self._broker.channel(confirms=True)
                if self._exchange_name:
                    self._exchange = await channel.get_exchange(self._exchange_name, ensure=False)
                else:
                    self._exchange = channel.default_exchange
            return self._exchange


def _to_amqp(message: Message) -> aio_pika.Message:
    return aio_pika.Message(
        message.body,
        content_type=BATCH_CONTENT_TYPE,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=str(new_id()),  # new for each attempt, or confirms of two attempts mix
        type=message.type,
        headers={**message.headers, "attempt": message.attempt, "events": message.events},
    )

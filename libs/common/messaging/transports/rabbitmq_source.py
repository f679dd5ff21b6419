"""What one consumer gets from RabbitMQ, and how it settles, pauses and resumes."""

from __future__ import annotations  # aio-pika's classes are generic for the type checker only

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import ChannelInvalidStateError, ChannelNotFoundEntity
from pamqp.commands import Basic

from libs.common.contracts.catalogue import Subscription
from libs.common.database import Transaction
from libs.common.messaging import topology
from libs.common.messaging.settings import ConsumeSettings
from libs.common.messaging.transport import Attributes, Delivery, Message, TransportDown
from libs.common.messaging.transports.broker import BROKEN, Broker, about

log = logging.getLogger(__name__)

SendDirect = Callable[[str, Sequence[Message]], Awaitable[None]]


class _Lane:
    """What one queue has delivered and nobody has taken yet."""

    def __init__(self) -> None:
        self.channel: AbstractChannel | None = None
        self.arrived: deque[AbstractIncomingMessage] = deque()


class RabbitSource:
    """One consumer's deliveries: a channel and a queue for each lane."""

    def __init__(
        self,
        broker: Broker,
        prefix: str,
        subscription: Subscription,
        settings: ConsumeSettings,
        send_direct: SendDirect,
    ) -> None:
        self._broker = broker
        self._prefix = prefix
        self._send_direct = send_direct
        self._subscription = subscription
        self._settings = settings
        self._queue = prefix + subscription.queue
        self._lanes = {False: _Lane(), True: _Lane()}
        self._is_open = False
        self.wake = asyncio.Event()

    def about(self, types: Collection[str]) -> Attributes:
        exchange = self._prefix + topology.EXCHANGE
        return about(self._broker.url, types, exchange, self._queue)

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
            delivery = to_delivery(arrived[0])
            if taken and delivery.deliveries >= 2:
                break
            arrived.popleft()
            taken.append(delivery)
            events += _whole(delivery.headers.get("events"), 1)
            size += len(delivery.body)
            if delivery.deliveries >= 2:
                break
        return taken

    async def settle_in(self, tx: Transaction, deliveries: Sequence[Delivery]) -> None:
        """Nothing: the broker hears of it after the commit."""

    async def settle_after(self, deliveries: Sequence[Delivery]) -> None:
        try:
            await deliveries[-1].tag.ack(multiple=True)
        except (ChannelInvalidStateError, *BROKEN):
            log.debug("ack after the channel was gone: the redeliveries are duplicates")

    async def retry(self, messages: Sequence[Message]) -> None:
        by_rung: dict[int, list[Message]] = {}
        for message in messages:
            by_rung.setdefault(message.attempt, []).append(message)
        for attempt, same in by_rung.items():
            seconds = self._settings.rungs_seconds[attempt - 1]
            await self._send_direct(topology.rung_queue(self._queue, seconds), same)

    async def pause(self) -> None:
        """Close the channels: one delivery of what was prefetched is counted, once."""
        self._is_open = False
        for lane in self._lanes.values():
            lane.arrived.clear()
            channel, lane.channel = lane.channel, None
            if channel is not None:
                await self._broker.leave(channel)

    async def resume(self) -> None:
        try:
            async with asyncio.timeout(3 * self._broker.patience.answer_seconds):
                await self._resume()
        except BROKEN as error:
            await self.pause()
            raise TransportDown("the broker does not answer") from error

    async def _resume(self) -> None:
        live = await self._open(self._lanes[False], self._settings.prefetch)
        queues = await topology.declare_consumer(
            live, self._prefix, self._subscription, self._settings.rungs_seconds
        )
        replay = await self._open(self._lanes[True], self._settings.replay_prefetch)
        queue_again = await replay.declare_queue(
            queues[1].name, durable=True, arguments=queues[1].arguments
        )
        self._is_open = True
        await queues[0].consume(self._receiver(self._lanes[False]))
        await queue_again.consume(self._receiver(self._lanes[True]))

    async def _open(self, lane: _Lane, prefetch: int) -> AbstractChannel:
        channel = await self._broker.channel(confirms=False)
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
            async with asyncio.timeout(self._broker.patience.answer_seconds):
                connection = await self._broker.connect()
                async with connection, connection.channel() as channel:
                    queue = await channel.declare_queue(self._queue, passive=True)
                    return bool(queue.declaration_result.consumer_count)
        except ChannelNotFoundEntity:
            return False
        except BROKEN as error:
            raise TransportDown("the broker does not answer") from error


def to_delivery(message: AbstractIncomingMessage) -> Delivery:
    headers: dict[str, Any] = dict(message.headers)
    ours = {key: value for key, value in headers.items() if not key.startswith("x-")}
    ours.pop("attempt", None)
    return Delivery(
        message.type,
        message.body,
        _whole(headers.get("attempt"), 0),
        _whole(headers.get("x-delivery-count"), 0),
        ours,
        message,
    )


def _whole(value: object, otherwise: int) -> int:
    """A header's number where it is one that we can have written."""
    return value if isinstance(value, int) and 0 <= value < 2**31 else otherwise

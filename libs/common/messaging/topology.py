"""The broker's exchange, queues and bindings, made from the contract's subscriptions.

`apply` is idempotent and runs before any relay starts, and again by each consumer for its own
queues. Changing an argument means a new queue name: declaring again would close the channel.
"""

from collections.abc import Sequence
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractQueue
from aio_pika.exceptions import ChannelNotFoundEntity

from libs.common.contracts.catalogue import Subscription
from libs.common.database.provision import SERVICES
from libs.common.messaging.settings import RUNGS_SECONDS, rung_name
from libs.common.messaging.transport import Depth
from libs.common.telemetry import Bus

EXCHANGE = "ansinh.events"
# Explicit: 4.0 and later default to 20, older brokers have none. Never -1: 3.10 then loses the
# message at its first return.
_DELIVERY_LIMIT = 20
_CONNECT_SECONDS = 10.0
_DLQ = ".dlq"


def queue_arguments(queue: str) -> dict[str, Any]:
    """Of a queue that consumers read. At-least-once dead-lettering needs reject-publish."""
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": _DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue + _DLQ,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def _rung_arguments(queue: str, seconds: float) -> dict[str, Any]:
    """One fixed TTL per queue, never per message: a long head would block all behind it."""
    return {
        **queue_arguments(queue),
        "x-dead-letter-routing-key": queue,
        "x-message-ttl": int(seconds * 1000),
    }


def wish_queue(prefix: str, service: str) -> str:
    """Where a service gets wishes for replays of its ledger."""
    return f"{prefix}ansinh.replays.{service}"


def rung_queue(queue: str, seconds: float) -> str:
    return f"{queue}.retry.{rung_name(seconds)}"


def queues(queue: str, rungs: Sequence[float] = RUNGS_SECONDS) -> dict[str, dict[str, Any]]:
    """Every queue of one consumer with its arguments; targets of dead letters come first."""
    return {
        queue + _DLQ: {"x-queue-type": "quorum"},
        queue: queue_arguments(queue),
        f"{queue}.replay": {
            **queue_arguments(queue),
        },
        **{rung_queue(queue, seconds): _rung_arguments(queue, seconds) for seconds in rungs},
    }


async def declare_consumer(
    channel: AbstractChannel,
    prefix: str,
    subscription: Subscription,
    rungs: Sequence[float] = RUNGS_SECONDS,
) -> tuple[AbstractQueue, AbstractQueue]:
    """Declare one consumer's queues and bindings; answers the live and the replay queue."""
    exchange = await channel.declare_exchange(
        prefix + EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True
    )
    name = prefix + subscription.queue
    made = {
        queue: await channel.declare_queue(queue, durable=True, arguments=arguments)
        for queue, arguments in queues(name, rungs).items()
    }
    for pattern in subscription.bindings:
        await made[name].bind(exchange, routing_key=pattern)
    return made[name], made[f"{name}.replay"]


async def apply(
    url: str,
    prefix: str,
    subscriptions: Sequence[Subscription],
    rungs: Sequence[float] = RUNGS_SECONDS,
) -> None:
    """Declare everything that the subscriptions need; safe to repeat."""
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as channel:
        await channel.declare_exchange(prefix + EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
        for service in SERVICES:
            await channel.declare_queue(
                wish_queue(prefix, service), durable=True, arguments={"x-queue-type": "quorum"}
            )
        for subscription in subscriptions:
            await declare_consumer(channel, prefix, subscription, rungs)


async def missing(
    url: str,
    prefix: str,
    subscriptions: Sequence[Subscription],
    rungs: Sequence[float] = RUNGS_SECONDS,
    services: Sequence[str] = SERVICES,
) -> list[str]:
    """The contract's queues that the broker does not have: readiness asks for none.

    `mandatory` does not notice one missing queue while another still matches; a service without its
    wish queue would never hear of a replay.
    """
    wanted = [wish_queue(prefix, service) for service in services]
    for subscription in subscriptions:
        wanted += queues(prefix + subscription.queue, rungs)
    absent = []
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        for queue in wanted:
            try:
                await channel.declare_queue(queue, passive=True)
            except ChannelNotFoundEntity:
                absent.append(queue)
                channel = await connection.channel()  # a failed look closes its channel
    return absent


async def depths(url: str, prefix: str, subscriptions: Sequence[Subscription]) -> dict[str, Depth]:
    """What stands in each consumer's live queue and in its dead-letter queue."""
    queues = {entry.consumer: prefix + entry.queue for entry in subscriptions}
    found = await counts(
        url, [f"{queue}{tail}" for queue in queues.values() for tail in ("", _DLQ)]
    )
    return {
        consumer: Depth(found[queue], found[queue + _DLQ])
        for consumer, queue in queues.items()
        if queue in found and queue + _DLQ in found
    }


async def counts(url: str, queues: Sequence[str]) -> dict[str, int]:
    """How many messages wait in each queue that exists.

    Over a connection of its own: a robust channel would answer what it remembers.
    """
    found: dict[str, int] = {}
    connection = await aio_pika.connect(url, timeout=_CONNECT_SECONDS)
    async with connection:
        channel = await connection.channel()
        for name in queues:
            try:
                looked = await channel.declare_queue(name, passive=True)
            except ChannelNotFoundEntity:
                channel = await connection.channel()  # a failed look closes its channel
                continue
            found[name] = looked.declaration_result.message_count or 0
    return found


def bus(amqp_url: str | None, prefix: str) -> Bus:
    """What the spans of an event's creation say of where it goes."""
    return Bus("rabbitmq", prefix + EXCHANGE) if amqp_url else Bus()

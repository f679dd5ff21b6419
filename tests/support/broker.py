"""The real RabbitMQ that tests run on: `ANSINH_TEST_AMQP_URL`, else one on 127.0.0.1."""

import os
from collections.abc import Iterable, Sequence

import aio_pika

from libs.common.contracts.catalogue import SUBSCRIPTIONS, Subscription
from libs.common.database.provision import SERVICES
from libs.common.messaging.settings import RUNGS_SECONDS
from libs.common.messaging.topology import EXCHANGE, queues, wish_queue
from tools.prepare_broker import DEFAULT_URL, answers

NO_BROKER = "no RabbitMQ answers (ANSINH_TEST_AMQP_URL names one)"


def broker_url() -> str:
    return os.environ.get("ANSINH_TEST_AMQP_URL", DEFAULT_URL)


def broker_answers() -> bool:
    return answers(broker_url())


async def delete_prefix(
    prefix: str,
    subscriptions: Iterable[Subscription] = tuple(SUBSCRIPTIONS.values()),
    rungs: Sequence[float] = RUNGS_SECONDS,
) -> None:
    """Delete the exchange and every queue that was declared with this prefix."""
    connection = await aio_pika.connect(broker_url())
    async with connection, connection.channel() as channel:
        names = [wish_queue(prefix, service) for service in SERVICES]
        for subscription in subscriptions:
            names += queues(prefix + subscription.queue, rungs)
        for name in names:
            await channel.queue_delete(name)
        await channel.exchange_delete(prefix + EXCHANGE)

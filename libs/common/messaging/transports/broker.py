"""One process's connection to RabbitMQ.

Connections are plain, not "robust": a broken channel is closed once and opened anew by the loop
that uses it, which is one road for a lost broker, a lost database and a cancelled consumer, and
leaves nothing to a client's silent recovery.
"""

import asyncio
import contextlib
from collections.abc import Collection
from urllib.parse import urlsplit

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import AMQPError
from yarl import URL

from libs.common.messaging.settings import BrokerSettings
from libs.common.messaging.transport import Attributes, TransportDown
from libs.common.telemetry import names

BROKEN = (AMQPError, OSError, TimeoutError, RuntimeError)


class Broker:
    """The connection, made when it is needed and made again where it is lost.

    Args:
        url: `amqp://user:password@host:5672/vhost?heartbeat=15`.
        patience: with a broker that does not answer.
    """

    def __init__(self, url: str, patience: BrokerSettings) -> None:
        self.url = url
        self.patience = patience
        self._connection: AbstractConnection | None = None
        self._lock = asyncio.Lock()

    async def channel(self, *, confirms: bool) -> AbstractChannel:
        """A new channel.

        Raises:
            TransportDown: the broker does not answer.
        """
        try:
            async with self._lock:
                # Not `is_closed`: on a plain connection that tells of our own close alone.
                if self._connection is None or not self._connection.connected.is_set():
                    self._connection = await self.connect()
            async with asyncio.timeout(self.patience.answer_seconds):
                return await self._connection.channel(
                    publisher_confirms=confirms, on_return_raises=confirms
                )
        except BROKEN as error:
            raise TransportDown("the broker does not answer") from error

    async def connect(self) -> AbstractConnection:
        """A connection of its own."""
        url = URL(self.url)
        if "heartbeat" not in url.query:
            url = url.update_query(heartbeat=self.patience.heartbeat_seconds)
        return await aio_pika.connect(url, timeout=self.patience.answer_seconds)

    async def leave(self, opened: AbstractChannel | AbstractConnection) -> None:
        """Close it; a broker that does not answer is not waited for."""
        with contextlib.suppress(*BROKEN):
            async with asyncio.timeout(self.patience.close_seconds):
                await opened.close()

    async def close(self) -> None:
        if self._connection is not None:
            await self.leave(self._connection)


def about(url: str, types: Collection[str], exchange: str, *queue: str) -> Attributes:
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

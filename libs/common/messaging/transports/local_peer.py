"""A consumer's database, as a relay of another service reaches its queue."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from libs.common.messaging.transport import Message, TransportDown
from libs.common.messaging.wishes import insert_wish

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
# Stops counting at the bound. Retries do not count: those that wait for their rung must not keep
# out what could be worked.
_FULL = """
SELECT consumer FROM unnest($1::text[]) AS wanted(consumer) WHERE EXISTS (
  SELECT FROM local_queue AS queue WHERE queue.consumer = wanted.consumer AND is_replay = $2
    AND attempt = 0 OFFSET $3)
"""
_WAITING = """
SELECT count(*) FROM local_queue WHERE consumer = $1 AND NOT is_replay AND available_at <= now()
"""
GONE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Peer:
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
            except GONE as error:
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

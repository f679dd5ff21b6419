"""Connections to one service's database, and the scope that row-level security reads.

Every transaction sets `ansinh.scope` for itself alone. Empty means that nothing is visible to the
API role; `*` means every area; else the commune codes, joined by commas. Worker roles (relay,
consume, tick) have policies of their own and need no scope.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import asyncpg

from libs.common.clock import Clock
from libs.common.database.transaction import Transaction

ANSWER_SECONDS = 45.0
_CONNECT_SECONDS, _CLOSE_SECONDS = 10.0, 10.0
NO_AREA = ""
EVERY_AREA = "*"


class Database:
    """A pool of connections to one service's database under one database role."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], dsn: str, clock: Clock) -> None:
        self.pool = pool
        self.dsn = dsn
        self.clock = clock

    @classmethod
    async def connect(
        cls,
        dsn: str,
        clock: Clock,
        *,
        application: str,
        smallest: int = 1,
        largest: int = 8,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> Self:
        """Open the pool.

        Args:
            dsn: `postgresql://role:password@host:port/database`.
            clock: gives `recorded_at`.
            application: shown to operators in `pg_stat_activity`.
            smallest: connections kept open.
            largest: connections at most.
            answer_seconds: how long one statement may take. A network that is half open looks
                like a slow server; after this the connection is left and a new one made.
        """
        pool = await asyncpg.create_pool(
            dsn,
            min_size=smallest,
            max_size=largest,
            command_timeout=answer_seconds,
            timeout=_CONNECT_SECONDS,
            init=_prepare_connection,
            reset=_leave_as_it_is,
            server_settings={
                "application_name": application,
                "idle_in_transaction_session_timeout": "30s",
                "jit": "off",
            },
        )
        return cls(pool, dsn, clock)

    @asynccontextmanager
    async def transaction(self, scope: str = NO_AREA) -> AsyncIterator[Transaction]:
        """One transaction: commits at the end, rolls back on any exception (also cancellation)."""
        async with self.pool.acquire() as connection:
            async with connection.transaction():
                if scope:
                    await connection.execute("SELECT set_config('ansinh.scope', $1, true)", scope)
                tx = Transaction(connection, self.clock.now())  # type: ignore[arg-type]
                yield tx
            if tx.wakes:
                # After the commit: inside, NOTIFY holds one lock of the whole cluster over fsync.
                await connection.execute("; ".join(f"NOTIFY {channel}" for channel in tx.wakes))

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[Transaction]:
        """A connection on which each statement commits by itself."""
        async with self.pool.acquire() as connection:
            yield Transaction(connection, self.clock.now())  # type: ignore[arg-type]

    async def close(self) -> None:
        """Close every connection; one that does not come back is not waited for."""
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


async def _leave_as_it_is(connection: Any) -> None:
    """Nothing outlives a transaction here, so a reset would only cost a round trip each time."""


async def _prepare_connection(connection: Any) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, encoder=_encode_json, decoder=json.loads, schema="pg_catalog"
        )


def _encode_json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

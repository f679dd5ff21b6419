"""Seats for whoever runs a whole platform: each takes dozens of the server's connections, of which
a server has a hundred by default, so that two may run at once, whichever worker they belong to.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from tests.support.servers import admin_dsn, run_prefix

SEATS = 2


@asynccontextmanager
async def a_seat() -> AsyncIterator[None]:
    """Wait for one, and keep it within; it is free again when its holder's process dies."""
    admin = await asyncpg.connect(admin_dsn())
    try:
        while not await _taken(admin):  # noqa: ASYNC110  (another process gives it back)
            await asyncio.sleep(0.2)
        yield
    finally:
        await admin.close()


async def _taken(admin: "asyncpg.Connection[asyncpg.Record]") -> bool:
    for seat in range(SEATS):
        name = f"{run_prefix()}seat-{seat}"
        if await admin.fetchval("SELECT pg_try_advisory_lock(hashtext($1))", name):
            return True
    return False

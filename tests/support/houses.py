"""Four empty databases of one house, to be backed up, restored and brought in step."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from ansinh.ops.backup import back_up, restore
from ansinh.ops.servers import Server
from ansinh.services import NAMES
from ansinh.setup import with_login
from libs.common.clock import SystemClock
from libs.common.contracts.area import CHANGED
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.database import Database
from libs.common.database.provision import worker_role
from libs.common.ids import new_id
from tests.support.bus import say
from tests.support.servers import TEST_PASSWORD, admin_dsn, create_template

SERVICE = "registry"
_SEEN = """
INSERT INTO cursor (consumer, stream, subject, version, seen) VALUES ($1, 'area', $2, $3, $3)
ON CONFLICT (consumer, stream, subject) DO UPDATE SET version = excluded.version
"""


@dataclass(frozen=True)
class House:
    """Four empty databases, and a folder for copies."""

    server: Server
    file: Path

    async def say(self, subject: UUID | None = None) -> None:
        """One more act of the registry."""
        async with await self.connected("test") as database, database.transaction() as tx:
            await say(tx, subject or new_id())

    async def sees(self, versions: Mapping[UUID, int]) -> None:
        """Everybody who listens to the registry's acts has come to these versions."""
        for entry in SUBSCRIPTIONS.values():
            if entry.reads(CHANGED):
                async with await self.connected("test", entry.service) as database:
                    await database.pool.executemany(
                        _SEEN, [(entry.consumer, *one) for one in versions.items()]
                    )

    @asynccontextmanager
    async def workers(self) -> AsyncIterator[dict[str, Database]]:
        """Every database, under its worker role."""
        async with AsyncExitStack() as stack:
            yield {
                name: await stack.enter_async_context(await self.connected("test", name))
                for name in NAMES
            }

    async def connected(self, application: str, service: str = SERVICE) -> Database:
        """A service's database under its worker role."""
        login = f"{worker_role(service)}:{TEST_PASSWORD}"
        dsn = with_login(admin_dsn(), self.server.database(service), login)
        return await Database.connect(dsn, SystemClock(), application=application)

    async def acts(self) -> int:
        """How many the registry knows."""
        async with await self.connected("test") as database:
            return int(await database.pool.fetchval("SELECT count(*) FROM event_log"))

    async def accounts(self) -> list[tuple[str, str]]:
        """What the registry's audit trail says of operators under the owner's login."""
        async with await self.connected("test") as database:
            rows = await database.pool.fetch(
                "SELECT kind, act FROM audit_line WHERE roles = 'owner' ORDER BY line_id"
            )
        return [tuple(row) for row in rows]

    async def back_up(self) -> None:
        await back_up(self.server, SERVICE, self.file, lambda line: None)

    async def restore(self, service: str = SERVICE) -> None:
        await restore(self.server, service, self.file, lambda line: None)


async def build(server: Server, service: str) -> None:
    """An empty database of the service."""
    template = await create_template(service)
    await as_admin(f'CREATE DATABASE "{server.database(service)}" TEMPLATE "{template}"')


async def as_admin(statement: str) -> None:
    """One statement on the server."""
    admin = await asyncpg.connect(admin_dsn())
    try:
        await admin.execute(statement)
    finally:
        await admin.close()

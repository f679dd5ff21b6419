"""Where the operator's commands find the databases, as their owner.

The server that the settings name (`ANSINH_OWNER_DSN`), else the embedded platform that ran last.
"""

import getpass
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from ansinh.embedded.last_run import last_home, last_run
from ansinh.setup import with_login
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.security.audit import AuditLine, write_line
from libs.common.settings import PREFIX, Settings, required

APPLICATION = "ansinh-ops"  # as PostgreSQL names our sessions


class OpsError(Exception):
    """What an operator asked for cannot be done; the message says why, in both languages."""


@dataclass(frozen=True)
class Server:
    """The services' databases.

    Attributes:
        owner_dsn: a superuser's DSN of the server.
        prefix: of the databases' names.
        peers: databases of services that lie elsewhere, by service.
        amqp_url: RabbitMQ; None for the local transport.
        bus_prefix: of its queues.
    """

    owner_dsn: str
    prefix: str
    peers: Mapping[str, str] = field(default_factory=dict)
    amqp_url: str | None = None
    bus_prefix: str = ""

    def database(self, service: str) -> str:
        """The name of a service's database."""
        return self.prefix + service

    def dsn(self, database: str) -> str:
        """A database under the owner's login."""
        login = urlsplit(self.owner_dsn).netloc.rpartition("@")[0]
        return with_login(self.owner_dsn, database, login)

    def peer_dsn(self, service: str) -> str:
        """The database of another service, to read."""
        return self.peers.get(service) or self.dsn(self.database(service))


@asynccontextmanager
async def find_server(base: Path) -> AsyncIterator[Server]:
    """The server; an embedded one runs for that long.

    Args:
        base: folder of the embedded platforms' data.

    Raises:
        OpsError: there is none.
    """
    if os.environ.get(f"{PREFIX}OWNER_DSN") or os.environ.get(f"{PREFIX}SECRETS_DIR"):
        yield _named(Settings.load())
        return
    home = last_home(base)
    if home is None:
        raise OpsError(
            "Chưa có dữ liệu nào / no platform has run here, and no ANSINH_OWNER_DSN is set."
        )
    amqp_url = os.environ.get(f"{PREFIX}AMQP_URL") or None
    async with last_run(home) as run:
        yield Server(run.owner_dsn, run.prefix, amqp_url=amqp_url, bus_prefix=run.prefix)


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection under the operator's name."""
    connection = await asyncpg.connect(
        dsn, timeout=30, server_settings={"application_name": APPLICATION, "jit": "off"}
    )
    try:
        yield connection
    finally:
        await connection.close()


async def keep_account(tx: Transaction, kind: str, act: str) -> None:
    """Put an act under the owner's login on the service's audit trail, by the operator's login at
    this machine: there is no token."""
    await write_line(
        tx,
        AuditLine(
            caller=f"owner:{getpass.getuser()}",
            roles="owner",
            kind=kind,
            act=act,
            subject_kind=None,
            subjects=(),
            purpose=None,
            correlation_id=new_id(),
            trace_id=None,
        ),
    )


def _named(settings: Settings) -> Server:
    return Server(
        required("owner_dsn", settings.owner_dsn),
        settings.database_prefix,
        {name: dsn.get_secret_value() for name, dsn in settings.peers.items()},
        settings.amqp_url.get_secret_value() if settings.amqp_url else None,
        settings.bus_prefix,
    )

"""The embedded platform that ran last, for whoever looks into its databases from outside."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ansinh.embedded.platform import PREFIX_FILE
from ansinh.embedded.postgres import EmbeddedPostgres
from libs.common.settings import PREFIX


@dataclass(frozen=True)
class LastRun:
    """Where its databases are.

    Attributes:
        owner_dsn: a superuser's DSN of the server.
        prefix: of the databases' names, and of its queues.
        password: of the services' roles.
    """

    owner_dsn: str
    prefix: str
    password: str


def last_home(base: Path) -> Path | None:
    """The data folder of the embedded platform that was started last."""
    found = sorted(base.glob(f"*/{PREFIX_FILE}"), key=lambda path: path.stat().st_mtime)
    return found[-1].parent if found else None


@asynccontextmanager
async def last_run(home: Path) -> AsyncIterator[LastRun]:
    """A platform's databases, whether it runs or not; its server runs for that long."""
    prefix = (home / PREFIX_FILE).read_text("utf-8")
    server = EmbeddedPostgres(home)
    owner = os.environ.get(f"{PREFIX}POSTGRES_URL")
    if not owner:
        await server.start()
        owner = server.dsn()
    try:
        yield LastRun(owner, prefix, server.read_password())
    finally:
        if server.was_started:
            await server.stop()

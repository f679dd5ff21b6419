"""Houses of empty databases."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from ansinh.ops.servers import Server
from ansinh.services import NAMES
from tests.support.houses import SERVICE, House, build
from tests.support.servers import admin_dsn, drop_run, run_prefix


@pytest_asyncio.fixture
async def alone(tmp_path: Path) -> AsyncIterator[House]:
    """A house of which only the registry is there."""
    server = Server(admin_dsn(), f"{run_prefix()}{secrets.token_hex(4)}_")
    await build(server, SERVICE)
    yield House(server, tmp_path / "registry.backup")
    await drop_run(server.prefix)


@pytest_asyncio.fixture
async def house(alone: House) -> House:
    """A whole house."""
    for name in NAMES:
        if name != SERVICE:
            await build(alone.server, name)
    return alone

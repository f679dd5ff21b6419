"""The embedded platform on the tests' servers, with databases and queues of its own."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ansinh.demo.client import Client
from ansinh.demo.population import PROVINCE
from ansinh.embedded.platform import Platform, PlatformSettings, running
from libs.common.clock import Clock
from tests.support.broker import delete_prefix
from tests.support.doors import free_port
from tests.support.servers import admin_dsn, run_prefix, share_password
from tests.support.settled import copy_settled


@asynccontextmanager
async def a_platform(
    home: Path, amqp_url: str | None, clock: Clock
) -> AsyncIterator[tuple[Platform, Client]]:
    """A running platform and a caller of its public API.

    Args:
        home: an empty folder.
        amqp_url: RabbitMQ, or None for the local transport.
        clock: says the day, `tests.support.settled.DAY` or later.
    """
    prefix = f"{run_prefix()}{secrets.token_hex(3)}_"
    share_password(home)
    await copy_settled(prefix)
    settings = PlatformSettings(
        home=home,
        port=free_port(),
        postgres_url=admin_dsn(),
        amqp_url=amqp_url,
        prefix=prefix,
        pool_size=5,  # several side by side have a hundred connections among them
    )
    try:
        async with (
            running(settings, clock) as platform,
            Client(platform.url, platform.issuer, (PROVINCE,)) as client,
        ):
            yield platform, client
    finally:
        if amqp_url:
            await delete_prefix(prefix)

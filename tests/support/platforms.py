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
from tests.support.seats import a_seat
from tests.support.servers import admin_dsn, run_prefix, share_password
from tests.support.settled import copy_settled
from tests.support.small_land import write_small_land

POOL_SIZE = 4  # of each service and kind of role: a hundred connections are there for all


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
    settings = PlatformSettings(
        home=home,
        port=free_port(),
        postgres_url=admin_dsn(),
        amqp_url=amqp_url,
        prefix=prefix,
        pool_size=POOL_SIZE,
        areas=write_small_land(home / "areas"),
    )
    try:
        async with a_seat():
            await copy_settled(prefix)
            async with (
                running(settings, clock) as platform,
                Client(platform.url, platform.issuer, (PROVINCE,)) as client,
            ):
                yield platform, client
    finally:
        if amqp_url:
            await delete_prefix(prefix)

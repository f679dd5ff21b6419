"""What `/health/ready` and the heartbeat ask, by name."""

import asyncio
import time
from collections.abc import Mapping

from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.database import Database
from libs.common.database.revision import is_migrated
from libs.common.heartbeat import Check
from libs.common.messaging import topology
from libs.common.messaging.transports import rabbitmq
from libs.common.security.tokens import IssuerKeys
from libs.common.settings import Settings

_REMEMBERED_SECONDS = 30.0


def api_checks(
    service: str, database: Database, keys: IssuerKeys, settings: Settings, stop: asyncio.Event
) -> Mapping[str, Check]:
    """Of an API: it may get requests when none of these fails."""

    async def running() -> bool:
        return not stop.is_set()

    async def schema() -> bool:
        return await is_migrated(database, service)

    checks: dict[str, Check] = {
        "running": running,
        "database": _reachable(database),
        "schema": schema,
        "issuer": keys.are_known,
    }
    if settings.amqp_url:
        url, prefix = settings.amqp_url.get_secret_value(), settings.bus_prefix

        async def queues() -> bool:
            return not await topology.missing(url, prefix, tuple(SUBSCRIPTIONS.values()))

        checks["queues"] = _remembering(queues)
    return checks


def worker_checks(database: Database, settings: Settings) -> Mapping[str, Check]:
    """Of the roles without an address: what they cannot work without."""
    checks: dict[str, Check] = {"database": _reachable(database)}
    if settings.amqp_url:
        url = settings.amqp_url.get_secret_value()

        async def bus() -> bool:
            return await rabbitmq.answers(url)

        checks["bus"] = bus
    return checks


def _reachable(database: Database) -> Check:
    async def reachable() -> bool:
        return bool(await database.pool.fetchval("SELECT true"))

    return reachable


def _remembering(check: Check) -> Check:
    """The same check, which believes a yes for a while: it looks at some seventy queues."""
    good_until = float("-inf")

    async def remembering() -> bool:
        nonlocal good_until
        if time.monotonic() < good_until:
            return True
        good = await check()
        if good:
            good_until = time.monotonic() + _REMEMBERED_SECONDS
        return good

    return remembering

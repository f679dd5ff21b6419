"""What `/health/ready` asks, by name."""

import asyncio
import time
from collections.abc import Mapping

from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.database import Database
from libs.common.database.revision import is_migrated
from libs.common.messaging import topology
from libs.common.messaging.pulse import Pulse
from libs.common.security.tokens import IssuerKeys
from libs.common.web.health import Check

_REMEMBERED_SECONDS = 30.0


def starting_checks(stop: asyncio.Event) -> dict[str, Check]:
    """Of a process that still waits for its database, or for the database's newest schema."""

    async def started() -> bool:
        return False

    return {**running_check(stop), "started": started}


def running_check(stop: asyncio.Event) -> Mapping[str, Check]:
    """Says no from the stop signal on."""

    async def running() -> bool:
        return not stop.is_set()

    return {"running": running}


def database_checks(service: str, database: Database) -> Mapping[str, Check]:
    """The database answers, at this release's schema or a newer one."""

    async def reachable() -> bool:
        return bool(await database.pool.fetchval("SELECT true"))

    async def schema() -> bool:
        return await is_migrated(database, service)

    return {"database": reachable, "schema": schema}


def issuer_check(keys: IssuerKeys) -> Mapping[str, Check]:
    """The keys that tokens are checked with are known."""
    return {"issuer": keys.are_known}


def queues_check(amqp_url: str | None, prefix: str) -> Mapping[str, Check]:
    """RabbitMQ answers and has every queue of the contract; the local transport needs none."""
    if amqp_url is None:
        return {}

    async def queues() -> bool:
        return not await topology.missing(amqp_url, prefix, tuple(SUBSCRIPTIONS.values()))

    return {"queues": _remembering(queues)}


def consumer_checks(pulses: Mapping[str, Pulse]) -> Mapping[str, Check]:
    """Each consumer of this process really consumes."""

    def check_of(pulse: Pulse) -> Check:
        async def consumes() -> bool:
            return pulse.is_alive()

        return consumes

    return {f"consumer {name}": check_of(pulse) for name, pulse in pulses.items()}


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

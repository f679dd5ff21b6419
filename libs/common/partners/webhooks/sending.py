"""The role `send`: a lane for each endpoint in use, so that one slow partner delays nobody."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from uuid import UUID

from libs.common.database import Database
from libs.common.messaging.failures import describe, is_infrastructure
from libs.common.messaging.pace import Backoff, Bell, ringing, wait_for
from libs.common.partners.webhooks import store
from libs.common.partners.webhooks.addresses import Refused
from libs.common.partners.webhooks.cargo import Cargo, CargoOf, WebhookCargo
from libs.common.partners.webhooks.lane import Lane
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.partners.webhooks.store import Endpoint
from libs.common.telemetry.logs import place_of

log = logging.getLogger(__name__)


async def run_send(
    database: Database,
    service: str,
    partners: PartnerSettings,
    stop: asyncio.Event,
    cargo_of: CargoOf | None = None,
) -> None:
    """Send what the service tells its partners until stopped; what is on the road is finished.

    Args:
        cargo_of: what an endpoint is told that is no webhook; answers None for one that is.
    """
    settings = partners.webhooks
    backoff = Backoff(settings.backoff)
    lanes: dict[UUID, tuple[asyncio.Task[None], asyncio.Event]] = {}
    async with (
        Bell(database.dsn, "outbox") as bell,
        asyncio.TaskGroup() as group,
        ringing(stop, bell.event()),
    ):
        while not stop.is_set():
            bell.event().clear()
            try:
                async with database.transaction() as tx:
                    in_use = {one.endpoint_id: one for one in await store.list_in_use(tx)}
            except Exception as error:
                if not is_infrastructure(error):
                    raise
                log.warning("webhooks of %s wait: %s", service, type(error).__name__)
                await backoff.pause(stop)
                continue
            backoff.reset()
            for endpoint_id, (task, end) in list(lanes.items()):
                if endpoint_id not in in_use:
                    end.set()
                if task.done():
                    del lanes[endpoint_id]
            for endpoint_id, endpoint in in_use.items():
                if endpoint_id not in lanes:
                    end = asyncio.Event()
                    wake = bell.event(str(endpoint_id))
                    task = group.create_task(
                        _run_lane(database, service, endpoint, partners, cargo_of, wake, end)
                    )
                    lanes[endpoint_id] = (task, end)
            await wait_for(bell.event(), settings.poll_seconds)
        for _, end in lanes.values():
            end.set()


async def _run_lane(
    database: Database,
    service: str,
    endpoint: Endpoint,
    partners: PartnerSettings,
    cargo_of: CargoOf | None,
    wake: asyncio.Event,
    end: asyncio.Event,
) -> None:
    """One endpoint until its end; a failure is logged and tried again, and stops no other lane."""
    backoff = Backoff(partners.webhooks.backoff)
    lane: Lane | None = None
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(ringing(end, wake))
        while not end.is_set():
            wake.clear()
            try:
                if lane is None:
                    cargo = await _cargo(database, endpoint, partners, cargo_of)
                    lane = Lane(database, service, endpoint, partners, cargo)
                    await stack.enter_async_context(contextlib.aclosing(lane))
                pause = await lane.work()
            except Refused as error:  # a network that is no longer allowed; the supervisor tries on
                log.error("webhook endpoint refused", extra={"reason": error.reason})
                return
            except Exception as error:
                found = {"error": describe(error), "place": place_of(error)}
                log.error("webhook lane", extra={"service": service, **found})
                await backoff.pause(end)
                continue
            backoff.reset()
            if pause:
                await wait_for(wake, pause.total_seconds())


async def _cargo(
    database: Database, endpoint: Endpoint, partners: PartnerSettings, cargo_of: CargoOf | None
) -> Cargo:
    if cargo_of is not None:
        async with database.transaction() as tx:
            found = await cargo_of(tx, endpoint, partners, database.clock)
        if found is not None:
            return found
    return WebhookCargo(partners.keys)

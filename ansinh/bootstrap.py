"""`ansinh bootstrap`: how a consumer that is new starts with what was said before it existed.

Its queue is declared first, so that live events wait there. A latest-wins consumer of households
then takes the registry's snapshot, page by page, through the normal algorithm; everything else it
gets by a replay of the ledgers. Versions decide, so all three may interleave, and repeat.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from ansinh import services
from libs.common.contracts.catalogue import EVENT_TYPES, readable
from libs.common.contracts.envelope import Received
from libs.common.contracts.household import CHANGED, HouseholdData
from libs.common.database import Database
from libs.common.ids import derived_id
from libs.common.messaging import topology
from libs.common.messaging.consumer import Consumer, Shape
from libs.common.messaging.snapshot import apply_events
from libs.common.messaging.wishes import Wish, insert_wish, producers_of
from libs.common.settings import Settings, required

_PAGE = 500
_STREAM = "household"


async def run_bootstrap(name: str, registry_url: str) -> None:
    """Bootstrap a consumer of this process's service, before its `consume` role starts.

    The operator's token is taken from `ANSINH_TOKEN`; databases and broker as for any role.

    Raises:
        KeyError: there is no such consumer.
        httpx.HTTPStatusError: the registry refuses, e.g. for want of an operator's token.
    """
    settings = Settings.load()
    service = services.build(name.partition(".")[0])
    consumer = {one.name: one for one in service.consumers}[name]
    if settings.amqp_url:
        url = settings.amqp_url.get_secret_value()
        await topology.apply(url, settings.bus_prefix, (consumer.subscription,))
    dsn = required("worker_dsn", settings.worker_dsn)
    headers = {"Authorization": f"Bearer {os.environ.get('ANSINH_TOKEN', '')}"}
    async with (
        await Database.connect(dsn, settings.clock, application="ansinh-bootstrap") as database,
        httpx.AsyncClient(base_url=registry_url, headers=headers, timeout=120.0) as registry,
    ):
        taken = await bootstrap(consumer, database, registry)
    print(f"{name}: {taken:,} hộ / households; phát lại / replay: {len(producers_of(name))}")


async def bootstrap(consumer: Consumer, database: Database, registry: httpx.AsyncClient) -> int:
    """Take the snapshot and wish for the replays; answers how many households were taken.

    Args:
        consumer: whose queue exists already.
        database: its service's, under the worker role.
        registry: a client of the registry with an operator's token.
    """
    by_snapshot = consumer.shape is Shape.LATEST_WINS and consumer.subscription.reads(CHANGED)
    taken = await _take_snapshot(consumer, database, registry) if by_snapshot else 0
    async with database.transaction() as tx:
        for producer in sorted(producers_of(consumer.name)):
            types = tuple(
                kind.name
                for kind in EVENT_TYPES.values()
                if kind.source == producer
                and kind.name in readable(consumer.subscription)
                and not (by_snapshot and kind.stream == _STREAM)
            )
            if types:
                wish = Wish(
                    producer=producer,
                    consumer=consumer.name,
                    types=types,
                    reason="BOOTSTRAP",
                    requested_by=consumer.name,
                    requested_at=tx.recorded_at,
                )
                await insert_wish(tx, wish)
    return taken


async def _take_snapshot(
    consumer: Consumer, database: Database, registry: httpx.AsyncClient
) -> int:
    after: str | None = None
    taken = 0
    while True:
        query = {"limit": str(_PAGE), **({"after": after} if after else {})}
        answer = await registry.get("/internal/v1/households", params=query)
        page = answer.raise_for_status().json()
        await apply_events(database, consumer, list(_events(page["items"])))
        taken += len(page["items"])
        after = page["next"]
        if after is None:
            return taken


def _events(items: list[Mapping[str, Any]]) -> Iterator[Received[HouseholdData]]:
    """The same version has the same id at every run, so that a second run is a no-op."""
    for item in items:
        data = HouseholdData.model_validate(item["data"])
        version = int(item["version"])
        event_id = derived_id("snapshot", data.household_id, version)
        yield Received(
            event_id=event_id,
            type=CHANGED,
            stream=_STREAM,
            subject=data.household_id,
            version=version,
            time=data.act.recorded_at,
            recorded_at=data.act.recorded_at,
            correlation_id=event_id,
            causation_id=None,
            traceparent=None,
            data=data,
        )

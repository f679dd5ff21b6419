"""Credit's database with a bank to tell, and a sender at a fiftieth of the usual times."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest_asyncio

from libs.common.clock import VIETNAM, SystemClock
from libs.common.database import Database
from libs.common.ids import new_id
from libs.common.messaging.settings import BackoffSettings
from libs.common.partners.webhooks import store
from libs.common.partners.webhooks.addresses import LOOPBACK, Networks
from libs.common.partners.webhooks.sending import run_send
from libs.common.partners.webhooks.settings import PartnerSettings, WebhookSettings
from tests.conftest import MakeDatabase
from tests.support.bus import eventually
from tests.support.partners import KEYS, register
from tests.support.servers import ServiceDatabase

QUICK = WebhookSettings(
    poll_seconds=0.1,
    wait_seconds=0.02,
    lease_seconds=60.0,
    answer_seconds=30.0,  # on a busy machine: what times out is told twice
    retry=BackoffSettings(0.05, 0.2),
    pause_after=5,
    probe=BackoffSettings(0.05, 0.2),
    gone_seconds=600.0,
    give_up=timedelta(hours=72),
    backoff=BackoffSettings(0.02, 0.2),
)
PARTNERS = PartnerSettings(KEYS, Networks(LOOPBACK), QUICK)
IMPATIENT = replace(PARTNERS, webhooks=replace(QUICK, answer_seconds=0.5))


@dataclass
class AheadClock(SystemClock):
    """The machine's clock, as far ahead as a test says: days pass without anybody waiting."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead

    def today(self) -> date:
        return self.now().astimezone(VIETNAM).date()


@dataclass(frozen=True)
class Credit:
    """A credit service of which only the ledger and the sender run."""

    clock: AheadClock
    database: ServiceDatabase
    api: Database
    worker: Database

    async def add_endpoint(
        self, url: str, partner: str = "nhcsxh", *, from_beginning: bool = True
    ) -> UUID:
        endpoint_id = new_id()
        async with self.api.transaction() as tx:
            await store.add(
                tx, endpoint_id, partner, url, KEYS.first(), "test", from_beginning=from_beginning
            )
            tx.wakes.add("outbox")
        return endpoint_id

    async def endpoint(self, endpoint_id: UUID) -> store.Endpoint:
        async with self.worker.transaction() as tx:
            found = await store.find(tx, endpoint_id)
        assert found is not None
        return found

    async def states(self, endpoint_id: UUID) -> dict[str, int]:
        """How many deliveries are in which state."""
        rows = await self.worker.pool.fetch(
            "SELECT state, count(*) FROM webhook_delivery WHERE endpoint_id = $1 GROUP BY 1",
            endpoint_id,
        )
        return {row[0]: row[1] for row in rows}

    async def reaches(self, endpoint_id: UUID, **states: int) -> None:
        """Wait until the deliveries are in exactly these states."""

        async def is_so() -> bool:
            return await self.states(endpoint_id) == states

        await eventually(is_so)

    async def is_paused(self, endpoint_id: UUID, why: str | None) -> None:
        """Wait until it is paused for this reason; None: until it is active."""

        async def is_so() -> bool:
            return (await self.endpoint(endpoint_id)).pause == why

        await eventually(is_so)

    @asynccontextmanager
    async def sending(self, partners: PartnerSettings = PARTNERS) -> AsyncIterator[None]:
        """The sender, for as long as it runs."""
        stop = asyncio.Event()
        task = asyncio.create_task(run_send(self.worker, "credit", partners, stop))
        try:
            yield
        finally:
            stop.set()
            await task


@pytest_asyncio.fixture
async def credit(make_database: MakeDatabase) -> AsyncIterator[Credit]:
    database, clock = await make_database("credit"), AheadClock()
    async with database.as_api(clock) as api, database.as_worker(clock) as worker:
        async with api.transaction() as tx:
            await register(tx)
        yield Credit(clock, database, api, worker)

"""The partners' periodic work: what was delivered and read is forgotten after a while."""

from datetime import timedelta

from libs.common.clock import Clock
from libs.common.database import Database
from libs.common.partners import tracing
from libs.common.partners.webhooks import store
from libs.common.partners.webhooks.settings import WebhookSettings
from libs.common.service import Tick


async def forget(database: Database, clock: Clock) -> None:
    """Delete what was settled and read long ago, in portions."""
    async with database.transaction() as tx:
        await tracing.forget(tx, clock.now() - WebhookSettings().kept)
    while True:
        async with database.transaction() as tx:
            if await store.purge(tx, clock.now() - WebhookSettings().kept) < 10_000:
                return


FORGET = Tick("partners.forget", timedelta(hours=6), forget)

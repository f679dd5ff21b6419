"""The webhooks' own periodic work: settled deliveries are forgotten after a while."""

from datetime import timedelta

from libs.common.clock import Clock
from libs.common.database import Database
from libs.common.partners.webhooks import store
from libs.common.partners.webhooks.settings import WebhookSettings
from libs.common.service import Tick


async def forget(database: Database, clock: Clock) -> None:
    """Delete what was settled long ago, in portions."""
    while True:
        async with database.transaction() as tx:
            if await store.purge(tx, clock.now() - WebhookSettings().kept) < 10_000:
                return


FORGET = Tick("partners.forget", timedelta(hours=6), forget)

"""What other registries told us is not kept for ever: it may hold persons' data."""

from datetime import timedelta

from libs.common.clock import Clock
from libs.common.database import Database
from libs.common.service import Tick
from services.registry.intake import store

KEPT = timedelta(days=30)
_PORTION = 10_000


async def forget(database: Database, clock: Clock) -> None:
    """Delete what was received long ago; a copy that comes later still is kept as new."""
    while True:
        async with database.transaction() as tx:
            if await store.purge(tx, clock.now() - KEPT) < _PORTION:
                return


FORGET = Tick("registry.intake.forget", timedelta(hours=1), forget)

"""Values move to the newest key, in batches, beside whoever reads and writes.

There is no place to remember: what is still to be done is what does not begin with the newest key's
id, so a run that was broken off goes on where it was, and values that a process with older settings
writes meanwhile are found by the next. Rows that somebody writes just now are left for the next
round, so nobody waits for anybody. To look is to read whole tables: a process that has moved what
there was looks again on the next day.
"""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date, timedelta
from uuid import UUID

from libs.common.clock import Clock
from libs.common.database import Database
from libs.common.security.encryption import KeyRing, Unreadable, Vault
from libs.common.service import VaultTick
from services.registry.vault import store
from services.registry.vault.store import ROTATED, Drawer

_BATCH = 1_000
_FIRST = UUID(int=0)
_log = logging.getLogger(__name__)


async def count_by_key(database: Database) -> dict[bytes, int]:
    """How many values are sealed under each key, by what they begin with."""
    counts: Counter[bytes] = Counter()
    async with database.transaction() as tx:
        for drawer in ROTATED:
            counts.update(await store.count_by_header(tx, drawer))
    return dict(counts)


async def rotate(
    database: Database, keys: KeyRing, tell: Callable[[int], None] = lambda done: None
) -> int:
    """Seal what is under older keys under the newest; answers how many values moved.

    Args:
        database: open on the worker role.
        tell: told after each batch how many have moved.
    """
    moved = 0
    for drawer in ROTATED:
        while True:
            before = moved
            async for count in _round(database, keys, drawer):
                moved += count
                tell(moved)
            if moved == before:
                break
    return moved


async def _round(database: Database, keys: KeyRing, drawer: Drawer) -> AsyncIterator[int]:
    """Once through a table, in the order of persons."""
    after = _FIRST
    while True:
        async with database.transaction() as tx:
            rows = await store.lock_under_other_keys(tx, drawer, keys.newest, after, _BATCH)
            renewed = {}
            for row in rows:
                about = drawer.about(row["person_id"], row["type"])
                try:
                    renewed[row["person_id"], row["sealed"]] = keys.renew(row["sealed"], about)
                except Unreadable as error:
                    name = type(error).__name__
                    _log.error("a value cannot be read", extra={"error": name, "at": drawer.table})
            count = await store.reseal(tx, drawer, renewed)
        yield count
        if not rows:
            return
        after = rows[-1]["person_id"]


class Rotation:
    """The tick, which remembers for which database and key it has moved all, and on which day."""

    def __init__(self) -> None:
        self._done: tuple[Database, bytes, date] | None = None

    async def run(self, database: Database, clock: Clock, vault: Vault) -> None:
        """Move what is left, once a day; and again after a round that was broken off."""
        now = database, vault.keys.newest, clock.today()
        if len(vault.keys.headers) > 1 and self._done != now:
            await rotate(database, vault.keys)
            self._done = now


ROTATE = VaultTick("vault.rotate", timedelta(minutes=10), Rotation().run)


def unused(counts: Mapping[bytes, int], keys: KeyRing) -> list[bytes]:
    """The older keys that are set and that no value needs any more."""
    return [header for header in keys.headers[1:] if not counts.get(header)]

"""Values move to the newest key, in batches, beside whoever reads and writes.

There is no place to remember: what is still to be done is what does not begin with the newest key's
id, so a run that was broken off goes on where it was, and values that a process with older settings
writes meanwhile are found by the next. Rows that somebody writes just now are left for the next
round, so nobody waits for anybody. Parts and pages of imports do not move, they go by themselves;
a key under which one is left is needed until then.
"""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.security.encryption import KeyRing, Unreadable, Vault
from libs.common.service import VaultTick
from services.registry.vault import store
from services.registry.vault.store import PASSING, ROTATED, Drawer

_BATCH = 1_000
_FIRST = UUID(int=0)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is sealed under each key, by what it begins with.

    Attributes:
        values: what moves to the newest key.
        passing: parts and pages of imports.
    """

    values: Mapping[bytes, int]
    passing: Mapping[bytes, int]

    @property
    def headers(self) -> Iterable[bytes]:
        return dict.fromkeys((*self.values, *self.passing))

    def under(self, header: bytes) -> int:
        return self.values.get(header, 0) + self.passing.get(header, 0)


async def count_by_key(database: Database) -> Counts:
    """How much is sealed under each key."""
    async with database.transaction() as tx:
        return Counts(await _count(tx, ROTATED), await _count(tx, PASSING))


async def _count(tx: Transaction, drawers: Iterable[Drawer]) -> Counter[bytes]:
    counts: Counter[bytes] = Counter()
    for drawer in drawers:
        counts.update(await store.count_by_header(tx, drawer))
    return counts


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


async def _rotate(database: Database, clock: Clock, vault: Vault) -> None:
    if len(vault.keys.headers) > 1:
        await rotate(database, vault.keys)


ROTATE = VaultTick("vault.rotate", timedelta(minutes=10), _rotate)


def unused(counts: Counts, keys: KeyRing) -> list[bytes]:
    """The older keys that are set and that nothing needs any more."""
    return [header for header in keys.headers[1:] if not counts.under(header)]

"""Counting every head and every cursor, no more often than it is worth.

On a ledger of millions the count takes a second or more; an operator's page asks every two. So the
last count is kept and used again while nothing was written since, and while a count would take more
than a twentieth of the time between two of them.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime

from libs.common.database import Transaction
from libs.common.messaging.operations.progress import Said, Seen, read_cursors, read_heads

_LAST_SEQ = "SELECT max(seq) FROM event_log"
_PAUSE_PER_SECOND = 20.0  # of counting
# A writer whose sequence number is not the last one may have committed without being noticed.
_LONGEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Count:
    """One count: what was said and seen, and when that was true."""

    said: Said
    cursors: Seen
    counted_at: datetime


class Counts:
    """The last count of one application."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._kept: Count | None = None
        self._mark: object = None
        self._finished = 0.0
        self._took = 0.0

    async def read(
        self, tx: Transaction, last_batch_at: datetime | None, *, fresh: bool = False
    ) -> Count:
        """What was said and seen.

        Args:
            tx: open on the service's database.
            last_batch_at: when any consumer of this service last finished something.
            fresh: count now, whatever it costs.
        """
        mark = (await tx.fetchval(_LAST_SEQ), last_batch_at)
        if self._kept is not None and not fresh and (self._lock.locked() or self._is_good(mark)):
            return self._kept
        async with self._lock:
            if self._kept is not None and not fresh and self._is_good(mark):
                return self._kept
            began = time.monotonic()
            cursors = await read_cursors(tx)  # before the heads: never too far
            kept = Count(await read_heads(tx), cursors, tx.recorded_at)
            self._kept, self._mark = kept, mark
            self._finished = time.monotonic()
            self._took = self._finished - began
            return kept

    def _is_good(self, mark: object) -> bool:
        age = time.monotonic() - self._finished
        if age > _LONGEST_SECONDS + self._took * _PAUSE_PER_SECOND:
            return False
        return mark == self._mark or age < self._took * _PAUSE_PER_SECOND

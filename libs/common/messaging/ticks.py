"""The bus's own periodic work: watch for gaps, forget old receipts, say again after a restore."""

import logging
from datetime import timedelta

from libs.common.clock import Clock
from libs.common.database import Database
from libs.common.messaging.settling import let_go
from libs.common.messaging.wishes import GAP, wish_subjects
from libs.common.service import Tick

log = logging.getLogger(__name__)

GAP_AGE = timedelta(minutes=10)
INBOX_AGE = timedelta(days=90)

# The gap's clock starts again with the wish, so that the next look does not wish again at once.
_GAPS = """
UPDATE cursor AS c SET gap_since = $2
FROM (SELECT consumer, stream, subject FROM cursor WHERE gap_since < $1
      ORDER BY consumer, stream, subject LIMIT 1000 FOR UPDATE SKIP LOCKED) AS old
WHERE c.consumer = old.consumer AND c.stream = old.stream AND c.subject = old.subject
RETURNING c.consumer, c.stream, c.subject
"""
_PURGE = (
    """
DELETE FROM inbox WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM inbox WHERE received_at < $1 LIMIT 10000))
""",
    """
DELETE FROM inbox_batch WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM inbox_batch WHERE received_at < $1 LIMIT 10000))
""",
)


async def wish_for_gaps(database: Database, clock: Clock, age: timedelta = GAP_AGE) -> int:
    """Ask for a replay of every subject that has missed a version for longer than `age`.

    Returns:
        How many subjects.
    """
    async with database.transaction() as tx:
        now = clock.now()
        rows = await tx.fetch(_GAPS, now - age, now)
        for consumer, stream in sorted({(row["consumer"], row["stream"]) for row in rows}):
            subjects = [
                row["subject"]
                for row in rows
                if row["consumer"] == consumer and row["stream"] == stream
            ]
            await wish_subjects(tx, consumer, stream, subjects, reason=GAP, at=now)
    if rows:
        log.warning("gaps: %d subjects are asked for again", len(rows))
    return len(rows)


async def forget_receipts(database: Database, clock: Clock, age: timedelta = INBOX_AGE) -> None:
    """Delete inbox rows of old; the cursors keep duplicates older than that harmless."""
    for statement in _PURGE:
        while True:
            async with database.transaction() as tx:
                if await tx.execute(statement, clock.now() - age) < 10_000:
                    break


async def _watch_gaps(database: Database, clock: Clock) -> None:
    await wish_for_gaps(database, clock)


async def _let_go(database: Database, clock: Clock) -> None:
    await let_go(database, clock)


async def _forget(database: Database, clock: Clock) -> None:
    await forget_receipts(database, clock)


TICKS = (
    Tick("messaging.gaps", timedelta(minutes=1), _watch_gaps),
    Tick("messaging.restored", timedelta(seconds=5), _let_go),
    Tick("messaging.forget", timedelta(hours=6), _forget),
)

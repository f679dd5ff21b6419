"""The bus's own periodic work: watch for gaps, forget old receipts."""

import logging
from datetime import timedelta

from libs.common import telemetry
from libs.common.clock import Clock
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.database import Database
from libs.common.database.provision import SERVICES, worker_role
from libs.common.messaging import progress
from libs.common.messaging.wishes import wish_subjects
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
# Of this role's own sessions, unless it has been granted pg_read_all_stats.
_HORIZON_AGE = """
SELECT coalesce(extract(epoch FROM max(now() - xact_start)), 0)::float8 FROM pg_stat_activity
WHERE backend_xid IS NOT NULL
"""


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
            await wish_subjects(tx, consumer, stream, subjects, reason="GAP", at=now)
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


async def _forget(database: Database, clock: Clock) -> None:
    await forget_receipts(database, clock)


async def _measure(database: Database, clock: Clock) -> None:
    """The gauges that alerts are made from."""
    async with database.transaction() as tx:
        outbox = await progress.read_outbox(tx)
        parked = await progress.read_parked(tx)
        horizon = await tx.fetchval(_HORIZON_AGE)
        role = await tx.fetchval("SELECT current_user")
    oldest = (clock.now() - outbox.oldest_at).total_seconds() if outbox.oldest_at else 0.0
    service = next((name for name in SERVICES if role == worker_role(name)), str(role))
    telemetry.gauge(telemetry.names.OUTBOX_PENDING, outbox.pending, service=service)
    telemetry.gauge(telemetry.names.OUTBOX_OLDEST_AGE, max(oldest, 0.0), service=service)
    telemetry.gauge(telemetry.names.OUTBOX_HELD, outbox.held, service=service)
    telemetry.gauge(telemetry.names.LEDGER_HORIZON_AGE, float(horizon), service=service)
    for name, subscription in SUBSCRIPTIONS.items():
        if subscription.service == service:
            count = parked[name].count if name in parked else 0
            telemetry.gauge(telemetry.names.PARKED_COUNT, count, consumer=name)


TICKS = (
    Tick("messaging.measure", timedelta(seconds=15), _measure),
    Tick("messaging.gaps", timedelta(minutes=1), _watch_gaps),
    Tick("messaging.forget", timedelta(hours=6), _forget),
)

"""Replays of this service's ledger to one consumer, and re-drives of parked events: the role
`run_replays`, beside the relay. Nobody else gets what one consumer asked for.

A ledger read by `seq` may only begin once every transaction that could still commit a lower `seq`
has ended: identity values are taken before the commit. So a replay notes the end of the ledger and
its own transaction's number (its fence), and waits until the oldest running one is younger. The end
of a snapshot would not do: it is one past the newest *completed* transaction, and who writes at or
above it runs already.
What runs without a fence is no replay but a full queue's rest (`backlog`).
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

import asyncpg

from libs.common.contracts.catalogue import SUBSCRIPTIONS, readable
from libs.common.database import Database, Transaction
from libs.common.database.provision import SERVICES
from libs.common.messaging.dead_letters import park_dead_letters
from libs.common.messaging.failures import describe, is_infrastructure
from libs.common.messaging.pace import Backoff, wait_for
from libs.common.messaging.packing import pack
from libs.common.messaging.probe import probe
from libs.common.messaging.settings import ReplaySettings
from libs.common.messaging.transport import Transport, TransportDown
from libs.common.messaging.wishes import GAP, Wish, insert_wish

log = logging.getLogger(__name__)

_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('ansinh.replay'))"
_FOREIGN = """
SELECT replay_id, producer, consumer, subjects, types, from_at, to_at, per_second, reason,
       requested_by, requested_at
FROM replay WHERE state = 'wanted' AND producer <> $1 ORDER BY requested_at LIMIT 100
"""
_PASSED_ON = "UPDATE replay SET state = 'passed_on', finished_at = $2 WHERE replay_id = $1"
# A gap watch asks again until the gap is closed. What has piled up meanwhile is one wish, and it
# waits for the one that runs: else each of many gaps would be sent as often as it was asked for.
_MERGE_GAPS = """
WITH theirs AS (
  SELECT replay_id, consumer, types, subjects, requested_at FROM replay
  WHERE state = 'wanted' AND producer = $1 AND reason = $2 AND requested_by = consumer
    AND subjects IS NOT NULL AND types IS NOT NULL
  ORDER BY replay_id FOR UPDATE
), several AS (
  SELECT consumer, types, (array_agg(replay_id ORDER BY requested_at, replay_id))[1] AS kept
  FROM theirs GROUP BY consumer, types HAVING count(*) > 1
), merged AS (
  DELETE FROM replay USING theirs JOIN several USING (consumer, types)
  WHERE replay.replay_id = theirs.replay_id AND theirs.replay_id <> several.kept
)
UPDATE replay SET subjects = (
  SELECT array_agg(DISTINCT subject) FROM theirs, unnest(theirs.subjects) AS subject
  WHERE (theirs.consumer, theirs.types) = (several.consumer, several.types))
FROM several WHERE replay.replay_id = several.kept
"""
_BEGIN = """
UPDATE replay SET state = 'running', started_at = $2,
  end_seq = (SELECT coalesce(max(seq), 0) FROM event_log),
  fence = pg_current_xact_id()
WHERE state = 'wanted' AND producer = $1
  AND NOT (reason = $3 AND requested_by = consumer AND EXISTS (
    SELECT FROM replay AS other
    WHERE other.state = 'running' AND other.producer = $1 AND other.reason = $3
      AND (other.consumer, other.types) = (replay.consumer, replay.types)))
"""
_OPEN = """
SELECT replay_id, consumer FROM replay WHERE state = 'running' AND producer = $1
  AND fence <= pg_snapshot_xmin(pg_current_snapshot())
ORDER BY requested_at
"""
_ONE = """
SELECT replay_id, consumer, subjects, types, from_at, to_at, per_second, last_seq, end_seq, total
FROM replay WHERE replay_id = $1 AND state = 'running'
"""
_WANTED = """
FROM event_log WHERE seq > $1 AND seq <= $2 AND type = ANY($3::text[])
  AND ($4::timestamptz IS NULL OR recorded_at >= $4)
  AND ($5::timestamptz IS NULL OR recorded_at < $5)
"""
_COUNT_SECONDS = 20.0  # of a look at the whole ledger; what takes longer has no known total
_COUNT = f"SELECT count(*) {_WANTED} AND ($6::uuid[] IS NULL OR subject = ANY($6))"
_PAGE = f"SELECT seq, type, body {_WANTED} ORDER BY seq LIMIT $6"
# The subjects' own index first: the planner would rather walk the whole ledger in its order.
_PAGE_OF_SUBJECTS = f"""
WITH theirs AS MATERIALIZED (SELECT seq {_WANTED} AND subject = ANY($6::uuid[]))
SELECT seq, type, body
FROM (SELECT seq FROM theirs ORDER BY seq LIMIT $7) AS page JOIN event_log USING (seq) ORDER BY seq
"""
_RECORDED_AT = "SELECT recorded_at FROM event_log WHERE seq >= $1 ORDER BY seq LIMIT 1"
# Numbers are taken while transactions run, so the order of `seq` is not quite that of the days.
_DISORDER = timedelta(days=1)
_GIVE_UP = """
UPDATE replay SET state = 'cancelled', finished_at = $2, last_error = $3 WHERE replay_id = $1
"""
_PROGRESS = """
UPDATE replay SET last_seq = $2, sent = sent + $3, total = $4,
  state = CASE WHEN $5 AND state = 'running' THEN 'done' ELSE state END,
  finished_at = CASE WHEN $5 THEN $6::timestamptz ELSE finished_at END
WHERE replay_id = $1
"""
_SELECT = """
SELECT replay_id, producer, consumer, state, sent, total, reason, requested_by, requested_at,
       started_at, finished_at
FROM replay
"""
_NEWEST = f"""{_SELECT}
WHERE $1::uuid[] IS NULL OR replay_id = ANY($1) ORDER BY requested_at DESC LIMIT $2
"""
_UNFINISHED = f"{_SELECT} WHERE state IN ('wanted', 'running') ORDER BY requested_at LIMIT 100"
_REDRIVE = """
SELECT parked_id, consumer, event_id, type, body FROM parked_message
WHERE state = 'redrive' AND consumer = ANY($1::text[])
ORDER BY parked_id LIMIT 500 FOR UPDATE SKIP LOCKED
"""
_FULL_SECONDS = 0.5  # between looks at a replay lane that has no room
_REDRIVEN = "UPDATE parked_message SET state = 'redriven' WHERE parked_id = ANY($1::uuid[])"


async def run_replays(
    database: Database,
    transport: Transport,
    service: str,
    stop: asyncio.Event,
    settings: ReplaySettings | None = None,
) -> None:
    """Perform wishes and re-drives until stopped."""
    chosen = settings or ReplaySettings()
    backoff = Backoff(chosen.backoff)
    is_sure = False  # that what is fetched from the bus can be kept
    while not stop.is_set():
        try:
            if not is_sure:
                await probe(database)
                is_sure = True
            pause = await replay_once(database, transport, service, chosen)
        except Exception as error:
            if not is_infrastructure(error):
                raise
            log.warning("replays of %s back off: %s", service, type(error).__name__)
            is_sure = False
            await backoff.pause(stop)
            continue
        backoff.reset()
        await wait_for(stop, chosen.poll_seconds if pause is None else pause)


async def replay_once(
    database: Database, transport: Transport, service: str, settings: ReplaySettings
) -> float | None:
    """One round: take wishes, pass on others', re-drive, send a page of each open replay.

    Returns:
        How long the rate limits ask to wait before the next page; None when nothing is open.

    Raises:
        Exception: the database, the bus, or all that replays go to is down.
    """

    async def keep(wish: bytes) -> None:
        try:
            async with database.transaction() as tx:
                await insert_wish(tx, wish)
        except Exception as error:
            if is_infrastructure(error):
                raise
            log.error("a wish for %s that cannot be read is dropped: %s", service, describe(error))

    await transport.take_wishes(service, keep)
    await park_dead_letters(database, transport, service)
    async with database.transaction() as tx:
        if not await tx.fetchval(_LOCK):
            return None
        await _pass_on(tx, transport, service)
        await _redrive(tx, transport, settings)
        await tx.execute(_MERGE_GAPS, service, GAP)
        await tx.execute(_BEGIN, service, tx.recorded_at, GAP)
    async with database.transaction() as tx:  # a new one: those just begun wait for the other
        replays = {row["replay_id"]: row["consumer"] for row in await tx.fetch(_OPEN, service)}
    return await _send_pages(database, transport, replays, settings)


async def cancel(tx: Transaction, replay_id: UUID) -> bool:
    """Stop a replay; what has been sent stays sent. Answers whether it was still open.

    The rest of a full queue (`backlog`) is no replay that can be stopped: it would be lost.
    """
    return bool(
        await tx.execute(
            "UPDATE replay SET state = 'cancelled', finished_at = $2 WHERE replay_id = $1"
            " AND (state = 'wanted' OR state = 'running' AND fence IS NOT NULL)",
            replay_id,
            tx.recorded_at,
        )
    )


async def list_newest(
    tx: Transaction, replay_ids: Sequence[UUID] | None = None, limit: int = 100
) -> list[asyncpg.Record]:
    """Replays and passed-on wishes of this service, newest first: all, or of these."""
    return await tx.fetch(_NEWEST, None if replay_ids is None else list(replay_ids), limit)


async def list_open(tx: Transaction) -> list[asyncpg.Record]:
    """Those that are not finished, oldest first."""
    return await tx.fetch(_UNFINISHED)


async def _pass_on(tx: Transaction, transport: Transport, service: str) -> None:
    silent = set[str]()
    for row in await tx.fetch(_FOREIGN, service):
        wish = Wish.model_validate(dict(row))
        if wish.producer not in SERVICES:
            log.error("replay %s is given up: no such producer", wish.replay_id)
            await tx.execute(_GIVE_UP, wish.replay_id, tx.recorded_at, "UNKNOWN_PRODUCER")
        elif wish.producer not in silent:
            try:
                await transport.pass_on(wish.producer, wish.model_dump_json().encode())
            except TransportDown:
                silent.add(wish.producer)  # the others may hear
                log.warning("wishes for %s wait: it does not answer", wish.producer)
            else:
                await tx.execute(_PASSED_ON, wish.replay_id, tx.recorded_at)


async def _redrive(tx: Transaction, transport: Transport, settings: ReplaySettings) -> None:
    rows = await tx.fetch(_REDRIVE, list(SUBSCRIPTIONS))
    for consumer in {row["consumer"] for row in rows}:
        packed = pack(
            [(0, row["type"] or "", row["body"]) for row in rows if row["consumer"] == consumer],
            most_events=1,  # a broken one must not break its neighbours again
            most_bytes=settings.message_bytes,
            headers={"redrive": "1"},
        )
        await transport.send_replay(SUBSCRIPTIONS[consumer], [entry.message for entry in packed])
    if rows:
        await tx.execute(_REDRIVEN, [row["parked_id"] for row in rows])


async def _send_pages(
    database: Database,
    transport: Transport,
    replays: Mapping[UUID, str],
    settings: ReplaySettings,
) -> float | None:
    """A page of each, in a transaction of its own: one that fails does not stop the others."""
    pauses: list[float] = []
    full: dict[str, bool] = {}
    down: Exception | None = None
    for replay_id, consumer in replays.items():
        try:
            if consumer not in full:
                full[consumer] = bool(await transport.full([consumer], replay=True))
            if full[consumer]:
                continue
            async with database.transaction() as tx:
                if not await tx.fetchval(_LOCK):
                    return None
                row = await tx.fetchrow(_ONE, replay_id)
                if row is not None:
                    pauses.append(await _send_page(tx, transport, row, settings))
        except Exception as error:
            if is_infrastructure(error):
                log.warning("replay %s waits: %s", replay_id, type(error).__name__)
                down = error
                continue
            log.error("replay %s is given up: %s", replay_id, describe(error))
            async with database.transaction() as tx:
                await tx.execute(_GIVE_UP, replay_id, tx.recorded_at, describe(error))
    if down is not None and not pauses:
        raise down
    return max(pauses, default=_FULL_SECONDS if any(full.values()) else None)


async def _send_page(
    tx: Transaction, transport: Transport, row: Any, settings: ReplaySettings
) -> float:
    subscription = SUBSCRIPTIONS[row["consumer"]]
    types = [
        name for name in readable(subscription) if row["types"] is None or name in row["types"]
    ]
    which = (types, row["from_at"], row["to_at"])
    subjects, end, total = row["subjects"], row["end_seq"], row["total"]
    last = row["last_seq"]
    if not last:
        last = await _before(tx, end, row["from_at"], settings.page_rows)
        if total is None:
            total = await _count(tx, last, end, *which, subjects)
    limit = min(settings.page_events, row["per_second"])
    if subjects is None:
        end = min(end, last + settings.page_rows)
        page = await tx.fetch(_PAGE, last, end, *which, limit)
    else:
        page = await tx.fetch(_PAGE_OF_SUBJECTS, last, end, *which, subjects, limit)
    if page:
        # By type, because versions decide and not the order: else most messages hold one event,
        # and a lane's room is counted in messages.
        packed = pack(
            sorted(page, key=itemgetter("type")),  # type: ignore[arg-type]  # columns: a triple
            most_events=settings.message_events,
            most_bytes=settings.message_bytes,
            headers={"replay_id": str(row["replay_id"])},
        )
        await transport.send_replay(subscription, [entry.message for entry in packed])
    last = page[-1]["seq"] if len(page) == limit else end
    is_done = last >= row["end_seq"]
    await tx.execute(_PROGRESS, row["replay_id"], last, len(page), total, is_done, tx.recorded_at)
    return 0.0 if is_done else len(page) / float(row["per_second"])


async def _before(tx: Transaction, end: int, day: datetime | None, rows: int) -> int:
    """A number up to which nothing was recorded on that day or later, within some rows."""
    low, high = 0, end
    while day is not None and high - low > rows:
        middle = (low + high) // 2
        recorded_at = await tx.fetchval(_RECORDED_AT, middle)
        if recorded_at < day - _DISORDER:
            low = middle
        else:
            high = middle
    return low


async def _count(tx: Transaction, *which: Any) -> int | None:
    """How many events it will be; None where it takes too long to say."""
    try:
        async with tx.connection.transaction():
            found: int = await tx.fetchval(_COUNT, *which, seconds=_COUNT_SECONDS)
            return found
    except TimeoutError:
        return None

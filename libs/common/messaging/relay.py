"""Outbox to transport. Any number of replicas, no leader: whoever gets the lock publishes.

The lock lives as long as the claim's transaction, so there is nothing to fence. A failure of the
bus changes no row; a failure of one row never stops other subjects; a consumer whose queue is full
never stops other consumers (`backlog`).
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from libs.common import faults, telemetry
from libs.common.contracts.catalogue import subscribers
from libs.common.database import Database, Transaction
from libs.common.messaging import backlog
from libs.common.messaging.failures import is_infrastructure
from libs.common.messaging.pace import Backoff, Bell, ringing, wait_for
from libs.common.messaging.packing import Packed, pack
from libs.common.messaging.settings import RelaySettings
from libs.common.messaging.transport import TOO_LARGE, Publisher, Transport, TransportDown

log = logging.getLogger(__name__)

_LOCK = """
SELECT pg_try_advisory_xact_lock(hashtext('ansinh.outbox')),
       EXISTS (SELECT FROM replay WHERE state = 'running' AND fence IS NULL)
"""
# Not SKIP LOCKED: two relays would interleave one subject's rows. Later rows of a subject wait for
# one that is being tried again; a held one no longer blocks them, because events carry full state.
_CLAIM = """
WITH waiting AS MATERIALIZED (
  SELECT log.stream, log.subject, min(seq) AS seq FROM outbox JOIN event_log AS log USING (seq)
  WHERE attempts > 0 AND NOT held AND next_attempt_at > now()
  GROUP BY log.stream, log.subject
), due AS (
  SELECT seq FROM outbox WHERE NOT held AND next_attempt_at <= now() ORDER BY seq LIMIT $1
), claimed AS (
  SELECT seq, log.type, log.body, log.traceparent,
         sum(octet_length(log.body)) OVER (ORDER BY seq) AS bytes
  FROM due JOIN event_log AS log USING (seq)
  WHERE NOT EXISTS (SELECT FROM waiting WHERE waiting.stream = log.stream
                    AND waiting.subject = log.subject AND waiting.seq < due.seq)
)
SELECT seq, type, body, traceparent FROM claimed WHERE bytes - octet_length(body) < $2 ORDER BY seq
"""
_CONFIRM = "DELETE FROM outbox WHERE seq = ANY($1::bigint[])"
_FAIL = """
UPDATE outbox SET attempts = attempts + 1, last_error = failed.reason, held = attempts + 1 >= $3,
  next_attempt_at = now() + least($4 * power(2, attempts), $5) * interval '1 second'
FROM unnest($1::bigint[], $2::text[]) AS failed(seq, reason) WHERE outbox.seq = failed.seq
RETURNING outbox.seq, held
"""


async def run_relay(
    database: Database,
    transport: Transport,
    service: str,
    stop: asyncio.Event,
    settings: RelaySettings | None = None,
) -> None:
    """Publish the service's outbox until stopped; ends between two claims."""
    chosen = settings or RelaySettings()
    backoff = Backoff(chosen.backoff)
    async with Bell(database.dsn, "outbox") as bell, transport.publisher() as publisher:
        wake = bell.event()
        async with ringing(stop, wake):
            while not stop.is_set():
                wake.clear()
                try:
                    is_full = await relay_once(database, transport, publisher, service, chosen)
                except Exception as error:
                    if not is_infrastructure(error):
                        raise
                    log.warning("relay of %s backs off: %s", service, type(error).__name__)
                    await backoff.pause(stop)
                    continue
                backoff.reset()
                if not is_full:
                    await wait_for(wake, chosen.poll_seconds)


async def relay_once(
    database: Database,
    transport: Transport,
    publisher: Publisher,
    service: str,
    settings: RelaySettings,
) -> bool:
    """One claim; answers whether more is surely waiting.

    Raises:
        TransportDown: the bus is down; no row has changed.
    """
    async with database.transaction() as tx:
        [(is_ours, has_backlog)] = await tx.fetch(_LOCK)
        if not is_ours:
            return False
        backlogs = await backlog.read(tx) if has_backlog else {}
        rows: list[Any] = await tx.fetch(_CLAIM, settings.claim_rows, settings.claim_bytes)
        if not rows and not backlogs:
            return False
        readers = {one.consumer for row in rows for one in subscribers(row["type"])}
        full = await transport.full(readers | backlogs.keys())
        behind = await backlog.send_on(tx, transport, backlogs, full, settings)
        if rows:
            leave_out = {
                one
                for one in readers & (full | behind.keys())
                # What is committed late, behind what was sent, is not covered: it goes straight.
                if one not in behind or behind[one].last_seq < rows[0]["seq"]
            }
            confirmed = await _send(tx, publisher, rows, leave_out, settings)
            if confirmed and leave_out:
                left = [(row["seq"], row["type"]) for row in rows if row["seq"] in confirmed]
                await backlog.leave(tx, service, leave_out, behind, left)
    faults.at("after_relay_commit")
    size = sum(len(row["body"]) for row in rows)
    is_full = len(rows) >= settings.claim_rows or size >= settings.claim_bytes
    return is_full or behind != backlogs


async def _send(
    tx: Transaction,
    publisher: Publisher,
    rows: Sequence[Any],
    leave_out: Collection[str],
    settings: RelaySettings,
) -> set[int]:
    """Publish what was claimed and settle its rows; answers which are confirmed."""
    faults.at("after_claim")
    packed = pack(
        ((row["seq"], row["type"], row["body"]) for row in rows),
        most_events=settings.message_events,
        most_bytes=settings.message_bytes,
    )
    with telemetry.publish_span(
        (row["traceparent"] for row in rows),
        {**publisher.about(_types(packed)), telemetry.names.BATCH_COUNT: len(packed)},
    ) as span:
        results = await _publish(publisher, packed, leave_out, settings)
        if refused := [reason for reason in results if reason is not None]:
            telemetry.mark_failed(span, refused[0])
    faults.at("after_confirm")
    confirmed: list[int] = []
    failed: list[tuple[int, str]] = []
    for entry, reason in zip(packed, results, strict=True):
        if reason is None:
            confirmed += entry.seqs
        else:
            failed += [(seq, reason) for seq in entry.seqs]
    if confirmed:
        await tx.execute(_CONFIRM, confirmed)
    if failed:
        held = await tx.fetch(
            _FAIL,
            [seq for seq, _ in failed],
            [reason for _, reason in failed],
            settings.row_attempts,
            settings.row_backoff.first_seconds,
            settings.row_backoff.most_seconds,
        )
        log.error(
            "outbox rows not taken: %d (%s), held: %d",
            len(failed),
            failed[0][1],
            sum(row["held"] for row in held),
        )
    return set(confirmed)


async def _publish(
    publisher: Publisher,
    packed: list[Packed],
    leave_out: Collection[str],
    settings: RelaySettings,
) -> list[str | None]:
    started = time.perf_counter()
    small = [entry for entry in packed if len(entry.message.body) <= settings.largest_bytes]
    try:
        async with asyncio.timeout(settings.publish_seconds):
            results = iter(await publisher.publish([entry.message for entry in small], leave_out))
    except TimeoutError as error:
        _count(publisher, small, started, error="timeout")
        await publisher.reset()  # what is still in flight may arrive; its confirms must not mix
        raise TransportDown("publish timed out") from error
    except TransportDown:
        _count(publisher, small, started, error="transport_down")
        raise
    sent = {id(entry) for entry in small}
    found = [next(results) if id(entry) in sent else TOO_LARGE for entry in packed]
    _count(publisher, packed, started, found)
    return found


def _count(
    publisher: Publisher,
    packed: list[Packed],
    started: float,
    results: Sequence[str | None] = (),
    error: str | None = None,
) -> None:
    seconds = time.perf_counter() - started
    refused = Counter(reason for reason in results if reason is not None)
    telemetry.count_published(
        publisher.about(_types(packed)),
        len(packed) - refused.total(),
        seconds,
        refused=refused,
        error=error,
    )


def _types(packed: list[Packed]) -> set[str]:
    return {entry.message.type for entry in packed}

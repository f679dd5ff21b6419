"""Every statement on endpoints, their place in the ledger, and deliveries."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from libs.common.partners.webhooks.keys import Secret

_ENDPOINT = """
SELECT endpoint_id, partner, url, secrets, state, pause, paused_at, probe_at, failures,
       last_success_at, last_failure_at, last_status, last_error, created_at
FROM webhook_endpoint
"""
_IN_USE = f"{_ENDPOINT} WHERE state <> 'removed' ORDER BY endpoint_id"
_ONE = f"{_ENDPOINT} WHERE endpoint_id = $1 AND state <> 'removed'"
_ONE_LOCKED = f"{_ONE} FOR UPDATE"
_OF_PARTNER = f"{_ENDPOINT} WHERE partner = $1 AND state <> 'removed' ORDER BY endpoint_id"
_INSERT = """
INSERT INTO webhook_endpoint (endpoint_id, partner, url, secrets, created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_INSERT_CURSOR = "INSERT INTO webhook_cursor (endpoint_id, seq) VALUES ($1, $2)"
_INSERT_BARE = """
INSERT INTO webhook_endpoint (endpoint_id, partner, url, secrets, created_at, created_by)
SELECT new.endpoint_id, $2, new.url, '[]', $4, $5
FROM unnest($1::uuid[], $3::text[]) AS new(endpoint_id, url)
"""
_INSERT_CURSORS = """
INSERT INTO webhook_cursor (endpoint_id, seq)
SELECT endpoint_id, (SELECT coalesce(max(seq), 0) FROM event_log)
FROM unnest($1::uuid[]) AS new(endpoint_id)
"""
_REMOVE = """
UPDATE webhook_endpoint SET state = 'removed', pause = NULL WHERE endpoint_id = ANY($1::uuid[])
"""
_LAST_SEQ = "SELECT coalesce(max(seq), 0) FROM event_log"
_SECRETS = "UPDATE webhook_endpoint SET secrets = $2 WHERE endpoint_id = $1"
_PAUSE = """
UPDATE webhook_endpoint SET state = 'paused', pause = $2, paused_at = coalesce(paused_at, $3),
  probe_at = $4
WHERE endpoint_id = $1 AND state <> 'removed'
"""
_RESUME = """
UPDATE webhook_endpoint SET state = 'active', pause = NULL, paused_at = NULL, failures = 0
WHERE endpoint_id = $1 AND state = 'paused'
"""
# What waits for its next attempt need not wait once the endpoint answers again; and how long it was
# paused says nothing against a delivery that was tried before or meanwhile. What is on the road
# (claimed, and nothing has come of it yet) keeps its lease: a second sender would cross the first.
_HURRY = """
UPDATE webhook_delivery AS kept SET
  next_attempt_at = CASE WHEN attempts > 0 AND kept.last_status IS NULL AND kept.last_error IS NULL
    THEN kept.next_attempt_at ELSE '-infinity' END,
  first_attempt_at = first_attempt_at + least(
    $2::timestamptz - first_attempt_at, coalesce($2::timestamptz - endpoint.paused_at, '0'))
FROM webhook_endpoint AS endpoint
WHERE kept.endpoint_id = $1 AND endpoint.endpoint_id = $1 AND kept.state = 'pending'
  AND (kept.next_attempt_at > $2 OR kept.first_attempt_at IS NOT NULL)
"""
_REWIND = """
UPDATE webhook_cursor SET seq = least(seq, coalesce(
  (SELECT min(seq) - 1 FROM event_log WHERE recorded_at >= $2), seq))
WHERE endpoint_id = $1 RETURNING seq
"""
_RETRY_FAILED = """
UPDATE webhook_delivery SET state = 'pending', attempts = 0, next_attempt_at = '-infinity',
  first_attempt_at = NULL, settled_at = NULL
WHERE endpoint_id = $1 AND state = 'failed'
"""
_FAILED = """
SELECT seq, event_id, stream, subject, recorded_at, attempts, first_attempt_at, settled_at,
       last_status, last_error
FROM webhook_delivery WHERE endpoint_id = $1 AND state = 'failed' AND seq > $2
ORDER BY seq LIMIT $3
"""
# Another process plans for this endpoint just now: leave it to that one.
_CURSOR = "SELECT seq FROM webhook_cursor WHERE endpoint_id = $1 FOR UPDATE SKIP LOCKED"
_MOVE = "UPDATE webhook_cursor SET seq = $2 WHERE endpoint_id = $1"
_PENDING = """
SELECT count(*) FROM (
  SELECT FROM webhook_delivery WHERE endpoint_id = $1 AND state = 'pending' LIMIT $2) AS pending
"""
# An event that was settled before comes again only after a replay has set the cursor back.
_PLAN = """
INSERT INTO webhook_delivery AS kept (endpoint_id, seq, event_id, stream, subject, recorded_at)
SELECT $1, * FROM unnest($2::bigint[], $3::uuid[], $4::text[], $5::uuid[], $6::timestamptz[])
ON CONFLICT (endpoint_id, seq) DO UPDATE SET state = 'pending', attempts = 0,
  next_attempt_at = '-infinity', first_attempt_at = NULL, settled_at = NULL,
  event_id = excluded.event_id, stream = excluded.stream, subject = excluded.subject,
  recorded_at = excluded.recorded_at
WHERE kept.state <> 'pending'
"""
# Only the first open delivery of a subject is ever on the road: so they arrive in order. It is
# judged again under its lock, since another process may have come before. The number of attempts
# fences a claim whose lease has run out. A probe takes what was tried least, and what has failed
# ten times comes last: what the partner cannot take must not be all that it is asked for. (An
# anti-join instead took half a second at 2,000 rows.)
_CLAIM = """
WITH heads AS (
  SELECT DISTINCT ON (subject, stream) seq, attempts, next_attempt_at FROM webhook_delivery
  WHERE endpoint_id = $1 AND state = 'pending' ORDER BY subject, stream, seq
), due AS (
  SELECT seq FROM webhook_delivery WHERE endpoint_id = $1
    AND seq = ANY (ARRAY(SELECT seq FROM heads WHERE $5 OR next_attempt_at <= $2
                         ORDER BY CASE WHEN $5 OR attempts >= 10 THEN attempts ELSE 0 END, seq
                         LIMIT $4))
    AND state = 'pending' AND ($5 OR next_attempt_at <= $2)
  ORDER BY seq FOR UPDATE SKIP LOCKED
)
UPDATE webhook_delivery AS kept SET attempts = attempts + 1, next_attempt_at = $2::timestamptz + $3,
  first_attempt_at = coalesce(first_attempt_at, $2), last_status = NULL, last_error = NULL
FROM due
WHERE kept.endpoint_id = $1 AND kept.seq = due.seq
RETURNING kept.seq, kept.attempts, kept.first_attempt_at
"""
_BODIES = """
SELECT seq, event_id, stream, subject, version, type, body, recorded_at, traceparent
FROM event_log WHERE seq = ANY($1::bigint[]) ORDER BY seq
"""
_SETTLE = """
UPDATE webhook_delivery AS kept SET state = new.state, attempts = kept.attempts - new.unused,
  next_attempt_at = new.next_at, last_status = new.status, last_error = new.error,
  settled_at = CASE WHEN new.state = 'pending' THEN NULL ELSE $2::timestamptz END,
  first_attempt_at = CASE WHEN kept.attempts = new.unused THEN NULL ELSE kept.first_attempt_at END
FROM unnest($3::bigint[], $4::integer[], $5::text[], $6::integer[], $7::timestamptz[],
            $8::integer[], $9::text[])
  AS new(seq, attempts, state, unused, next_at, status, error)
WHERE kept.endpoint_id = $1 AND kept.seq = new.seq AND kept.attempts = new.attempts
  AND kept.state = 'pending'
"""
_SUCCEEDED = """
UPDATE webhook_endpoint SET last_success_at = $2, failures = 0, last_status = $3, last_error = NULL
WHERE endpoint_id = $1
"""
_FAILED_NOW = """
UPDATE webhook_endpoint SET last_failure_at = $2, failures = failures + $3, last_status = $4,
  last_error = $5
WHERE endpoint_id = $1 RETURNING failures
"""
# What waits behind the first delivery of its subject is not due, whatever it says itself.
_NEXT = """
SELECT min(greatest(next_attempt_at, $2)) FROM (
  SELECT DISTINCT ON (subject, stream) next_attempt_at FROM webhook_delivery
  WHERE endpoint_id = $1 AND state = 'pending' ORDER BY subject, stream, seq) AS heads
"""
# What was given up stays until an operator says that it need not be told: it is withheld then. What
# nobody will ever be told, because its endpoint was removed, goes as what has arrived does.
_PURGE = """
DELETE FROM webhook_delivery WHERE ctid = ANY (ARRAY(
  SELECT kept.ctid FROM webhook_delivery AS kept
  WHERE settled_at < $1 AND state IN ('delivered', 'withheld')
  UNION ALL
  SELECT kept.ctid FROM webhook_endpoint AS gone JOIN webhook_delivery AS kept USING (endpoint_id)
  WHERE gone.state = 'removed' AND kept.state IN ('pending', 'failed')
    AND coalesce(kept.settled_at, kept.first_attempt_at, kept.recorded_at) < $1
  LIMIT 10000))
"""
_GIVE_UP_FOR_GOOD = """
UPDATE webhook_delivery SET state = 'withheld' WHERE endpoint_id = $1 AND state = 'failed'
RETURNING subject
"""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a partner wants to be told, and how that goes."""

    endpoint_id: UUID
    partner: str
    url: str
    secrets: tuple[Secret, ...]
    state: str
    pause: str | None
    paused_at: datetime | None
    probe_at: datetime
    failures: int
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_status: int | None
    last_error: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours for the length of the lease."""

    seq: int
    attempts: int
    first_attempt_at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a claimed delivery.

    Attributes:
        state: `delivered`, `withheld` (no longer in scope, or an operator said that it need not be
            told), `failed` (given up) or `pending`.
        next_at: of the next attempt, where it is pending.
        is_unused: nothing was tried after all.
    """

    seq: int
    attempts: int
    state: str
    next_at: datetime
    status: int | None = None
    error: str | None = None
    is_unused: bool = False


def _endpoint(row: asyncpg.Record) -> Endpoint:
    given: dict[str, Any] = dict(row)
    return Endpoint(**given | {"secrets": tuple(Secret.of(one) for one in row["secrets"])})


async def list_in_use(tx: Transaction) -> list[Endpoint]:
    return [_endpoint(row) for row in await tx.fetch(_IN_USE)]


async def list_of(tx: Transaction, partner: str) -> list[Endpoint]:
    return [_endpoint(row) for row in await tx.fetch(_OF_PARTNER, partner)]


async def find(tx: Transaction, endpoint_id: UUID, *, lock: bool = False) -> Endpoint | None:
    """The endpoint, unless it was removed; `lock` keeps it from others' changes."""
    row = await tx.fetchrow(_ONE_LOCKED if lock else _ONE, endpoint_id)
    return None if row is None else _endpoint(row)


async def add(
    tx: Transaction,
    endpoint_id: UUID,
    partner: str,
    url: str,
    secrets: Iterable[Secret],
    by: str,
    *,
    from_beginning: bool,
) -> None:
    """A new endpoint that is told from the ledger's beginning, or of what comes from now on."""
    kept = [one.as_json() for one in secrets]
    await tx.execute(_INSERT, endpoint_id, partner, url, kept, tx.recorded_at, by)
    seq = 0 if from_beginning else await tx.fetchval(_LAST_SEQ)
    await tx.execute(_INSERT_CURSOR, endpoint_id, seq)


async def add_without_secrets(
    tx: Transaction,
    partner: str,
    endpoints: Sequence[tuple[UUID, str]],
    by: str,
    *,
    is_of_ledger: bool,
) -> None:
    """New endpoints, (id, URL) each, whose cargo is signed in a way of its own.

    Args:
        is_of_ledger: they are told of what comes from now on; else of what is planned for them.
    """
    ids, urls = [one[0] for one in endpoints], [one[1] for one in endpoints]
    await tx.execute(_INSERT_BARE, ids, partner, urls, tx.recorded_at, by)
    if is_of_ledger:
        await tx.execute(_INSERT_CURSORS, ids)


async def keep_secrets(tx: Transaction, endpoint_id: UUID, secrets: Iterable[Secret]) -> None:
    await tx.execute(_SECRETS, endpoint_id, [one.as_json() for one in secrets])


async def pause(
    tx: Transaction, endpoint_id: UUID, why: str, at: datetime, probe_at: datetime
) -> None:
    """Send no more than a probe from time to time; `operator`: not even that. One that is paused
    already has been so since before."""
    await tx.execute(_PAUSE, endpoint_id, why, at, probe_at)


async def resume(tx: Transaction, endpoint_id: UUID, now: datetime) -> None:
    """Send again, and at once what has been waiting."""
    await tx.execute(_HURRY, endpoint_id, now)
    await tx.execute(_RESUME, endpoint_id)


async def remove(tx: Transaction, *endpoint_ids: UUID) -> None:
    await tx.execute(_REMOVE, list(endpoint_ids))


async def rewind(tx: Transaction, endpoint_id: UUID, since: datetime) -> int | None:
    """Have everything sent again that was recorded from then on; answers the new position, None
    where the endpoint is told of no ledger."""
    found: int | None = await tx.fetchval(_REWIND, endpoint_id, since)
    return found


async def retry_failed(tx: Transaction, endpoint_id: UUID) -> int:
    """Have given up deliveries tried again; answers how many."""
    return await tx.execute(_RETRY_FAILED, endpoint_id)


async def give_up_for_good(tx: Transaction, endpoint_id: UUID) -> list[UUID]:
    """What was given up need not be told any more, and is forgotten with the rest; answers whose it
    was, once for each delivery."""
    return [row["subject"] for row in await tx.fetch(_GIVE_UP_FOR_GOOD, endpoint_id)]


async def list_failed(
    tx: Transaction, endpoint_id: UUID, after: int, limit: int
) -> list[asyncpg.Record]:
    return await tx.fetch(_FAILED, endpoint_id, after, limit)


async def lock_position(tx: Transaction, endpoint_id: UUID) -> int | None:
    """Up to which row deliveries are planned; None: somebody else is at it."""
    found: int | None = await tx.fetchval(_CURSOR, endpoint_id)
    return found


async def count_pending(tx: Transaction, endpoint_id: UUID, most: int) -> int:
    return int(await tx.fetchval(_PENDING, endpoint_id, most))


async def plan(
    tx: Transaction, endpoint_id: UUID, upto: int | None, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Note deliveries, (seq, event, stream, subject, recorded at) each, and move the position.

    Args:
        upto: None for an endpoint outside the ledger, which has no position.
    """
    if rows:
        await tx.execute(_PLAN, endpoint_id, *zip(*rows, strict=True))
    if upto is not None:
        await tx.execute(_MOVE, endpoint_id, upto)


async def claim(
    tx: Transaction, endpoint_id: UUID, lease: timedelta, most: int, *, is_probe: bool
) -> list[Claimed]:
    """Take due deliveries; a probe takes what it takes whether it is due or not."""
    rows = await tx.fetch(_CLAIM, endpoint_id, tx.recorded_at, lease, most, is_probe)
    return sorted((Claimed(*row) for row in rows), key=lambda one: one.seq)


async def read_events(tx: Transaction, seqs: Sequence[int]) -> list[asyncpg.Record]:
    return await tx.fetch(_BODIES, list(seqs))


async def settle(tx: Transaction, endpoint_id: UUID, settled: Sequence[Settled]) -> None:
    rows = [
        (s.seq, s.attempts, s.state, int(s.is_unused), s.next_at, s.status, s.error)
        for s in settled
    ]
    if rows:
        await tx.execute(_SETTLE, endpoint_id, tx.recorded_at, *zip(*rows, strict=True))


async def note_success(tx: Transaction, endpoint_id: UUID, status: int | None) -> None:
    await tx.execute(_SUCCEEDED, endpoint_id, tx.recorded_at, status)


async def note_failures(
    tx: Transaction, endpoint_id: UUID, count: int, status: int | None, error: str | None
) -> int:
    """Answers how many there have been in a row."""
    return int(await tx.fetchval(_FAILED_NOW, endpoint_id, tx.recorded_at, count, status, error))


async def next_attempt_at(tx: Transaction, endpoint_id: UUID) -> datetime | None:
    """When the next planned delivery is due, now at the earliest; None: there is none."""
    found: datetime | None = await tx.fetchval(_NEXT, endpoint_id, tx.recorded_at)
    return found


async def purge(tx: Transaction, before: datetime) -> int:
    """Forget deliveries that were settled before, and those before that nobody will ever get;
    answers how many, 10,000 at most."""
    return await tx.execute(_PURGE, before)

"""How far everything is, from the databases alone: whether all that was said has been received.

A consumer is complete for a stream when it knows every subject and the numbers of its versions add
up to those of the producer's heads, in each generation. Subjects that a restore left owed stand on
neither side: their producer names them, and what others have seen of them is taken off
(`read_cursors_of`). Compare upstream first: a handler that is still behind has yet to speak.
Everything here works on sets; only `read_heads` and `read_cursors` cost more where a ledger is
larger, see `libs.common.messaging.operations.counts`.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from libs.common.messaging.generations import GENERATION

RECENT = timedelta(seconds=30)
Key = TypeVar("Key")

_COUNTED = f"""version / {GENERATION}, count(*) FILTER (WHERE version % {GENERATION} > 0),
       sum(version % {GENERATION})::bigint"""
_HEADS = f"""
SELECT stream, {_COUNTED}, array_agg(subject) FILTER (WHERE version % {GENERATION} = 0)
FROM stream_head WHERE version > 0 GROUP BY 1, 2 ORDER BY 1, 2
"""
_CURSORS = f"""
SELECT consumer, stream, {_COUNTED} FROM cursor
WHERE version > 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_CURSORS_OF = f"""
SELECT consumer, stream, {_COUNTED}
FROM unnest($1::text[], $2::uuid[]) AS owed(stream, subject) JOIN cursor USING (stream, subject)
WHERE version > 0 GROUP BY 1, 2, 3
"""
# Event ids are made in order of time; whatever is more than the limit is a flood.
_RECENT = """
SELECT stream, count(*) FROM (
  SELECT stream FROM event_log WHERE event_id >= $1 ORDER BY event_id DESC LIMIT 20000) AS said
GROUP BY stream ORDER BY stream
"""
_OUTBOX = """
SELECT count(*),
       (SELECT recorded_at FROM event_log
        WHERE seq = min(outbox.seq) FILTER (WHERE outbox.next_attempt_at < 'infinity')),
       count(*) FILTER (WHERE held), count(*) FILTER (WHERE attempts > 0 AND NOT held),
       (SELECT recorded_at FROM event_log WHERE seq = min(outbox.seq)
          FILTER (WHERE NOT outbox.held AND outbox.next_attempt_at < 'infinity')),
       count(*) FILTER (WHERE next_attempt_at = 'infinity')
FROM outbox
"""
_REFUSED = """
SELECT log.type, outbox.last_error, outbox.held, count(*), min(log.recorded_at)
FROM outbox JOIN event_log AS log USING (seq) WHERE outbox.attempts > 0
GROUP BY log.type, outbox.last_error, outbox.held ORDER BY outbox.held DESC, log.type
"""
_QUEUED = """
SELECT consumer, coalesce(sum(events) FILTER (WHERE NOT is_replay), 0)::bigint,
       coalesce(sum(events) FILTER (WHERE is_replay), 0)::bigint,
       coalesce(sum(events) FILTER (WHERE attempt > 0), 0)::bigint
FROM local_queue GROUP BY consumer ORDER BY consumer
"""
_PARKED = """
SELECT consumer, reason, count(*) FILTER (WHERE state = 'parked'),
       count(*) FILTER (WHERE state = 'redrive'), min(parked_at) FROM parked_message
WHERE state IN ('parked', 'redrive') GROUP BY consumer, reason ORDER BY consumer, reason
"""
# An event that is parked or given up, and whose subject has not gone past it since.
_SET_ASIDE = """
SELECT p.consumer, p.stream, count(*) FILTER (WHERE p.state <> 'discarded'),
       count(*) FILTER (WHERE p.state = 'discarded')
FROM parked_message AS p LEFT JOIN cursor AS c
  ON c.consumer = p.consumer AND c.stream = p.stream AND c.subject = p.subject
WHERE p.state IN ('parked', 'redrive', 'discarded') AND p.version > coalesce(c.version, 0)
GROUP BY p.consumer, p.stream ORDER BY p.consumer, p.stream
"""
_WORK = """
SELECT wanted.consumer, last.finished_at, last.events, minute.events, latest.newest_at
FROM unnest($1::text[]) AS wanted(consumer)
CROSS JOIN LATERAL (
  SELECT finished_at, events FROM inbox_batch AS b WHERE b.consumer = wanted.consumer
  ORDER BY finished_at DESC LIMIT 1) AS last
CROSS JOIN LATERAL (
  SELECT coalesce(sum(events), 0)::bigint AS events FROM inbox_batch AS b
  WHERE b.consumer = wanted.consumer AND finished_at > $2) AS minute
CROSS JOIN LATERAL (
  SELECT max(newest_at) AS newest_at FROM (
    SELECT newest_at FROM inbox_batch AS b WHERE b.consumer = wanted.consumer
    ORDER BY finished_at DESC LIMIT 200) AS several) AS latest
ORDER BY wanted.consumer
"""


@dataclass(frozen=True, slots=True)
class Heads:
    """What a stream has said, or a consumer has seen of it.

    Attributes:
        subjects: how many.
        numbers: the sum of their versions' numbers, by generation.
    """

    subjects: int
    numbers: dict[int, int]

    def missing(self, seen: Heads) -> int:
        """How many versions whoever has seen that has yet to see: 0 only where nothing is missing.

        Too few while subjects are on their way into a newer generation: their older versions hide
        others' of that generation.
        """
        return sum(
            max(0, total - seen.numbers.get(generation, 0))
            for generation, total in self.numbers.items()
        )

    def without(self, other: Heads) -> Heads:
        """The rest, once some subjects are taken off."""
        rest = {
            generation: total - other.numbers.get(generation, 0)
            for generation, total in self.numbers.items()
        }
        kept = {generation: total for generation, total in rest.items() if total}
        return Heads(self.subjects - other.subjects, kept)


NOTHING = Heads(0, {})
Owed = Mapping[str, Sequence[UUID]]
Seen = dict[tuple[str, str], Heads]


@dataclass(frozen=True, slots=True)
class Said:
    """What a service has said, by stream.

    Attributes:
        heads: without the owed subjects.
        owed: those that a restore has raised and of which nothing has been said since.
    """

    heads: dict[str, Heads]
    owed: dict[str, list[UUID]]


@dataclass(frozen=True, slots=True)
class Outbox:
    """What is yet to be published.

    Attributes:
        pending: all rows. held: of them, those that wait for a person.
        retrying: those that the bus refused and that are tried again.
        settling: said again by a restore; they wait for its replays.
        oldest_at: when the first row but those was recorded; due_since: the first of them that is
            not held.
    """

    pending: int
    oldest_at: datetime | None
    held: int
    retrying: int = 0
    due_since: datetime | None = None
    settling: int = 0


@dataclass(frozen=True, slots=True)
class RefusedRows:
    """Outbox rows that the bus did not take, by type and reason."""

    type: str
    reason: str | None
    held: bool
    count: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class Queued:
    """Events waiting in the local transport; `retrying` are those of the live ones tried before."""

    live: int
    replay: int
    retrying: int = 0


@dataclass(frozen=True, slots=True)
class ParkedReason:
    """Parked events of a consumer and reason; `redriven` are on their way to be worked again."""

    consumer: str
    reason: str
    count: int
    redriven: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class SetAside:
    """Versions of a stream that a consumer will not reach by itself."""

    consumer: str
    stream: str
    parked: int
    discarded: int


@dataclass(frozen=True, slots=True)
class Work:
    """What a consumer did last.

    Attributes:
        last_at: when its last micro-batch was finished. last_events: how many it held.
        minute_events: events of the last minute.
        newest_at: when the newest event that it has worked was recorded.
    """

    consumer: str
    last_at: datetime
    last_events: int
    minute_events: int
    newest_at: datetime | None


async def read_heads(tx: Transaction) -> Said:
    """Per stream, in the producer's database."""
    rows = await tx.fetch(_HEADS)
    heads: dict[str, Heads] = _add_up((row[0], *row[1:4]) for row in rows)
    owed: dict[str, list[UUID]] = {}
    for row in rows:
        if row[4]:
            owed.setdefault(row[0], []).extend(row[4])
    return Said(heads, owed)


async def read_cursors(tx: Transaction) -> Seen:
    """Per (consumer, stream), in the consumer's database."""
    return _by_consumer(await tx.fetch(_CURSORS))


async def read_cursors_of(tx: Transaction, owed: Owed) -> Seen:
    """The same of some subjects alone, by stream."""
    pairs = [(stream, subject) for stream, subjects in owed.items() for subject in subjects]
    if not pairs:
        return {}
    streams, subjects = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return _by_consumer(await tx.fetch(_CURSORS_OF, streams, subjects))


def leave_out(seen: Seen, owed: Seen) -> Seen:
    """What was seen, without what was seen of owed subjects."""
    return {key: one.without(owed.get(key, NOTHING)) for key, one in seen.items()}


def _by_consumer(rows: Iterable[asyncpg.Record]) -> Seen:
    return _add_up(((row[0], row[1]), *row[2:5]) for row in rows)


def _add_up(rows: Iterable[tuple[Key, int, int, int]]) -> dict[Key, Heads]:
    """(whose, generation, subjects, sum of numbers) to one per owner; sums of 0 are left out."""
    found: dict[Key, Heads] = {}
    for key, generation, subjects, total in rows:
        if subjects:
            known = found.get(key, NOTHING)
            found[key] = Heads(known.subjects + subjects, {**known.numbers, generation: total})
    return found


async def read_recent(tx: Transaction, since: datetime) -> dict[str, int]:
    """Per stream, how many events were said since then; 20,000 at most."""
    first = UUID(int=int(since.timestamp() * 1000) << 80)
    return {row[0]: row[1] for row in await tx.fetch(_RECENT, first)}


async def read_outbox(tx: Transaction) -> Outbox:
    row = await tx.fetchrow(_OUTBOX)
    if row is None:
        return Outbox(0, None, 0)
    return Outbox(*row)


async def read_refused(tx: Transaction) -> list[RefusedRows]:
    """Outbox rows that are tried again or held, held ones first."""
    return [RefusedRows(*row) for row in await tx.fetch(_REFUSED)]


async def read_queued(tx: Transaction) -> dict[str, Queued]:
    """Per consumer; empty where another transport is used."""
    return {row[0]: Queued(*row[1:]) for row in await tx.fetch(_QUEUED)}


async def read_parked(tx: Transaction) -> list[ParkedReason]:
    """What an operator has yet to decide, or has decided and is not settled yet."""
    return [ParkedReason(*row) for row in await tx.fetch(_PARKED)]


async def read_set_aside(tx: Transaction) -> list[SetAside]:
    """What no cursor will reach by itself: parked, or given up, and nothing newer came since."""
    return [SetAside(*row) for row in await tx.fetch(_SET_ASIDE)]


async def read_work(tx: Transaction, consumers: Sequence[str], now: datetime) -> list[Work]:
    """What these consumers did last; one that never worked here is left out."""
    return [
        Work(*row) for row in await tx.fetch(_WORK, list(consumers), now - timedelta(minutes=1))
    ]

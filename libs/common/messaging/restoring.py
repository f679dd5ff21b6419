"""What brings a service that was restored to an earlier point back in step with the others.

As a consumer it asks for everything again: inbox, cursors and natural keys make repeats harmless.
As a producer it has forgotten acts that others have seen. Each such subject begins a new
generation, above every version that anybody has seen or that is still on the road: what is known of
it is said again there, and what is not known is owed: the head is raised, and whoever decides the
subject next says it even if nothing changed. So it does not matter in which order things run
afterwards.

Everything here runs on the owner's connection while no process of the service does.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from pydantic_core import from_json, to_json

from libs.common.contracts.catalogue import EVENT_TYPES, SUBSCRIPTIONS, Subscription
from libs.common.contracts.envelope import Received
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging import settling
from libs.common.messaging.decode import decode
from libs.common.messaging.generations import GENERATION
from libs.common.messaging.transport import Delivery
from libs.common.messaging.wishes import Wish, insert_wish, producers_of

_CHUNK = 1000

# The one permitted update of the ledger: transaction ids of another cluster mean nothing here. What
# runs without a fence is the rest of a full queue, and goes on where it was.
_FORGET_CLUSTER = (
    "UPDATE event_log SET xact = '0' WHERE xact <> '0'",
    """
UPDATE replay SET state = 'wanted', fence = NULL, end_seq = NULL, last_seq = 0, sent = 0,
  total = NULL WHERE state = 'running' AND fence IS NOT NULL
""",
)
_FORGET_HORIZON = "UPDATE ledger_horizon SET safe_seq = 0, end_seq = 0, waits_for = '{}'"
_SEEN_ELSEWHERE = """
CREATE TEMP TABLE seen_elsewhere
  (stream text NOT NULL, subject uuid NOT NULL, version bigint NOT NULL, body bytea)
"""
_SAID_ELSEWHERE = """
CREATE TEMP TABLE said_elsewhere
  (stream text NOT NULL, subject uuid NOT NULL, version bigint NOT NULL)
"""
_HEADS = f"SELECT stream, subject, version FROM stream_head WHERE version % {GENERATION} > 0"
# A wish for another service's ledger has no end of its own: it keeps the sum of versions that the
# consumer's cursors come to once all is brought back (`settling`).
_AIM = """
UPDATE replay SET end_seq = (
  SELECT coalesce(sum(greatest(c.version, said.version)), 0)
  FROM (SELECT * FROM cursor WHERE consumer = $2 AND stream = ANY($3::text[])) AS c
    FULL JOIN (SELECT * FROM said_elsewhere WHERE stream = ANY($3::text[])) AS said
      USING (stream, subject))
WHERE replay_id = $1
"""
_CURSORS = """
SELECT stream, subject, max(version) FROM cursor WHERE stream = ANY($1::text[])
GROUP BY stream, subject
"""
_ON_LOCAL_ROAD = "SELECT body FROM local_queue WHERE type = ANY($1::text[])"
# No cursor has come to these, but a re-drive may bring them any day.
_PARKED = """
SELECT body FROM parked_message
WHERE type = ANY($1::text[]) AND state IN ('parked', 'redrive', 'redriven')
"""
_ROAD = """
SELECT DISTINCT ON (subject) body FROM seen_elsewhere
WHERE body IS NOT NULL AND stream = $1 AND subject = ANY($2::uuid[]) ORDER BY subject, version DESC
"""
_NEXT_GENERATION = """
SELECT greatest((SELECT max(version) FROM stream_head), (SELECT max(version) FROM seen_elsewhere))
       / $1::bigint + 1
"""
# Of what this service knows: the newest body waits to be said again. The rest is owed; what an
# earlier run found owed and nobody has said since, too.
_FORGOTTEN = f"""
CREATE TEMP TABLE forgotten ON COMMIT DROP AS
SELECT coalesce(head.stream, seen.stream) AS stream,
       coalesce(head.subject, seen.subject) AS subject, log.seq AS newest
FROM (SELECT stream, subject, max(version) AS version FROM seen_elsewhere GROUP BY 1, 2) AS seen
  FULL JOIN stream_head AS head USING (stream, subject)
  LEFT JOIN event_log AS log ON log.subject = head.subject AND log.stream = head.stream
    AND log.version = head.version
WHERE seen.version > coalesce(head.version, 0)
  OR (head.version > 0 AND ($1 OR head.version % {GENERATION} = 0))
"""
_OWED = """
INSERT INTO stream_head AS head (stream, subject, version)
SELECT stream, subject, $1 FROM forgotten WHERE newest IS NULL
ON CONFLICT (stream, subject) DO UPDATE SET version = excluded.version
RETURNING head.stream, head.subject
"""
_PAGE = """
SELECT seq, body FROM forgotten JOIN event_log ON seq = newest
WHERE seq > $1 ORDER BY seq LIMIT $2
"""
_SAY_AGAIN = """
WITH written AS (
  INSERT INTO event_log (event_id, stream, subject, version, type, body, occurred_at, recorded_at,
                         correlation_id, causation_id)
  SELECT new.event_id, stream, subject, $4, type, new.body, occurred_at, $5, correlation_id,
         causation_id
  FROM unnest($1::bigint[], $2::uuid[], $3::bytea[]) AS new(seq, event_id, body)
    JOIN event_log USING (seq) ORDER BY seq
  RETURNING seq, stream, subject
), queued AS (
  INSERT INTO outbox (seq, next_attempt_at) SELECT seq, 'infinity' FROM written ORDER BY seq
)
UPDATE stream_head AS head SET version = $4 FROM written
WHERE head.stream = written.stream AND head.subject = written.subject
"""
_COUNT = "SELECT stream, count(newest), count(*) - count(newest) FROM forgotten GROUP BY stream"

Key = tuple[str, UUID]
Peer: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True)
class Renewal:
    """What a restored producer has begun anew.

    Attributes:
        generation: of the versions from here on; None where nobody had seen anything newer.
        said: per stream how many subjects are said again.
        owed: subjects that others know and this service has yet to say.
    """

    generation: int | None
    said: dict[str, int]
    owed: list[Key]


def types_of(service: str) -> list[str]:
    """What the service says."""
    return [kind.name for kind in EVENT_TYPES.values() if kind.source == service]


def listeners_of(service: str) -> list[Subscription]:
    """Whose queues may hold what the service has said."""
    said = types_of(service)
    return [entry for entry in SUBSCRIPTIONS.values() if any(entry.reads(kind) for kind in said)]


async def forget_cluster(owner: Peer) -> None:
    """Take away whatever only means something in the cluster that was backed up."""
    for statement in _FORGET_CLUSTER:
        await owner.execute(statement)
    if await owner.fetchval("SELECT to_regclass('ledger_horizon')"):  # a service with partners
        await owner.execute(_FORGET_HORIZON)


async def ask_again(tx: Transaction, service: str, since: datetime | None) -> int:
    """Wish, for each consumer of the service, for all that it reads; answers how many wishes.

    Each wish keeps how far the consumer will have come then.

    Args:
        since: only what was recorded from then on.
    """
    wishes = [
        Wish(
            producer=producer,
            consumer=entry.consumer,
            from_at=since,
            reason=settling.REASON,
            requested_by="ansinh ops restored",
            requested_at=tx.recorded_at,
        )
        for entry in SUBSCRIPTIONS.values()
        if entry.service == service
        for producer in sorted(producers_of(entry.consumer))
    ]
    for wish in wishes:
        await insert_wish(tx, wish)
        if wish.producer != service:
            streams = settling.streams_of(wish.producer, wish.consumer)
            await tx.execute(_AIM, wish.replay_id, wish.consumer, streams)
    return len(wishes)


async def begin_notes(owner: Peer) -> None:
    """Make room to note what others have seen and said; it goes with the session."""
    await owner.execute("DROP TABLE IF EXISTS seen_elsewhere, said_elsewhere")
    await owner.execute(_SEEN_ELSEWHERE)
    await owner.execute(_SAID_ELSEWHERE)


async def note_peer(owner: Peer, peer: Peer, service: str) -> None:
    """Note what another service's consumers have seen, parked, or have in their local queue; and
    how far it has come in what it says itself.

    In one snapshot, so that what is worked meanwhile is in the queue or in the cursor.
    """
    types = types_of(service)
    streams = sorted({kind.partition(".")[0] for kind in types})
    async with peer.transaction(isolation="repeatable_read", readonly=True):
        async for chunk in _chunks(peer, _CURSORS, streams):
            await _note(owner, [(row[0], row[1], row[2], None) for row in chunk])
        async for chunk in _chunks(peer, _ON_LOCAL_ROAD, types):
            await note_messages(owner, [row[0] for row in chunk], types)
        async for chunk in _chunks(peer, _PARKED, types):
            await note_messages(owner, [b"[" + row[0] + b"]" for row in chunk], types)
        async for chunk in _chunks(peer, _HEADS):
            rows = [tuple(row) for row in chunk]
            await owner.copy_records_to_table("said_elsewhere", records=rows)


async def note_messages(owner: Peer, bodies: Iterable[bytes], types: Collection[str]) -> None:
    """Note the versions in messages that are still on the road; what cannot be read is none."""
    found: list[tuple[str, UUID, int, bytes | None]] = []
    for body in bodies:
        read = decode(Delivery(None, body, 0, 0, {}, None))
        found += [
            (event.stream, event.subject, event.version, read.raw(place))
            for place, event in enumerate(read.events)
            if event.type in types
        ]
        found += [
            (bad.stream, bad.subject, bad.version, None)
            for bad in read.bad
            if bad.type in types and bad.stream and bad.subject and bad.version
        ]
    await _note(owner, found)


async def read_road(owner: Peer, stream: str, subjects: Sequence[UUID]) -> list[Received[Any]]:
    """The newest noted event of each subject that lies whole on the road."""
    bodies = [row[0] for row in await owner.fetch(_ROAD, stream, subjects)]
    return decode(Delivery(None, b"[" + b",".join(bodies) + b"]", 0, 0, {}, None)).events


async def renew(tx: Transaction, *, everything: bool = False) -> Renewal:
    """Begin the next generation of every subject of which others have seen more than is known here.

    What is said again waits in the outbox until the replays have brought back what they can
    (`libs.common.messaging.settling`). That is said above it meanwhile, so that nobody is set back
    to the old state for a moment.

    Args:
        tx: on the owner's connection, which holds the notes.
        everything: say every subject again, also where nobody is known to have seen more.
    """
    await tx.execute(_FORGOTTEN, everything)
    await tx.execute("CREATE INDEX ON forgotten (newest)")
    counts = await tx.fetch(_COUNT)
    if not counts:
        return Renewal(None, {}, [])
    generation = int(await tx.fetchval(_NEXT_GENERATION, GENERATION))
    base = generation * GENERATION
    owed = await tx.fetch(_OWED, base)
    last = 0
    while page := await tx.fetch(_PAGE, last, _CHUNK):
        last = page[-1]["seq"]
        ids = [new_id() for _ in page]
        bodies = [
            _again(row["body"], event_id, base + 1, tx.recorded_at)
            for row, event_id in zip(page, ids, strict=True)
        ]
        seqs = [row["seq"] for row in page]
        await tx.execute(_SAY_AGAIN, seqs, ids, bodies, base + 1, tx.recorded_at)
    said = {row[0]: row[1] for row in counts if row[1]}
    return Renewal(generation, said, [(row[0], row[1]) for row in owed])


def _again(body: bytes, event_id: UUID, version: int, at: datetime) -> bytes:
    """The same event under a new id and version; it is not sampled again."""
    event: dict[str, Any] = from_json(body)
    event |= {"id": event_id, "sequence": f"{version:020d}", "recordedtime": at}
    event.pop("traceparent", None)
    return to_json(event)


async def _note(owner: Peer, rows: Sequence[tuple[str, UUID, int, bytes | None]]) -> None:
    await owner.copy_records_to_table("seen_elsewhere", records=rows)


async def _chunks(peer: Peer, sql: str, *arguments: Any) -> AsyncIterator[list[asyncpg.Record]]:
    cursor = await peer.cursor(sql, *arguments)
    while chunk := await cursor.fetch(_CHUNK):
        yield chunk

"""The producer's side: each act is one version is one event, written in the act's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common import telemetry
from libs.common.contracts.envelope import encode
from libs.common.contracts.model import Contract
from libs.common.database import Transaction
from libs.common.ids import new_id

# One ordered pass locks every head, those that do not exist yet included, so that two first writers
# of a subject meet too and no two writers wait for each other in a circle. The empty update is what
# takes the lock and reads the newest committed version in the same step.
_LOCK_HEADS = """
INSERT INTO stream_head AS head (stream, subject, version)
SELECT $1, subject, 0 FROM unnest($2::uuid[]) AS wanted(subject) ORDER BY subject
ON CONFLICT (stream, subject) DO UPDATE SET version = head.version
RETURNING subject, version
"""
_APPEND = """
WITH written AS (
  INSERT INTO event_log
    (event_id, stream, subject, version, type, body, occurred_at, recorded_at, correlation_id,
     causation_id, traceparent)
  SELECT event_id, $1, subject, version, type, body, occurred_at, $2, correlation_id,
         causation_id, traceparent
  FROM unnest($3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::bytea[], $8::timestamptz[],
              $9::uuid[], $10::uuid[], $11::text[]) WITH ORDINALITY
    AS new(event_id, subject, version, type, body, occurred_at, correlation_id, causation_id,
           traceparent, place)
  ORDER BY place
  RETURNING seq
), queued AS (
  INSERT INTO outbox (seq) SELECT seq FROM written ORDER BY seq
)
UPDATE stream_head AS head SET version = latest.version
FROM (SELECT subject, max(version) AS version FROM unnest($4::uuid[], $5::bigint[])
        AS new(subject, version) GROUP BY subject) AS latest
WHERE head.stream = $1 AND head.subject = latest.subject
"""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What happened to one subject, to be said to whoever listens.

    Attributes:
        subject: the stream's subject.
        type: the event type with its version, e.g. `household.registered.v1`.
        time: when it became true (aware).
        data: the whole subject as known after this version.
        correlation_id: of the act that started it all; a handler passes on the one it received.
        causation_id: the event that caused this one, if one did.
        traceparent: W3C context of its creation, or of its cause's where there is one, if sampled.
    """

    subject: UUID
    type: str
    time: datetime
    data: Contract
    correlation_id: UUID
    causation_id: UUID | None = None
    traceparent: str | None = None


async def lock_heads(tx: Transaction, stream: str, subjects: Sequence[UUID]) -> dict[UUID, int]:
    """Lock the subjects' heads in id order and answer their versions (0 for a new subject).

    Take this lock before reading what the act is decided on. Lock order everywhere: heads, then
    cursors, then own rows.
    """
    rows = await tx.fetch(_LOCK_HEADS, stream, list(set(subjects)))
    return dict(rows)  # type: ignore[arg-type]  # two columns make a pair


async def append(
    tx: Transaction, source: str, stream: str, heads: dict[UUID, int], events: Sequence[NewEvent]
) -> None:
    """Write events to ledger and outbox; several of one subject take consecutive versions.

    Args:
        tx: the act's transaction, which holds the heads' locks.
        source: the saying service, e.g. `registry`.
        stream: the stream of every event.
        heads: what `lock_heads` answered; advanced in place.
        events: in the order in which they happened.
    """
    if not events:
        return
    ids, versions, bodies, contexts = [], [], [], []
    for event in events:
        heads[event.subject] = version = heads[event.subject] + 1
        event_id = new_id()
        ids.append(event_id)
        versions.append(version)
        contexts.append(_context(event, event_id, version))
        bodies.append(
            encode(
                event_id=event_id,
                source=f"/services/{source}",
                event_type=event.type,
                subject=event.subject,
                version=version,
                time=event.time,
                recorded_at=tx.recorded_at,
                correlation_id=event.correlation_id,
                causation_id=event.causation_id,
                traceparent=contexts[-1],
                data=event.data,
            )
        )
    await tx.execute(
        _APPEND,
        stream,
        tx.recorded_at,
        ids,
        [event.subject for event in events],
        versions,
        [event.type for event in events],
        bodies,
        [event.time for event in events],
        [event.correlation_id for event in events],
        [event.causation_id for event in events],
        contexts,
    )
    tx.wakes.add("outbox")


def _context(event: NewEvent, event_id: UUID, version: int) -> str | None:
    """An event that follows from another has a creation of its own, under its cause's."""
    if event.causation_id is None or event.traceparent is None:
        return event.traceparent
    return telemetry.followed_context(
        event.type,
        event.subject,
        cause=event.traceparent,
        correlation_id=event.correlation_id,
        message_id=event_id,
        version=version,
    )

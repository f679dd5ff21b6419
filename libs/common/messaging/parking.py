"""The parking lot: events that cannot be worked, kept with reason and raw bytes for an operator.

A parked event has no inbox row, so a re-drive runs; it counts as seen once, so that no gap is
reported for it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.common.contracts.envelope import Received
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging import inbox
from libs.common.messaging.decode import Bad
from libs.common.messaging.generations import number_of
from libs.common.messaging.transport import Delivery

RETRIES_USED = "RETRIES_USED"
KILLS_PROCESS = "KILLS_PROCESS"
_MOST_CHARACTERS = 500  # of a text that a stranger may have written; the body keeps all of it

_PARK = """
INSERT INTO parked_message AS p
  (parked_id, consumer, event_id, type, stream, subject, version, correlation_id, reason, fields,
   error, attempt, headers, body, parked_at)
SELECT parked_id, $1, event_id, type, stream, subject, version, correlation_id, reason,
       string_to_array(fields, chr(10)), error, attempt, headers::jsonb, body, $2
FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::bigint[], $9::uuid[],
            $10::text[], $11::text[], $12::text[], $13::int[], $14::text[], $15::bytea[])
  AS new(parked_id, event_id, type, stream, subject, version, correlation_id, reason, fields,
         error, attempt, headers, body)
ORDER BY event_id
ON CONFLICT (consumer, event_id) DO UPDATE SET state = 'parked', reason = excluded.reason,
  fields = excluded.fields, error = excluded.error, attempt = excluded.attempt,
  parked_at = excluded.parked_at, settled_at = NULL
  WHERE p.state IN ('redrive', 'redriven')
RETURNING stream, subject, version, p.parked_id = ANY($3) AS is_new
"""


@dataclass(frozen=True, slots=True)
class Parked:
    """An event on its way to the parking lot."""

    event_id: UUID
    type: str | None
    stream: str | None
    subject: UUID | None
    version: int | None
    correlation_id: UUID | None
    reason: str
    fields: tuple[str, ...]
    error: str | None
    body: bytes
    delivery: Delivery


def parked_bad(bad: Bad, delivery: Delivery) -> Parked:
    """An event that cannot be read."""
    return Parked(
        bad.event_id,
        bad.type,
        bad.stream,
        bad.subject,
        bad.version,
        bad.correlation_id,
        bad.reason,
        bad.fields,
        None,
        bad.raw,
        delivery,
    )


def parked_event(
    event: Received[Any], raw: bytes, delivery: Delivery, reason: str, error: str | None
) -> Parked:
    """An event that can be read but not worked."""
    return Parked(
        event.event_id,
        event.type,
        event.stream,
        event.subject,
        event.version,
        event.correlation_id,
        reason,
        (),
        error,
        raw,
        delivery,
    )


async def park(tx: Transaction, consumer: str, entries: Sequence[Parked], at: datetime) -> None:
    """Park a set of events; repeats of a parked one change nothing."""
    if not entries:
        return
    unique = list({entry.event_id: entry for entry in entries}.values())
    rows = await tx.fetch(
        _PARK,
        consumer,
        at,
        [new_id() for _ in unique],
        [entry.event_id for entry in unique],
        [_text(entry.type) for entry in unique],
        [_text(entry.stream) for entry in unique],
        [entry.subject for entry in unique],
        [entry.version for entry in unique],
        [entry.correlation_id for entry in unique],
        [entry.reason for entry in unique],
        ["\n".join(_line(name) for name in entry.fields) for entry in unique],
        [entry.error for entry in unique],
        [entry.delivery.attempt for entry in unique],
        [_headers(entry.delivery.headers) for entry in unique],
        [entry.body for entry in unique],
    )
    steps: dict[inbox.Key, tuple[int, int]] = {}
    for stream, subject, version, is_new in rows:
        if is_new and stream and subject and version is not None:
            # Number 0: the cursor must not pass an event that a re-drive has yet to bring.
            inbox.count(steps, (stream, subject), version - number_of(version), 1)
    await inbox.advance(tx, consumer, steps, at)


def _line(text: str) -> str:
    """As PostgreSQL takes it: it stores no NUL, and indexes nothing long."""
    return text.replace("\x00", "\ufffd").replace("\n", " ")[:_MOST_CHARACTERS]


def _text(text: str | None) -> str | None:
    return None if text is None else _line(text)


def _headers(headers: Mapping[str, Any]) -> str:
    """A broker's headers may hold what JSON does not: those values are kept as text."""
    plain = {
        _line(name): value if isinstance(value, int) else _line(str(value))
        for name, value in headers.items()
    }
    return json.dumps(plain)

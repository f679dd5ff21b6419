"""Messages to events, in one pass over the bytes. Only when that fails is the message cut up, so
that the bad event stands alone and its neighbours go on.

A bad event keeps its raw bytes and the names of the fields at fault, never a value of theirs.
"""

import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from libs.common.contracts.catalogue import EVENT_TYPES, newest
from libs.common.contracts.envelope import CloudEvent, Received
from libs.common.contracts.model import Contract
from libs.common.ids import derived_id
from libs.common.messaging.split import split
from libs.common.messaging.transport import Delivery

UNDECODABLE = "UNDECODABLE"
SCHEMA_INVALID = "SCHEMA_INVALID"
UNKNOWN_ENUM = "UNKNOWN_ENUM"
UNKNOWN_TYPE = "UNKNOWN_TYPE"

_MOST_VERSION = 2**63 - 1  # a bigint's

_ATTRIBUTE = re.compile(rb'"(id|type|subject|sequence|correlationid)"\s*:\s*"([^"\\]{1,100})"')


@dataclass(frozen=True, slots=True)
class Bad:
    """An event that cannot be read, with as much of its envelope as can."""

    event_id: UUID
    type: str | None
    subject: UUID | None
    version: int | None
    correlation_id: UUID | None
    raw: bytes
    reason: str
    fields: tuple[str, ...]

    @property
    def stream(self) -> str | None:
        return self.type.partition(".")[0] if self.type else None


class _Unreadable(ValueError):
    """The named field says what no schema catches."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(slots=True)
class Decoded:
    """One message's events, in order, and what could not be read."""

    delivery: Delivery
    events: list[Received[Any]]
    bad: list[Bad] = field(default_factory=list)
    raws: list[bytes] | None = None

    def raw(self, place: int) -> bytes:
        """The exact bytes of `events[place]`; the message is cut up at the first call."""
        if self.raws is None:
            self.raws = split(self.delivery.body)
        return self.raws[place]


class _Recent:
    """Messages read lately, so that several consumers in one process read each of them once.

    Sharing is safe: events are frozen. Validation is most of a consumer's CPU (measured).
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str | None, bytes], list[Received[Any]]] = OrderedDict()
        self._bytes = 0

    def get(self, delivery: Delivery) -> list[Received[Any]] | None:
        return self._kept.get((delivery.type, delivery.body))

    def keep(self, delivery: Delivery, events: list[Received[Any]]) -> None:
        self._kept[delivery.type, delivery.body] = events
        self._bytes += len(delivery.body)
        while self._bytes > _RECENT_BYTES:
            (_, body), _events = self._kept.popitem(last=False)
            self._bytes -= len(body)


_RECENT_BYTES = 2_500_000  # some ten times as much in objects; a micro-batch and a bit
_recent = _Recent()


def decode(delivery: Delivery) -> Decoded:
    """Read a message: CloudEvents batch mode, or structured mode with one event."""
    known = _recent.get(delivery)
    if known is not None:
        return Decoded(delivery, known)
    if delivery.type in EVENT_TYPES:
        try:
            events = _read(delivery.type, delivery.body)
        except (ValidationError, ValueError):
            pass
        else:
            _recent.keep(delivery, events)
            return Decoded(delivery, events)
    decoded = Decoded(delivery, [], raws=[])
    for raw in split(delivery.body):
        found = _read_alone(raw)
        if isinstance(found, Bad):
            decoded.bad.append(found)
        else:
            decoded.events.append(found)
            decoded.raws.append(raw)  # type: ignore[union-attr]
    return decoded


@lru_cache
def _reader(event_type: str) -> TypeAdapter[list[CloudEvent[Any]]]:
    data = EVENT_TYPES[event_type].data
    return TypeAdapter(list[CloudEvent[data]])  # type: ignore[valid-type]


def _read(event_type: str, body: bytes) -> list[Received[Any]]:
    if body[:1] == b"{":
        body = b"[" + body + b"]"
    kind = newest(event_type)
    received = []
    for event in _reader(event_type).validate_json(body):
        if event.type != event_type:
            raise _Unreadable("type")
        version = _version(event.sequence)
        if version is None:
            raise _Unreadable("sequence")
        received.append(
            Received(
                event.id,
                kind.name,
                kind.stream,
                event.subject,
                version,
                event.time,
                event.recordedtime,
                event.correlationid,
                event.causationid,
                event.traceparent,
                event.data if kind.name == event_type else _upcast(event_type, event.data),
            )
        )
    return received


def _upcast(event_type: str, data: Contract) -> Contract:
    """The data as its newest major says it, step by step.

    Raises:
        ValueError: whatever an upcast fails with, this one event is at fault.
    """
    try:
        kind, said = EVENT_TYPES[event_type], data.model_dump(mode="json")
        while (upcast := kind.upcast) is not None:
            kind, said = EVENT_TYPES[kind.next_name], upcast(said)
        return kind.data.model_validate_json(to_json(said))
    except Exception as error:
        raise _Unreadable("data") from error


def _read_alone(raw: bytes) -> Received[Any] | Bad:
    try:
        envelope = from_json(raw)
    except ValueError:
        return _bad(raw, _attributes(raw), UNDECODABLE, ())
    if not isinstance(envelope, dict):
        return _bad(raw, {}, UNDECODABLE, ())
    event_type = envelope.get("type")
    if not isinstance(event_type, str) or event_type not in EVENT_TYPES:
        return _bad(raw, envelope, UNKNOWN_TYPE, ("type",))
    try:
        return _read(event_type, raw)[0]
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        names = sorted({".".join(str(part) for part in fault["loc"][1:]) for fault in faults})
        only_enums = {fault["type"] for fault in faults} <= {"enum", "literal_error"}
        reason = UNKNOWN_ENUM if only_enums else SCHEMA_INVALID
        return _bad(raw, envelope, reason, tuple(names[:50]))
    except _Unreadable as error:
        return _bad(raw, envelope, SCHEMA_INVALID, (error.field,))


def _attributes(raw: bytes) -> dict[str, str]:
    """What a look at broken bytes still tells; the first mention counts."""
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(raw):
        found.setdefault(name.decode(), value.decode(errors="replace"))
    return found


def _bad(raw: bytes, envelope: dict[str, Any], reason: str, fields: tuple[str, ...]) -> Bad:
    event_id = _uuid(envelope.get("id"))
    event_type = envelope.get("type")
    return Bad(
        event_id=event_id or derived_id("unreadable", hashlib.sha256(raw).hexdigest()),
        type=event_type if isinstance(event_type, str) else None,
        subject=_uuid(envelope.get("subject")),
        version=_version(envelope.get("sequence")),
        correlation_id=_uuid(envelope.get("correlationid")),
        raw=raw,
        reason=reason,
        fields=fields,
    )


def _version(sequence: object) -> int | None:
    """None where it is no number, or none that a cursor can hold."""
    if not isinstance(sequence, str) or not (sequence.isascii() and sequence.isdigit()):
        return None
    digits = sequence.lstrip("0") or "0"
    if len(digits) > len(str(_MOST_VERSION)):
        return None  # thousands of digits are refused by `int` itself
    version = int(digits)
    return version if version <= _MOST_VERSION else None


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None

"""CloudEvents 1.0 JSON: the one shape of an event in ledgers, queues, parking lots and feeds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict
from pydantic_core import to_json

from libs.common.contracts.model import Contract

DataT = TypeVar("DataT", bound=Contract)
DataT_co = TypeVar("DataT_co", bound=Contract, covariant=True)

BATCH_CONTENT_TYPE = "application/cloudevents-batch+json; charset=UTF-8"


class CloudEvent(BaseModel, Generic[DataT]):
    """A whole event as it stands on the wire."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: str
    id: UUID
    source: str
    type: str
    subject: UUID
    time: AwareDatetime
    recordedtime: AwareDatetime
    sequence: str
    traceparent: str | None = None
    correlationid: UUID
    causationid: UUID | None = None
    data: DataT


@dataclass(frozen=True, slots=True)
class Received(Generic[DataT_co]):
    """What a handler gets: one fresh event.

    Attributes:
        version: of the subject in its stream, without gaps at the source within a generation
            (`messaging/generations.py`); the first generation begins at 1.
        time: when it became true. recorded_at: when its writer committed it.
        correlation_id: the same from the first act to the last effect.
    """

    event_id: UUID
    type: str
    stream: str
    subject: UUID
    version: int
    time: datetime
    recorded_at: datetime
    correlation_id: UUID
    causation_id: UUID | None
    traceparent: str | None
    data: DataT_co


def encode(
    *,
    event_id: UUID,
    source: str,
    event_type: str,
    subject: UUID,
    version: int,
    time: datetime,
    recorded_at: datetime,
    correlation_id: UUID,
    causation_id: UUID | None,
    traceparent: str | None,
    data: Contract,
) -> bytes:
    """The event's exact JSON bytes, serialised once and never again."""
    attributes: dict[str, object] = {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": event_type,
        "subject": subject,
        "partitionkey": subject,
        "time": time,
        "recordedtime": recorded_at,
        "datacontenttype": "application/json",
        "dataschema": f"urn:ansinh:schema:{event_type}",
        "sequence": f"{version:020d}",
        "correlationid": correlation_id,
    }
    if causation_id is not None:
        attributes["causationid"] = causation_id
    if traceparent is not None:
        attributes["traceparent"] = traceparent
    head = to_json(attributes)
    return head[:-1] + b',"data":' + data.__pydantic_serializer__.to_json(data) + b"}"

"""What the bus's internal API takes and answers; whoever asks it reads the answers with these."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from libs.common.messaging.operations import progress, trace
from libs.common.messaging.wishes import PER_SECOND
from libs.common.partners import tracing
from libs.common.partners.standing import Partner
from libs.common.web.days import Instant


class ParkedOut(BaseModel):
    """A parked event without its values."""

    parked_id: UUID
    consumer: str
    event_id: UUID
    type: str | None
    subject: UUID | None
    version: int | None
    correlation_id: UUID | None
    reason: str
    fields: list[str]
    error: str | None
    attempt: int
    parked_at: datetime
    state: str
    settled_at: datetime | None = None
    settled_by: str | None = None
    settled_reason: str | None = None


class ValuesOut(BaseModel):
    """The very bytes of a parked event, as text; what is not UTF-8 is replaced."""

    parked_id: UUID
    body: str


class RedriveIn(BaseModel):
    """Which parked events to work again: some, or all of a consumer and reason."""

    parked_ids: list[UUID] | None = Field(None, max_length=1000)
    consumer: str | None = None
    reason: str | None = None


class DiscardIn(BaseModel):
    parked_ids: list[UUID] = Field(min_length=1, max_length=1000)
    reason: str = Field(min_length=3, max_length=500)


class HeldOut(BaseModel):
    """An outbox row that the bus has refused too often; nothing is tried until it is released."""

    seq: int
    event_id: UUID
    type: str
    subject: UUID
    version: int
    recorded_at: datetime
    attempts: int
    last_error: str | None


class ReleaseIn(BaseModel):
    """Which held rows to try again; None: every one."""

    seqs: list[Annotated[int, Field(ge=1, lt=2**63)]] | None = Field(None, max_length=1000)


class CountOut(BaseModel):
    count: int


class ReplayIn(BaseModel):
    """What one consumer is to get again; without any limit, everything that it reads."""

    consumer: str
    subjects: list[UUID] | None = Field(None, max_length=10_000)
    types: list[str] | None = Field(None, max_length=100)
    from_at: Instant | None = None
    to_at: Instant | None = None
    per_second: int = Field(PER_SECOND, ge=1, le=100_000)
    reason: str = Field(min_length=3, max_length=500)


class ReplayOut(BaseModel):
    replay_id: UUID
    producer: str
    consumer: str
    state: str
    sent: int = 0
    total: int | None = None
    reason: str
    requested_by: str
    requested_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class ProgressOut(BaseModel):
    """How far this service is; see `libs.common.messaging.operations.progress`.

    Attributes:
        at: when it was asked.
        heads: what it has said, by stream. cursors: what it has seen, by consumer and stream.
        owed: subjects that a restore left to be said anew; heads leave them out, cursors do not.
        counted_at: when heads and cursors were counted: now, or a little earlier on a large ledger.
        recent: events said in the last `progress.RECENT`, by stream.
        set_aside: versions that no cursor reaches by itself, because they are parked or given up.
        refused: outbox rows that the bus did not take.
        queued: events in the local transport. work: what each consumer did last.
        partners: how each stands on each of its roads.
        replays: those that are not finished.
    """

    at: datetime
    heads: dict[str, progress.Heads]
    owed: dict[str, list[UUID]] = Field(default_factory=dict)
    cursors: dict[str, dict[str, progress.Heads]]
    counted_at: datetime
    recent: dict[str, int]
    set_aside: list[progress.SetAside]
    outbox: progress.Outbox
    refused: list[progress.RefusedRows]
    queued: dict[str, progress.Queued]
    work: list[progress.Work]
    parked: list[progress.ParkedReason]
    partners: list[Partner]
    replays: list[ReplayOut]


class SeenIn(BaseModel):
    """Subjects by stream; 10,000 each at most."""

    subjects: dict[
        Annotated[str, Field(max_length=40)], Annotated[list[UUID], Field(max_length=10_000)]
    ] = Field(max_length=20)


class SeenOut(BaseModel):
    """What has been seen of them, by consumer and stream."""

    cursors: dict[str, dict[str, progress.Heads]]


class TraceOut(BaseModel):
    said: list[trace.Said]
    receipts: list[trace.Receipt]
    told: list[tracing.Told]
    answered: list[tracing.Answered]

"""Internal API of the bus, for operators: what is parked, what is behind, what became of an act.

It shows envelopes, reasons and field names; never a body, never a value. Nothing here talks to the
broker: re-drives and replays are wishes that the `run_replays` role performs.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.messaging import parked, progress, replay, trace
from libs.common.messaging.wishes import PER_SECOND, Wish, insert_wish, producers_of
from libs.common.problems import FieldError, Problem, Text, not_found
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.days import Instant

Operator = Annotated[Edge, Depends(allow(Role.OPERATOR))]

router = APIRouter(tags=["Kênh sự kiện / Messaging"])


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


class RedriveIn(BaseModel):
    """Which parked events to work again: some, or all of a consumer and reason."""

    parked_ids: list[UUID] | None = Field(None, max_length=1000)
    consumer: str | None = None
    reason: str | None = None


class DiscardIn(BaseModel):
    parked_ids: list[UUID] = Field(min_length=1, max_length=1000)
    reason: str = Field(min_length=3, max_length=500)


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
    requested_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class ProgressOut(BaseModel):
    """How far this service is; see `libs.common.messaging.progress`."""

    heads: dict[str, progress.Heads]
    cursors: dict[str, dict[str, progress.Heads]]
    outbox: progress.Outbox
    queued: dict[str, progress.Queued]
    parked: dict[str, progress.ParkedCount]


class TraceOut(BaseModel):
    said: list[trace.Said]
    receipts: list[trace.Receipt]


@router.get("/parked", response_model=list[ParkedOut], summary="Parked events, oldest first")
async def list_parked(
    edge: Operator,
    consumer: str | None = None,
    reason: str | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[ParkedOut]:
    rows = await parked.list_open(edge.tx, consumer, reason, after, limit)
    edge.note("subject", [row["subject"] for row in rows if row["subject"] is not None])
    return [ParkedOut.model_validate(dict(row)) for row in rows]


@router.post("/parked/redrive", response_model=CountOut, summary="Work parked events again")
async def redrive(body: RedriveIn, edge: Operator) -> CountOut:
    rows = await parked.redrive(
        edge.tx, body.parked_ids, body.consumer, body.reason, edge.caller.subject
    )
    _note(edge, rows)
    return CountOut(count=len(rows))


@router.post("/parked/discard", response_model=CountOut, summary="Give parked events up")
async def discard(body: DiscardIn, edge: Operator) -> CountOut:
    rows = await parked.discard(edge.tx, body.parked_ids, body.reason, edge.caller.subject)
    _note(edge, rows)
    return CountOut(count=len(rows))


def _note(edge: Edge, rows: Sequence[Any]) -> None:
    """On the trail: which parked events, and whom they are about."""
    edge.note("parked", [row["parked_id"] for row in rows])
    if subjects := {row["subject"] for row in rows if row["subject"] is not None}:
        edge.note("subject", subjects)


@router.post(
    "/replays",
    response_model=list[ReplayOut],
    status_code=202,
    summary="Ask for a replay; one per service whose ledger the consumer reads",
)
async def ask_for_replay(body: ReplayIn, edge: Operator) -> list[ReplayOut]:
    if body.consumer not in SUBSCRIPTIONS:
        raise _unknown_consumer()
    asked = []
    for producer in sorted(producers_of(body.consumer)):
        wish = Wish(
            producer=producer,
            requested_by=edge.caller.subject,
            requested_at=edge.clock.now(),
            **body.model_dump(),
        )
        await insert_wish(edge.tx, wish)
        edge.note("replay", [wish.replay_id])
        if wish.subjects:
            edge.note("subject", wish.subjects)
        asked.append(
            ReplayOut(state="wanted", **wish.model_dump(include=set(ReplayOut.model_fields)))
        )
    return asked


@router.get("/replays", response_model=list[ReplayOut], summary="Replays, newest first")
async def list_replays(edge: Operator) -> list[ReplayOut]:
    return [ReplayOut.model_validate(dict(row)) for row in await replay.list_newest(edge.tx)]


@router.delete("/replays/{replay_id}", status_code=204, summary="Cancel a replay")
async def cancel_replay(replay_id: UUID, edge: Operator) -> None:
    if not await replay.cancel(edge.tx, replay_id):
        raise not_found("replay")
    edge.note("replay", [replay_id])


@router.get("/progress", response_model=ProgressOut, summary="What has been said and received")
async def show_progress(edge: Operator) -> ProgressOut:
    cursors: dict[str, dict[str, progress.Heads]] = {}
    for (consumer, stream), known in (await progress.read_cursors(edge.tx)).items():
        cursors.setdefault(consumer, {})[stream] = known
    return ProgressOut(
        heads=await progress.read_heads(edge.tx),
        cursors=cursors,
        outbox=await progress.read_outbox(edge.tx),
        queued=await progress.read_queued(edge.tx),
        parked=await progress.read_parked(edge.tx),
    )


@router.get("/trace", response_model=TraceOut, summary="What became of a household or of an act")
async def show_trace(
    edge: Operator,
    subject: UUID | None = None,
    correlation_id: UUID | None = None,
    event_id: Annotated[list[UUID] | None, Query(max_length=1000)] = None,
) -> TraceOut:
    said: list[trace.Said] = []
    if subject is not None:
        said += await trace.said_about(edge.tx, subject)
    if correlation_id is not None:
        said += await trace.said_in(edge.tx, correlation_id)
    edge.note("subject", {entry.subject for entry in said})
    ids = {entry.event_id for entry in said} | set(event_id or ())
    return TraceOut(said=said, receipts=await trace.receipts(edge.tx, list(ids)))


def _unknown_consumer() -> Problem:
    known = ", ".join(sorted(SUBSCRIPTIONS))
    return Problem(
        422,
        "replay.refused",
        Text(vi="Không thể phát lại sự kiện.", en="The replay is refused."),
        [
            FieldError(
                "/consumer",
                "consumer.unknown",
                Text(vi="Không có bộ nhận sự kiện này.", en="There is no such consumer."),
                Text(vi=f"Chọn một trong: {known}.", en=f"Choose one of: {known}."),
            )
        ],
    )

"""Internal API of the bus, for operators: what is parked, what is behind, what became of an act.

It shows envelopes, reasons and field names; the values of one parked event only to whoever says
what for. Nothing here talks to the broker: re-drives and replays are wishes that the `run_replays`
role performs, and a released row is the relay's.
"""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.messaging import replay
from libs.common.messaging.operations import held, parked, progress, trace
from libs.common.messaging.operations.counts import Counts
from libs.common.messaging.operations.schemas import (
    CountOut,
    DiscardIn,
    HeldOut,
    ParkedOut,
    ProgressOut,
    RedriveIn,
    ReleaseIn,
    ReplayIn,
    ReplayOut,
    SeenIn,
    SeenOut,
    TraceOut,
    ValuesOut,
)
from libs.common.messaging.wishes import Wish, insert_wish, producers_of
from libs.common.partners import tracing
from libs.common.partners.standing import read_partners
from libs.common.problems import FieldError, Problem, Text, not_found
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.description import PURPOSE_HEADER

Operator = Annotated[Edge, Depends(allow(Role.OPERATOR))]

router = APIRouter(tags=["Kênh sự kiện / Messaging"])


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


@router.get("/parked/{parked_id}", response_model=ParkedOut, summary="One parked event")
async def show_parked(parked_id: UUID, edge: Operator) -> ParkedOut:
    row = await parked.find(edge.tx, parked_id)
    if row is None:
        raise not_found("parked")
    _note(edge, [row])
    return ParkedOut.model_validate(dict(row))


@router.get(
    "/parked/{parked_id}/values",
    response_model=ValuesOut,
    summary="A parked event with its values, for a purpose",
)
async def show_values(parked_id: UUID, edge: Operator) -> ValuesOut:
    if edge.caller.purpose is None:
        raise _no_purpose()
    row = await parked.find(edge.tx, parked_id)
    if row is None:
        raise not_found("parked")
    _note(edge, [row])
    body = await parked.read_body(edge.tx, parked_id)
    return ValuesOut(parked_id=parked_id, body=body.decode(errors="replace"))


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


@router.get("/outbox/held", response_model=list[HeldOut], summary="Held outbox rows, oldest first")
async def list_held(
    edge: Operator,
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[HeldOut]:
    rows = await held.list_held(edge.tx, after, limit)
    edge.note("subject", {row["subject"] for row in rows})
    return [HeldOut.model_validate(dict(row)) for row in rows]


@router.post("/outbox/release", response_model=CountOut, summary="Try held outbox rows again")
async def release(body: ReleaseIn, edge: Operator) -> CountOut:
    rows = await held.release(edge.tx, body.seqs)
    edge.note("event", [row["event_id"] for row in rows])
    if rows:
        edge.note("subject", {row["subject"] for row in rows})
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
async def list_replays(
    edge: Operator, replay_id: Annotated[list[UUID] | None, Query(max_length=100)] = None
) -> list[ReplayOut]:
    rows = await replay.list_newest(edge.tx, replay_id)
    return [ReplayOut.model_validate(dict(row)) for row in rows]


@router.delete("/replays/{replay_id}", status_code=204, summary="Cancel a replay")
async def cancel_replay(replay_id: UUID, edge: Operator) -> None:
    if not await replay.cancel(edge.tx, replay_id):
        raise not_found("replay")
    edge.note("replay", [replay_id])


def _counts(request: Request) -> Counts:
    """The last count of this application."""
    state = request.app.state
    if not hasattr(state, "counts"):
        state.counts = Counts()
    counts: Counts = state.counts
    return counts


@router.get("/progress", response_model=ProgressOut, summary="What has been said and received")
async def show_progress(
    edge: Operator, counts: Annotated[Counts, Depends(_counts)], fresh: bool = False
) -> ProgressOut:
    tx, now = edge.tx, edge.clock.now()
    work = await progress.read_work(tx, list(SUBSCRIPTIONS), now)
    last = max((entry.last_at for entry in work), default=None)
    count = await counts.read(tx, last, fresh=fresh)
    return ProgressOut(
        at=now,
        heads=count.said.heads,
        owed=count.said.owed,
        cursors=_per_consumer(count.cursors),
        counted_at=count.counted_at,
        recent=await progress.read_recent(tx, now - progress.RECENT),
        set_aside=await progress.read_set_aside(tx),
        outbox=await progress.read_outbox(tx),
        refused=await progress.read_refused(tx),
        queued=await progress.read_queued(tx),
        work=work,
        parked=await progress.read_parked(tx),
        partners=await read_partners(tx, edge.clock.today()),
        replays=[ReplayOut.model_validate(dict(row)) for row in await replay.list_open(tx)],
    )


@router.post(
    "/progress/seen", response_model=SeenOut, summary="What has been received of some subjects"
)
async def show_seen(body: SeenIn, edge: Operator) -> SeenOut:
    seen = await progress.read_cursors_of(edge.tx, body.subjects)
    return SeenOut(cursors=_per_consumer(seen))


def _per_consumer(seen: progress.Seen) -> dict[str, dict[str, progress.Heads]]:
    cursors: dict[str, dict[str, progress.Heads]] = {}
    for (consumer, stream), known in seen.items():
        cursors.setdefault(consumer, {})[stream] = known
    return cursors


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
    ids = sorted({entry.event_id for entry in said} | set(event_id or ()))
    return TraceOut(
        said=said,
        receipts=await trace.receipts(edge.tx, ids),
        told=await tracing.told_of(edge.tx, ids, edge.clock.today()),
        answered=await tracing.answers_among(edge.tx, ids),
    )


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


def _no_purpose() -> Problem:
    title = Text(
        vi="Cần nêu mục đích để xem dữ liệu của sự kiện.",
        en="The values of an event are shown for a purpose only.",
    )
    fix = Text(vi=f"Gửi {PURPOSE_HEADER}.", en=f"Send {PURPOSE_HEADER}.")
    return Problem(
        403,
        "purpose.missing",
        title,
        [FieldError("/header/x-purpose", "purpose.missing", title, fix)],
    )

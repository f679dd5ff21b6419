"""What an operator does, over the internal APIs: the same for the command and for the page.

Whoever calls has an `Operator`; every act is audited under that operator's token by the service
that does it. All raise `Unanswered` where a service refuses.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from ansinh.ops.client import Operator, Unanswered
from ansinh.ops.standings import Progress, streams_of
from ansinh.services import NAMES
from ansinh.trace import read_trace
from libs.common.clock import start_of_day
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.messaging import backlog
from libs.common.messaging.operations.progress import Owed
from libs.common.messaging.operations.schemas import (
    HeldOut,
    ParkedOut,
    ProgressOut,
    ReplayOut,
    SeenIn,
    SeenOut,
)
from libs.common.problems import Text
from libs.common.web.days import FIRST_DAY, LAST_DAY

PAGE = 500
_CHUNK = 10_000
ENDED = frozenset({"done", "cancelled"})
# Streams whose subjects are what credit keeps for a household.
_OF_CREDIT = ("referral", "loan")


@dataclass(frozen=True)
class Parked:
    """A parked event and the service whose parking lot it is in."""

    service: str
    event: ParkedOut

    @property
    def household(self) -> UUID | None:
        """Whom it is about, unless its subject is an area unit, a referral or a loan."""
        stream = (self.event.type or "").partition(".")[0]
        return None if stream in ("", "area", *_OF_CREDIT) else self.event.subject


@dataclass(frozen=True)
class Held:
    """A held outbox row and the service whose outbox it is in."""

    service: str
    row: HeldOut


@dataclass(frozen=True)
class ReplayRequest:
    """Which events a consumer is to get again; days are of Vietnam, both inclusive.

    Attributes:
        per_second: events at most; None: the usual rate.
    """

    consumer: str
    reason: str
    households: tuple[UUID, ...] = ()
    first: date | None = None
    last: date | None = None
    per_second: int | None = None


async def look(operator: Operator) -> Progress:
    """How far every service is, upstream first; None where one does not answer.

    Raises:
        Unanswered: the token does not hold, or the answer cannot be read.
    """

    async def ask(name: str) -> ProgressOut | None:
        try:
            answer = await operator.get(name, "progress")
        except Unanswered as refused:
            if refused.is_token:
                raise
            return None
        try:
            return ProgressOut.model_validate(answer)
        except ValidationError:
            title = Text("Dịch vụ chạy bản khác.", "The service runs another release.")
            raise Unanswered(name, 502, title) from None

    progress = dict(zip(NAMES, await asyncio.gather(*map(ask, NAMES)), strict=True))
    owed = {stream: ids for one in progress.values() if one for stream, ids in one.owed.items()}
    return await _without(operator, progress, owed) if owed else progress


async def _without(operator: Operator, progress: Progress, owed: Owed) -> Progress:
    """The same, without what anybody has seen of subjects that are owed."""

    async def ask(name: str, own: ProgressOut | None) -> ProgressOut | None:
        if own is None or not own.cursors:
            return own
        cursors = {consumer: dict(streams) for consumer, streams in own.cursors.items()}
        for stream, subjects in owed.items():
            for start in range(0, len(subjects), _CHUNK):
                body = SeenIn(subjects={stream: list(subjects[start : start + _CHUNK])})
                try:
                    answer = await operator.call(
                        name, "POST", "progress/seen", json=body.model_dump(mode="json")
                    )
                except Unanswered as refused:
                    if refused.is_token:
                        raise
                    return None
                for consumer, seen in SeenOut.model_validate(answer).cursors.items():
                    known = cursors.get(consumer, {})
                    if stream in known and stream in seen:
                        known[stream] = known[stream].without(seen[stream])
        return own.model_copy(update={"cursors": cursors})

    asked = await asyncio.gather(*(ask(name, own) for name, own in progress.items()))
    return dict(zip(progress, asked, strict=True))


async def list_parked(
    operator: Operator, consumer: str | None = None, reason: str | None = None
) -> list[Parked]:
    """What waits for a decision, oldest first within each service; 500 of each at most."""
    query = {"consumer": consumer, "reason": reason}
    chosen = {name: value for name, value in query.items() if value}
    return [
        Parked(name, ParkedOut.model_validate(row))
        for name in _services_of(consumer)
        for row in await operator.get(name, "parked", limit=PAGE, **chosen)
    ]


async def find_parked(operator: Operator, parked_id: UUID, service: str | None = None) -> Parked:
    """One parked event: of a service, or wherever it is."""
    for name in NAMES if service is None else (service,):
        try:
            row = await operator.get(name, f"parked/{parked_id}")
        except Unanswered as refused:
            if refused.status == 404:
                continue
            raise
        return Parked(name, ParkedOut.model_validate(row))
    title = Text("Không có sự kiện gác lại này.", "There is no such parked event.")
    raise Unanswered(str(parked_id), 404, title)


async def read_values(operator: Operator, service: str, parked_id: UUID, purpose: str) -> str:
    """The values of a parked event, indented where they are JSON; leaves an audit line."""
    answer = await operator.call(service, "GET", f"parked/{parked_id}/values", purpose=purpose)
    body = str(answer["body"])
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body


async def redrive(operator: Operator, parked_ids: Iterable[UUID]) -> int:
    """Have these worked again; answers how many."""
    return await _settle(operator, "redrive", parked_ids)


async def redrive_all(
    operator: Operator, consumer: str | None = None, reason: str | None = None
) -> int:
    """Have all of a consumer and reason worked again, or simply all."""
    body = {"consumer": consumer, "reason": reason}
    count = 0
    for name, own in (await look(operator)).items():
        if own is not None and any(_is_meant(entry, consumer, reason) for entry in own.parked):
            count += await _count(operator, name, "parked/redrive", body)
    return count


async def discard(operator: Operator, parked_ids: Iterable[UUID], reason: str) -> int:
    """Give these up for a reason; answers how many."""
    return await _settle(operator, "discard", parked_ids, reason=reason)


async def list_held(operator: Operator) -> list[Held]:
    """Outbox rows that are no longer tried."""
    return [
        Held(name, HeldOut.model_validate(row))
        for name in await _holding(operator)
        for row in await operator.get(name, "outbox/held", limit=PAGE)
    ]


async def release(
    operator: Operator, service: str | None = None, seqs: Sequence[int] | None = None
) -> int:
    """Try held rows again: some of a service, all of it, or all there are."""
    names = await _holding(operator) if service is None else [service]
    return sum(
        [await _count(operator, name, "outbox/release", {"seqs": seqs or None}) for name in names]
    )


async def replay(operator: Operator, wanted: ReplayRequest) -> list[ReplayOut]:
    """Ask the consuming service for a replay; one wish per service whose ledger it reads."""
    body: dict[str, Any] = {"consumer": wanted.consumer, "reason": wanted.reason}
    if wanted.households:
        body["subjects"] = [
            str(subject)
            for subject in await _subjects(operator, wanted.consumer, wanted.households)
        ]
    if any(day and not FIRST_DAY <= day <= LAST_DAY for day in (wanted.first, wanted.last)):
        title = Text("Ngày ngoài khoảng dùng được.", "A day out of range.")
        raise Unanswered(wanted.consumer, 422, title)
    if wanted.first is not None:
        body["from_at"] = start_of_day(wanted.first).isoformat()
    if wanted.last is not None:
        body["to_at"] = start_of_day(wanted.last + timedelta(days=1)).isoformat()
    if wanted.per_second is not None:
        body["per_second"] = wanted.per_second
    service = _services_of(wanted.consumer)[0]
    answer = await operator.call(service, "POST", "replays", json=body)
    return [ReplayOut.model_validate(row) for row in answer]


async def list_replays(operator: Operator, replay_ids: Iterable[UUID] = ()) -> list[ReplayOut]:
    """Replays, newest first: the last hundred of each service, or these however old.

    The ledger's own record stands before the wish that led to it.
    """
    chosen = {"replay_id": [str(one) for one in replay_ids]}
    known: dict[UUID, ReplayOut] = {}
    for name in NAMES:
        for row in await operator.get(name, "replays", **chosen):
            replay_ = ReplayOut.model_validate(row)
            if replay_.producer == name or replay_.replay_id not in known:
                known[replay_.replay_id] = replay_
    return sorted(known.values(), key=lambda one: one.requested_at, reverse=True)


def is_rest_of_queue(one: ReplayOut) -> bool:
    """No replay that somebody asked for, but what a full queue had no room for: never stopped."""
    return (one.reason, one.state, one.requested_by) == (backlog.REASON, "running", one.consumer)


async def cancel(operator: Operator, replay_id: UUID) -> bool:
    """Stop a replay wherever it has come to; answers whether it was still open."""
    is_stopped = False
    for name in NAMES:
        try:
            await operator.call(name, "DELETE", f"replays/{replay_id}")
            is_stopped = True
        except Unanswered as refused:
            if refused.status != 404:
                raise
    return is_stopped


async def _settle(operator: Operator, act: str, parked_ids: Iterable[UUID], **more: str) -> int:
    """Each service with anything parked is told all ids, and takes those that are its own."""
    body = {"parked_ids": [str(one) for one in parked_ids], **more}
    progress = await look(operator)
    count = 0
    for name, own in progress.items():
        if own is not None and own.parked:
            count += await _count(operator, name, f"parked/{act}", body)
    if count:
        return count
    silent = [name for name, own in progress.items() if own is None]
    if silent:
        title = Text("API không trả lời.", "The API does not answer.")
        raise Unanswered(", ".join(silent), 502, title)
    title = Text("Không còn sự kiện nào như vậy đang chờ.", "No such parked event waits.")
    raise Unanswered("ops", 404, title)


async def _count(operator: Operator, service: str, path: str, body: Mapping[str, Any]) -> int:
    answer = await operator.call(service, "POST", path, json=body)
    return int(answer["count"])


async def _holding(operator: Operator) -> list[str]:
    return [name for name, own in (await look(operator)).items() if own and own.outbox.held]


async def _subjects(
    operator: Operator, consumer: str, households: Iterable[UUID]
) -> Sequence[UUID]:
    """The households, and their referrals and loans where the consumer reads those: other
    subjects.
    """
    subjects = set(households)
    other = {*_OF_CREDIT} & {*streams_of(consumer)}
    if other:
        for household in households:
            said = (await read_trace(operator, household)).said
            subjects |= {UUID(one["subject"]) for one in said if one["stream"] in other}
    return sorted(subjects)


def _services_of(consumer: str | None) -> Sequence[str]:
    if consumer is None:
        return NAMES
    if consumer not in SUBSCRIPTIONS:
        known = ", ".join(SUBSCRIPTIONS)
        raise Unanswered(
            consumer,
            422,
            Text("Không có bộ nhận sự kiện này.", "There is no such consumer."),
            (Text(f"Chọn một trong: {known}.", f"Choose one of: {known}."),),
        )
    return [SUBSCRIPTIONS[consumer].service]


def _is_meant(entry: Any, consumer: str | None, reason: str | None) -> bool:
    return consumer in (None, entry.consumer) and reason in (None, entry.reason)

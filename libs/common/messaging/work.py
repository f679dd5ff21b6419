"""One micro-batch is one transaction: inbox, cursors, handler, what it says in turn, commit, ack.

The fast road works the whole batch at once. When the batch fails for a reason of its own it is
halved until the culprit stands alone and takes the retry road; its neighbours commit.
"""

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from opentelemetry.trace import Span

from libs.common import faults, telemetry
from libs.common.contracts.catalogue import EVENT_TYPES
from libs.common.contracts.envelope import Received
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.messaging import inbox, suspects
from libs.common.messaging.consumer import Consumer
from libs.common.messaging.decode import Decoded, decode
from libs.common.messaging.failures import describe, is_infrastructure, is_serialisation
from libs.common.messaging.generations import number_of
from libs.common.messaging.parking import (
    KILLS_PROCESS,
    RETRIES_USED,
    Parked,
    park,
    parked_bad,
    parked_event,
)
from libs.common.messaging.pulse import Lane
from libs.common.messaging.settings import ConsumeSettings
from libs.common.messaging.transport import Attributes, Delivery, Message, Source
from libs.common.messaging.versions import choose

log = logging.getLogger(__name__)

# How often a message has come back: from the first on it is worked alone and in halves, from the
# second on event by event, each noted first.
ALONE, EVENT_BY_EVENT = 2, 4


@dataclass(frozen=True, slots=True)
class _Item:
    """One event of a message, on the slow road."""

    decoded: Decoded
    place: int

    @property
    def event(self) -> Received[Any]:
        return self.decoded.events[self.place]

    @property
    def raw(self) -> bytes:
        return self.decoded.raw(self.place)


@dataclass(frozen=True, slots=True)
class Applied:
    """What a set of events came to.

    Attributes:
        counts: how many events had which outcome.
        traced: the same by event, for those whose creation was sampled; most were not.
    """

    counts: Counter[str]
    traced: list[tuple[Received[Any], str]]


@dataclass(slots=True)
class _Slow:
    """What a batch on the slow road comes to."""

    received_at: datetime
    counts: Counter[str] = field(default_factory=Counter)
    traced: list[tuple[Received[Any], str]] = field(default_factory=list)
    failed: list[tuple[_Item, Exception]] = field(default_factory=list)


async def apply(
    tx: Transaction,
    consumer: Consumer,
    events: Sequence[Received[Any]],
    *,
    parked: Sequence[Parked] = (),
    received_at: datetime,
    is_snapshot: bool = False,
) -> Applied:
    """The normal algorithm, in the caller's transaction.

    Args:
        tx: of the effects.
        consumer: whose inbox, cursors and handler.
        events: of any subjects, in any order, also repeated.
        parked: what could not be read, parked in the same transaction.
        received_at: for the inbox.
        is_snapshot: each event stands for all versions up to its own.
    """
    batch_id = new_id()
    fresh, once_parked = await inbox.receive(tx, consumer.name, events, batch_id, received_at)
    steps: dict[inbox.Key, tuple[int, int]] = {}
    for event in fresh:
        weight = number_of(event.version) if is_snapshot else event.event_id not in once_parked
        inbox.count(steps, (event.stream, event.subject), event.version, int(weight))
    previous = await inbox.advance(tx, consumer.name, steps, received_at)
    chosen = choose(consumer.shape, fresh, previous)
    if chosen.events:
        await consumer.handler(chosen.events, tx)
    await park(tx, consumer.name, parked, received_at)
    newest_at = max((event.recorded_at for event in fresh), default=None)
    await inbox.finish(tx, consumer.name, batch_id, received_at, len(events), newest_at)
    counts = Counter(
        applied=len(chosen.events),
        stale=chosen.stale,
        superseded=chosen.superseded,
        duplicate=len(events) - len(fresh),
        parked=len(parked),
    )
    return Applied(counts, _traced(events, fresh, chosen.events, previous))


def _traced(
    events: Sequence[Received[Any]],
    fresh: Sequence[Received[Any]],
    applied: Sequence[Received[Any]],
    previous: Mapping[inbox.Key, int],
) -> list[tuple[Received[Any], str]]:
    sampled = [event for event in events if event.traceparent is not None]
    if not sampled:
        return []
    new, taken = {event.event_id for event in fresh}, {event.event_id for event in applied}
    traced = []
    for event in sampled:
        if event.event_id not in new:
            outcome = "duplicate"
        elif event.event_id in taken:
            outcome = "applied"
        elif event.version <= previous[event.stream, event.subject]:
            outcome = "stale"
        else:
            outcome = "superseded"
        new.discard(event.event_id)  # the same once more in this batch is a duplicate
        traced.append((event, outcome))
    return traced


class Worker:
    """Works one consumer's deliveries, batch by batch."""

    def __init__(
        self,
        database: Database,
        consumer: Consumer,
        source: Source,
        settings: ConsumeSettings,
        lane: Lane,
    ) -> None:
        self._database = database
        self.lane = lane
        self.consumer = consumer
        self._source = source
        self._settings = settings

    async def work(self, *, replay: bool) -> bool:
        """Take and work one micro-batch; answers whether there was one.

        Raises:
            Exception: the database or the bus is down; what is unsettled comes again.
        """
        with ExitStack() as stack:
            stack.callback(self.lane.end)
            return await self._work(stack, replay)

    async def _work(self, stack: ExitStack, replay: bool) -> bool:
        deliveries: list[Delivery] = []
        decoded: list[Decoded] = []
        applied = Applied(Counter(), [])
        received_at, started = self._database.clock.now(), time.perf_counter()
        try:
            async with self._database.transaction() as tx:
                deliveries = await self._source.take(tx, replay=replay)
                if not deliveries:
                    return False
                decoded = [decode(delivery) for delivery in deliveries]
                span = stack.enter_context(self._begin(decoded))
                is_suspect = deliveries[0].deliveries >= ALONE
                if not is_suspect:
                    applied = await self._apply_all(tx, decoded, received_at)
                    await self._source.settle_in(tx, deliveries)
                    faults.at("before_commit")
            faults.at("after_commit")
        except Exception as error:
            if is_infrastructure(error) or not decoded:
                raise
            telemetry.mark_failed(span, type(error).__name__)
            log.info("%s: batch fails: %s", self.consumer.name, describe(error))
            applied = await self._carefully(decoded, received_at, error)
        else:
            if is_suspect:
                applied = await self._carefully(decoded, received_at, None)
        self._tell(decoded, started, applied, received_at)
        await self._settle(deliveries, self._about(decoded))
        faults.at("after_ack")
        return True

    def _begin(self, decoded: Sequence[Decoded]) -> AbstractContextManager[Span]:
        """The batch's span, until it is settled; a batch in work is a sign of life, for a while."""
        events = [event for entry in decoded for event in entry.events]
        self.lane.begin(max((event.recorded_at for event in events), default=None))
        about = {**self._about(decoded), telemetry.names.BATCH_COUNT: len(decoded)}
        return telemetry.process_span((event.traceparent for event in events), about)

    async def _settle(self, deliveries: Sequence[Delivery], about: Attributes) -> None:
        started = time.perf_counter()
        with telemetry.ack_span(about):
            await self._source.settle_after(deliveries)
        telemetry.count_settled(about, time.perf_counter() - started)

    async def _apply_all(
        self, tx: Transaction, decoded: Sequence[Decoded], received_at: datetime
    ) -> Applied:
        events = [event for entry in decoded for event in entry.events]
        bad = [parked_bad(bad, entry.delivery) for entry in decoded for bad in entry.bad]
        return await apply(tx, self.consumer, events, parked=bad, received_at=received_at)

    def _about(self, decoded: Sequence[Decoded]) -> Attributes:
        types = {entry.delivery.type for entry in decoded if entry.delivery.type in EVENT_TYPES}
        group = {telemetry.names.CONSUMER_GROUP: self.consumer.name}
        return {**self._source.about(types), **group}

    def _tell(
        self, decoded: Sequence[Decoded], started: float, applied: Applied, received_at: datetime
    ) -> None:
        """Metrics of a batch that has committed, and a span for each event that is traced."""
        about, seconds = self._about(decoded), time.perf_counter() - started
        telemetry.count_processed(about, self.consumer.name, len(decoded), seconds, applied.counts)
        for event, outcome in applied.traced:
            telemetry.event_span(
                about,
                event.traceparent,
                message_id=event.event_id,
                correlation_id=event.correlation_id,
                version=event.version,
                outcome=outcome,
                started_at=received_at,
            )

    async def _carefully(
        self, decoded: Sequence[Decoded], received_at: datetime, error: Exception | None
    ) -> Applied:
        """The slow road: halves, and each event's own fate; then the messages are settled.

        Args:
            error: what the whole batch failed with, where it was tried.
        """
        items = [_Item(entry, place) for entry in decoded for place in range(len(entry.events))]
        bad = [parked_bad(bad, entry.delivery) for entry in decoded for bad in entry.bad]
        slow = _Slow(received_at)
        is_retry = error is not None and is_serialisation(error)
        if decoded[0].delivery.deliveries >= EVENT_BY_EVENT:
            for item in items:
                await self._suspect(item, slow)
        elif error is not None and not is_retry and len(items) == 1 and not bad:
            slow.failed.append((items[0], error))  # it stood alone already
        elif is_retry or len(items) < 2:
            await self._work_off(items, slow)
        else:
            middle = len(items) // 2
            await self._work_off(items[:middle], slow)
            await self._work_off(items[middle:], slow)
        await self._give_up(slow, bad)
        async with self._database.transaction() as tx:
            await self._source.settle_in(tx, [entry.delivery for entry in decoded])
        return Applied(slow.counts, slow.traced)

    async def _work_off(self, items: Sequence[_Item], slow: _Slow) -> None:
        if not items:
            return
        error = await self._try(items, slow)
        if error is None:
            return
        if len(items) == 1:
            slow.failed.append((items[0], error))
            return
        middle = len(items) // 2
        await self._work_off(items[:middle], slow)
        await self._work_off(items[middle:], slow)

    async def _try(
        self, items: Sequence[_Item], slow: _Slow, *, noted: bool = False
    ) -> Exception | None:
        """Work these events in a transaction of their own; answers what they failed with."""
        for tries_left in reversed(range(self._settings.transaction_tries)):
            try:
                async with self._database.transaction() as tx:
                    events = [item.event for item in items]
                    applied = await apply(tx, self.consumer, events, received_at=slow.received_at)
                    if noted:
                        await suspects.clear(tx, self.consumer.name, events[0].event_id)
                    faults.at("before_commit")
                faults.at("after_commit")
                slow.counts += applied.counts
                slow.traced += applied.traced
                return None
            except Exception as error:
                if is_infrastructure(error):
                    raise
                if not (tries_left and is_serialisation(error)):
                    return error
                await asyncio.sleep(random.random() * 0.05)  # noqa: S311
        return None

    async def _suspect(self, item: _Item, slow: _Slow) -> None:
        name, event = self.consumer.name, item.event
        async with self._database.transaction() as tx:
            may_run = await suspects.note(tx, name, event.event_id, slow.received_at)
            if not may_run:
                entry = parked_event(event, item.raw, item.decoded.delivery, KILLS_PROCESS, None)
                await park(tx, name, [entry], slow.received_at)
                await suspects.clear(tx, name, event.event_id)
        if not may_run:
            slow.counts["parked"] += 1
            slow.traced.append((event, "parked"))
            log.error(
                "%s: an event that kills the process is parked",
                name,
                extra={"correlation_id": str(event.correlation_id)},
            )
            return
        error = await self._try([item], slow, noted=True)
        if error is not None:
            slow.failed.append((item, error))
            async with self._database.transaction() as tx:
                await suspects.clear(tx, name, event.event_id)

    async def _give_up(self, slow: _Slow, bad: Sequence[Parked]) -> None:
        """Each failed event to its next rung, or, the ladder used up, to the parking lot."""
        parked = list(bad)
        copies = []
        for item, error in slow.failed:
            delivery = item.decoded.delivery
            if delivery.attempt < len(self._settings.rungs_seconds):
                body = b"[" + item.raw + b"]"
                attempt = delivery.attempt + 1
                headers = {key: str(value) for key, value in delivery.headers.items()}
                copies.append(Message(item.event.type, body, 1, attempt, headers))
                slow.traced.append((item.event, "retried"))
            else:
                slow.traced.append((item.event, "parked"))
                entry = parked_event(item.event, item.raw, delivery, RETRIES_USED, describe(error))
                parked.append(entry)
        if copies:
            await self._source.retry(copies)
        if parked:
            async with self._database.transaction() as tx:
                await park(tx, self.consumer.name, parked, slow.received_at)
            log.error("%s: %d events are parked", self.consumer.name, len(parked))
        slow.counts.update(retried=len(copies), parked=len(parked))

"""How every consumer stands, from what each service says of itself. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.common.contracts.catalogue import EVENT_TYPES, SUBSCRIPTIONS
from libs.common.messaging.operations.progress import NOTHING, RECENT, Heads, Work
from libs.common.messaging.operations.schemas import ProgressOut

# What each service said, upstream first; None where it did not answer.
Progress = Mapping[str, ProgressOut | None]


@dataclass(frozen=True)
class Standing:
    """One consumer.

    Attributes:
        behind: versions per stream that it has yet to see, without what is set aside.
        newest_at: when the newest event it has worked was recorded; its lag counts from there.
        per_second: events, over the last minute.
        is_current: whether the counts are not older than its last work.
        is_recent: whether all that is missing was said only just now.
    """

    consumer: str
    behind: Mapping[str, int]
    parked: int
    queued: int
    retrying: int
    last_at: datetime | None
    newest_at: datetime | None
    per_second: float
    is_current: bool
    is_recent: bool

    @property
    def versions(self) -> int:
        return sum(self.behind.values())

    def lag(self, now: datetime) -> timedelta | None:
        """Age of the newest thing that it has worked, while anything is missing; else nothing."""
        if not self.versions:
            return timedelta(0)
        if self.newest_at is None:
            return RECENT if self.is_recent else None
        length = max(now - self.newest_at, timedelta(0))
        return min(length, RECENT) if self.is_recent else length


def standings(progress: Progress) -> list[Standing]:
    """Every consumer of a service that answers, upstream first."""
    heads = {stream: said for one in progress.values() if one for stream, said in one.heads.items()}
    recent = {s: count for one in progress.values() if one for s, count in one.recent.items()}
    found = []
    for name, own in progress.items():
        if own is None:
            continue
        work = {entry.consumer: entry for entry in own.work}
        found += [
            _standing(consumer, own, heads, recent, work.get(consumer))
            for consumer in consumers_of(name)
        ]
    return found


def _standing(
    consumer: str,
    own: ProgressOut,
    heads: Mapping[str, Heads],
    recent: Mapping[str, int],
    work: Work | None,
) -> Standing:
    aside = {
        entry.stream: entry.parked + entry.discarded
        for entry in own.set_aside
        if entry.consumer == consumer
    }
    seen = own.cursors.get(consumer, {})
    behind = {
        stream: heads[stream].missing(seen.get(stream, NOTHING)) - aside.get(stream, 0)
        for stream in streams_of(consumer)
        if stream in heads
    }
    queued = own.queued.get(consumer)
    return Standing(
        consumer=consumer,
        behind={stream: missing for stream, missing in behind.items() if missing > 0},
        parked=sum(entry.count for entry in own.parked if entry.consumer == consumer),
        queued=queued.live if queued else 0,
        retrying=queued.retrying if queued else 0,
        last_at=work.last_at if work else None,
        newest_at=work.newest_at if work else None,
        per_second=work.minute_events / 60 if work else 0.0,
        is_current=work is None or work.last_at <= own.counted_at,
        is_recent=all(missing <= recent.get(stream, 0) for stream, missing in behind.items()),
    )


def streams_of(consumer: str) -> list[str]:
    """The streams that a consumer reads, sorted."""
    reads = SUBSCRIPTIONS[consumer].reads
    return sorted({event.stream for event in EVENT_TYPES.values() if reads(event.name)})


def consumers_of(service: str) -> Iterator[str]:
    """Who of the service listens."""
    return (name for name, entry in SUBSCRIPTIONS.items() if entry.service == service)

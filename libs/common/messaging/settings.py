"""Every duration and limit of the bus, so that tests can run them at a fiftieth."""

from dataclasses import dataclass

RUNGS_SECONDS = (5.0, 30.0, 120.0, 600.0)


@dataclass(frozen=True)
class BackoffSettings:
    """Waits double from `first_seconds` to `most_seconds`, with jitter.

    The most is short: asking a bus that is down costs next to nothing, and whoever still sleeps
    when it is back drains nothing. With a minute, an outage of a minute costs up to another.
    """

    first_seconds: float = 1.0
    most_seconds: float = 2.5


@dataclass(frozen=True)
class BrokerSettings:
    """How long to wait for the broker itself.

    Attributes:
        answer_seconds: for a connection, a channel, a declaration.
        close_seconds: for the good-bye to one; then it is left as it is.
        heartbeat_seconds: where the URL names none. A connection on which nothing is heard is given
            up after some three times as long.
        replay_messages: waiting for one consumer's second look; the rest stays in the ledger.
    """

    answer_seconds: float = 10.0
    close_seconds: float = 5.0
    heartbeat_seconds: int = 15
    replay_messages: int = 250


@dataclass(frozen=True)
class RelaySettings:
    """How the outbox is emptied.

    Attributes:
        poll_seconds: how long a lost wake-up can delay a row.
        claim_rows, claim_bytes: what one transaction takes.
        message_events, message_bytes: what one message carries.
        largest_bytes: a single event above it is refused as too large.
        publish_seconds: confirms that take longer count as unknown.
        row_backoff: waits of a row that the transport cannot take.
        row_attempts: after that many the row is held.
    """

    poll_seconds: float = 0.2
    claim_rows: int = 2000
    claim_bytes: int = 4_000_000
    message_events: int = 200
    message_bytes: int = 256_000
    largest_bytes: int = 8_000_000
    publish_seconds: float = 10.0
    backoff: BackoffSettings = BackoffSettings()
    row_backoff: BackoffSettings = BackoffSettings(1.0, 600.0)
    row_attempts: int = 20


@dataclass(frozen=True)
class LocalSettings:
    """The local transport's queues.

    Attributes:
        lane_messages: waiting for one consumer in one lane; what comes on top stays in the ledger.
            A message is 256 kB at most: a consumer that stands still costs 64 MB of disk per lane.
        answer_seconds: for a peer's database; then the connection is left and made again.
    """

    lane_messages: int = 250
    answer_seconds: float = 10.0


@dataclass(frozen=True)
class ConsumeSettings:
    """How a consumer works.

    Attributes:
        batch_events, batch_bytes: a micro-batch closes at the message that reaches one of them.
        replay_events: the same for the replay lane, small, so that live traffic is not delayed.
        prefetch, replay_prefetch: messages under way per process.
        poll_seconds: of the local transport, where a wake-up was lost or a retry comes due.
        rungs_seconds: the delays of the retry ladder.
        transaction_tries: for serialisation failures and deadlocks.
        drain_seconds: what a running batch gets to finish after the stop signal.
        watch_seconds: between looks whether the queue still has its consumer; twice without one
            ends the process.
        beat_seconds: between two signs of life.
        lease_seconds: how long the local transport keeps a message that came back too often for
            the one who works it; after a death it waits as long.
        stuck_seconds: a batch that has been in work for longer is no sign of life.
    """

    batch_events: int = 800
    batch_bytes: int = 1_600_000
    replay_events: int = 200
    prefetch: int = 64
    replay_prefetch: int = 4
    poll_seconds: float = 1.0
    rungs_seconds: tuple[float, ...] = RUNGS_SECONDS
    transaction_tries: int = 3
    drain_seconds: float = 25.0
    watch_seconds: float = 30.0
    beat_seconds: float = 5.0
    lease_seconds: float = 60.0
    stuck_seconds: float = 60.0
    backoff: BackoffSettings = BackoffSettings()


@dataclass(frozen=True)
class ReplaySettings:
    """How replays and re-drives are performed.

    Attributes:
        poll_seconds: between looks for wishes.
        page_events: read and sent at a time; the rate limit waits between pages.
        page_rows: of the ledger, that one page looks through at most.
        message_events, message_bytes: what one message carries, small, because replays yield.
    """

    poll_seconds: float = 3.0
    page_events: int = 500
    page_rows: int = 50_000
    message_events: int = 100
    message_bytes: int = 128_000
    backoff: BackoffSettings = BackoffSettings()


def rung_name(seconds: float) -> str:
    """`5s`, `2m`, `100ms`: the last part of a retry queue's name."""
    if seconds >= 60 and seconds % 60 == 0:
        return f"{int(seconds // 60)}m"
    return f"{int(seconds)}s" if seconds >= 1 else f"{int(seconds * 1000)}ms"

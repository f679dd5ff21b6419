"""One wish that cannot be performed stops no other, and no page looks through a whole ledger."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from libs.common.ids import new_id
from libs.common.messaging.replay import replay_once
from libs.common.messaging.settings import LocalSettings, ReplaySettings
from libs.common.messaging.transports import local
from libs.common.messaging.wishes import Wish, insert_wish
from tests.support.bus import CONSUMER, QUICK, Bus, eventually

SMALL = ReplaySettings(poll_seconds=0.02, page_events=7, page_rows=8, backoff=QUICK)
over_local = pytest.mark.parametrize("bus", ["local"], indirect=True)
over_rabbitmq = pytest.mark.parametrize(
    "bus", [pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)], indirect=True
)


async def _wish(bus: Bus, consumer: str = CONSUMER, **which: object) -> Wish:
    fields = {"producer": "registry", "consumer": consumer, "reason": "TEST", **which}
    wish = Wish.model_validate(
        {**fields, "requested_by": "test", "requested_at": bus.producer.clock.now()}
    )
    await insert_wish(bus.producer.pool, wish)
    return wish


async def _rounds(bus: Bus, wish: Wish) -> int:
    """How many pages it takes until it is done.

    A round in which it stands still is not one: an elder transaction, in any database of the
    cluster, holds up its first page.
    """
    pages = 0

    async def is_done() -> bool:
        nonlocal pages
        before = await _place(bus, wish)
        await replay_once(bus.producer, bus.transport, "registry", SMALL)
        after = await _place(bus, wish)
        pages += after != before
        return after[1]

    await eventually(is_done)
    return pages


async def _place(bus: Bus, wish: Wish) -> tuple[int, bool]:
    row = await bus.producer.pool.fetchrow(
        "SELECT last_seq, state = 'done' FROM replay WHERE replay_id = $1", wish.replay_id
    )
    assert row is not None
    return row[0], row[1]


async def _state(bus: Bus, wish: Wish) -> str:
    return str(
        await bus.producer.pool.fetchval(
            "SELECT state FROM replay WHERE replay_id = $1", wish.replay_id
        )
    )


async def _sent(bus: Bus, wish: Wish) -> tuple[int, int]:
    row = await bus.producer.pool.fetchrow(
        "SELECT sent, total FROM replay WHERE replay_id = $1", wish.replay_id
    )
    assert row is not None
    return row["sent"], row["total"]


async def test_a_wish_of_a_consumer_that_nobody_knows_is_given_up(bus: Bus) -> None:
    await bus.say(new_id())
    lost = await _wish(bus, "eligibility.no_such")
    astray = await _wish(bus, producer="no_such")
    good = await _wish(bus)
    await _rounds(bus, good)
    assert await _state(bus, lost) == await _state(bus, astray) == "cancelled"
    errors = await bus.producer.pool.fetch(
        "SELECT last_error FROM replay WHERE state = 'cancelled' ORDER BY requested_at"
    )
    assert [row[0] for row in errors] == ["KeyError", "UNKNOWN_PRODUCER"]


@over_rabbitmq
async def test_a_message_that_is_no_wish_is_dropped(bus: Bus) -> None:
    wish = Wish(
        producer="registry",
        consumer=CONSUMER,
        reason="TEST",
        requested_by="test",
        requested_at=bus.producer.clock.now(),
    )
    spoilt = wish.model_copy(update={"reason": "a\x00b"}).model_dump_json().encode()
    for body in (b"{}", b"\xff", spoilt, wish.model_dump_json().encode()):
        await bus.transport.pass_on("registry", body)
    await replay_once(bus.producer, bus.transport, "registry", SMALL)
    assert await _state(bus, wish) in ("running", "done")
    assert await bus.producer.pool.fetchval("SELECT count(*) FROM replay") == 1


@over_local
async def test_a_peer_that_is_away_does_not_hold_up_the_others(bus: Bus) -> None:
    parts = urlsplit(bus.consumer.dsn)
    away = urlunsplit(parts._replace(path="/no_such_database"))
    await bus.transport.close()
    peers = {"eligibility": bus.consumer.dsn, "credit": away}
    bus.transport = local.connect(peers, settings=LocalSettings(answer_seconds=1))
    await bus.say(new_id())
    waits = await _wish(bus, "credit.areas")
    await _wish(bus, producer="credit")
    await _rounds(bus, await _wish(bus))
    assert await _state(bus, waits) == "running"
    await bus.transport.close()


async def _record(bus: Bus, count: int, ago: timedelta) -> None:
    """Say so many events, as if that long ago."""
    for _ in range(count):
        await bus.say(new_id())
    owner = await asyncpg.connect(bus.producer_dsn)
    await owner.execute(
        "UPDATE event_log SET recorded_at = recorded_at - $1::interval WHERE seq > ("
        "SELECT max(seq) - $2 FROM event_log)",
        ago,
        count,
    )
    await owner.close()


async def test_a_replay_by_days_begins_where_they_begin(bus: Bus) -> None:
    await _record(bus, 60, timedelta(days=10))
    await _record(bus, 5, timedelta(0))
    since: datetime = bus.producer.clock.now() - timedelta(hours=1)
    wish = await _wish(bus, from_at=since)
    assert await _rounds(bus, wish) <= 3  # of eight rows each
    assert await _sent(bus, wish) == (5, 5)


async def test_a_page_that_finds_little_goes_on_where_it_stopped(bus: Bus) -> None:
    await _record(bus, 30, timedelta(days=10))
    subject = new_id()
    await bus.say(subject)
    wish = await _wish(bus, to_at=bus.producer.clock.now() - timedelta(days=30))
    await _rounds(bus, wish)
    assert await _sent(bus, wish) == (0, 0)
    everything = await _wish(bus)
    await _rounds(bus, everything)
    assert await _sent(bus, everything) == (31, 31)
    of_one = await _wish(bus, subjects=(subject,))
    assert await _rounds(bus, of_one) == 1  # not one per eight rows: by the subjects' own index
    assert await _sent(bus, of_one) == (1, 1)

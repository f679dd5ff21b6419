"""Replays go to one consumer, skip nothing and change nothing the second time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from libs.common.contracts.area import CHANGED
from libs.common.ids import new_id
from libs.common.messaging import snapshot
from libs.common.messaging.operations import progress, trace
from libs.common.messaging.replay import cancel, replay_once
from libs.common.messaging.settings import ReplaySettings
from libs.common.messaging.ticks import forget_receipts, wish_for_gaps
from libs.common.messaging.wishes import GAP, Wish, insert_wish
from tests.support.bus import (
    CONSUMER,
    Bus,
    a_consumer,
    an_event,
    eventually,
    say,
    set_consumer,
)

QUICK = ReplaySettings(poll_seconds=0.02, page_events=7)


async def _wish(bus: Bus, **chosen: object) -> Wish:
    wish = Wish.model_validate(
        {
            "producer": "registry",
            "consumer": CONSUMER,
            "reason": "test",
            "requested_by": "test",
            "requested_at": bus.producer.clock.now(),
            **chosen,
        }
    )
    async with bus.producer.transaction() as tx:
        await insert_wish(tx, wish)
    return wish


async def _replay_until(bus: Bus, condition: Callable[[], Awaitable[bool]]) -> None:
    async def step() -> bool:
        await replay_once(bus.producer, bus.transport, "registry", QUICK)
        return await condition()

    await eventually(step)


async def _is_done(bus: Bus) -> bool:
    states = await bus.producer.pool.fetch("SELECT state FROM replay")
    return {row["state"] for row in states} == {"done"}


async def test_a_new_consumer_starts_from_snapshot_replay_and_live_traffic(bus: Bus) -> None:
    subjects = [new_id() for _ in range(25)]
    for _ in range(3):
        await bus.say(*subjects)
    await bus.producer.pool.execute("DELETE FROM outbox")  # said before the consumer existed
    await bus.say(*subjects[:5])  # live, waiting in the queue
    after = None
    while True:
        async with bus.producer.transaction() as tx:
            page = await snapshot.read_page(tx, "area", after, limit=10)
        if not page:
            break
        await snapshot.apply_page(bus.consumer, set_consumer(), page)
        after = page[-1].subject
    await _wish(bus)

    wanted = {(subject, version) for subject in subjects for version in (1, 2, 3)}
    wanted |= {(subject, 4) for subject in subjects[:5]}
    async with bus.running(set_consumer()):

        async def complete() -> bool:
            return set(await bus.kept()) == wanted

        await _replay_until(bus, complete)
        await bus.say(subjects[0])
        wanted.add((subjects[0], 5))
        await eventually(complete)
        before = await bus.kept()
        await _wish(bus)

        async def again() -> bool:
            return await _is_done(bus)

        await _replay_until(bus, again)
    assert await bus.kept() == before  # the second run is a no-op
    assert set(before.values()) == {1}


async def test_a_replay_is_limited_to_subjects_types_and_time(bus: Bus) -> None:
    mine, other = new_id(), new_id()
    await bus.say(mine, other)
    await bus.producer.pool.execute("DELETE FROM outbox")
    now = bus.producer.clock.now()
    await _wish(bus, subjects=(mine,))
    await _wish(bus, types=("household.changed.v1",))
    await _wish(bus, from_at=now + timedelta(hours=1))
    async with bus.running(a_consumer(), relays=0):

        async def done() -> bool:
            return await _is_done(bus)

        await _replay_until(bus, done)
        await bus.reaches({mine: 1})
    sent = await bus.producer.pool.fetch("SELECT sent, total FROM replay ORDER BY sent")
    assert [tuple(row) for row in sent] == [(0, 0), (0, 0), (1, 1)]


async def test_a_lower_seq_that_commits_late_is_not_skipped(bus: Bus) -> None:
    slow, fast = new_id(), new_id()
    await _wish(bus)
    async with bus.running(a_consumer(), relays=0):
        async with bus.producer.transaction() as tx:
            await say(tx, slow)
            await bus.say(fast)  # a higher seq, committed first
            for _ in range(3):
                await replay_once(bus.producer, bus.transport, "registry", QUICK)
        await bus.producer.pool.execute("DELETE FROM outbox")

        async def done() -> bool:
            return await _is_done(bus)

        await _replay_until(bus, done)
        await bus.reaches({slow: 1, fast: 1})


async def test_a_lower_seq_under_a_younger_transaction_is_not_skipped(bus: Bus) -> None:
    """The order of transaction ids is not the order of `seq`: the elder took the higher one, and
    committed first, so that a reader who trusts its age alone would pass over the lower one.
    Nothing younger has completed, so that the end of a snapshot would be no fence.
    """
    low, high = new_id(), new_id()
    await _wish(bus)
    elder, younger = bus.producer.transaction(), bus.producer.transaction()
    async with bus.running(a_consumer(), relays=0):
        async with younger as lower_seq:
            async with elder as higher_seq:
                for tx in (higher_seq, lower_seq):  # in this order they get their ids
                    await tx.fetchval("SELECT pg_current_xact_id()")
                await say(lower_seq, low)
                await say(higher_seq, high)
            for _ in range(3):
                await replay_once(bus.producer, bus.transport, "registry", QUICK)
            assert await bus.producer.pool.fetchval("SELECT sent FROM replay") == 0
        rows = await bus.producer.pool.fetch("SELECT subject, xact FROM event_log ORDER BY seq")
        assert [row["subject"] for row in rows] == [low, high]
        assert rows[0]["xact"] > rows[1]["xact"]

        async def done() -> bool:
            return await _is_done(bus)

        await _replay_until(bus, done)
        await bus.reaches({low: 1, high: 1})


async def test_a_cancelled_replay_sends_no_more(bus: Bus) -> None:
    subjects = [new_id() for _ in range(30)]
    await bus.say(*subjects)
    wish = await _wish(bus, per_second=5)
    await replay_once(bus.producer, bus.transport, "registry", QUICK)
    async with bus.producer.transaction() as tx:
        assert await cancel(tx, wish.replay_id)
    for _ in range(3):
        await replay_once(bus.producer, bus.transport, "registry", QUICK)
    row = await bus.producer.pool.fetchrow("SELECT state, sent FROM replay")
    assert row is not None
    assert row["state"] == "cancelled"
    assert row["sent"] <= 5


async def test_an_old_gap_asks_the_producer_for_the_subject(bus: Bus) -> None:
    subject = new_id()
    await bus.say(subject)
    await bus.producer.pool.execute("DELETE FROM outbox")  # lost on the way
    async with bus.running(a_consumer()):
        await bus.say(subject)
        await bus.reaches({subject: 2})
        assert await wish_for_gaps(bus.consumer, bus.consumer.clock, timedelta(0)) == 1
        await replay_once(bus.consumer, bus.transport, "eligibility", QUICK)

        async def closed() -> bool:
            await replay_once(bus.producer, bus.transport, "registry", QUICK)
            return bool(await bus.consumer.pool.fetchval("SELECT seen = version FROM cursor"))

        await eventually(closed)
    assert await bus.latest() == {subject: 2}


async def test_gaps_asked_for_again_and_again_are_one_replay_at_a_time(bus: Bus) -> None:
    """A watch repeats itself until the gap is closed; its wishes must not multiply the events."""
    first, second, others = new_id(), new_id(), new_id()
    await bus.say(first, second, others)
    about = {"reason": GAP, "requested_by": CONSUMER, "types": (CHANGED,)}

    async def wishes() -> list[tuple[str, set[UUID], int]]:
        rows = await bus.producer.pool.fetch(
            "SELECT state, subjects, sent FROM replay WHERE reason = 'GAP' ORDER BY requested_at"
        )
        return [(row["state"], set(row["subjects"]), row["sent"]) for row in rows]

    by_hand = await _wish(bus, subjects=(others,))
    for subjects in ((first,), (first, second), (second,)):
        await _wish(bus, subjects=subjects, **about)
    async with bus.producer.transaction() as tx:
        await tx.fetchval("SELECT pg_current_xact_id()")  # the fence holds the replay open
        await replay_once(bus.producer, bus.transport, "registry", QUICK)
        for _ in range(2):
            await _wish(bus, subjects=(first,), **about)
            await replay_once(bus.producer, bus.transport, "registry", QUICK)
        assert await wishes() == [
            ("running", {first, second}, 0),
            ("wanted", {first}, 0),
        ]

    async def done() -> bool:
        return await _is_done(bus)

    await _replay_until(bus, done)
    assert await wishes() == [("done", {first, second}, 2), ("done", {first}, 1)]
    sent = "SELECT sent FROM replay WHERE replay_id = $1"
    assert await bus.producer.pool.fetchval(sent, by_hand.replay_id) == 1


async def test_a_replay_waits_while_its_consumer_has_no_room(bus: Bus) -> None:
    subjects = [new_id() for _ in range(9)]
    await bus.say(*subjects)
    await bus.producer.pool.execute("DELETE FROM outbox")
    await _wish(bus)
    narrow = bus.connect_again(lane_messages=2)
    four_messages = replace(QUICK, message_events=2)

    async def sent() -> int:
        await replay_once(bus.producer, narrow, "registry", four_messages)
        found: int = await bus.producer.pool.fetchval("SELECT sent FROM replay")
        return found

    async def has_begun() -> bool:
        return bool(await sent())

    try:
        await eventually(has_begun)
        assert [await sent() for _ in range(3)] == [QUICK.page_events] * 3  # one page fitted
    finally:
        await narrow.close()

    async def done() -> bool:
        return await _is_done(bus)

    async with bus.running(a_consumer(), relays=0):
        await _replay_until(bus, done)
        await bus.reaches(dict.fromkeys(subjects, 1))


async def test_progress_and_trace_tell_that_everything_is_in(bus: Bus) -> None:
    subject, other, act = new_id(), new_id(), new_id()
    async with bus.running(a_consumer()):
        await bus.say(subject, correlation_id=act)
        await bus.say(subject, other)

        async def complete() -> bool:
            async with bus.producer.transaction() as tx:
                heads = (await progress.read_heads(tx)).heads
            async with bus.consumer.transaction() as tx:
                cursors = await progress.read_cursors(tx)
            return heads["area"] == cursors.get((CONSUMER, "area"))

        await eventually(complete)
    async with bus.producer.transaction() as tx:
        assert (await progress.read_outbox(tx)).pending == 0
        [said] = await trace.said_in(tx, act)
        assert [entry.version for entry in await trace.said_about(tx, subject)] == [1, 2]
    async with bus.consumer.transaction() as tx:
        [receipt] = await trace.receipts(tx, [said.event_id])
        assert await progress.read_queued(tx) == {}
        assert await progress.read_parked(tx) == []
    assert receipt.consumer == CONSUMER
    assert receipt.finished_at is not None
    assert said.recorded_at <= receipt.received_at <= receipt.finished_at


async def test_old_receipts_are_forgotten_and_cursors_still_refuse_repeats(bus: Bus) -> None:
    subject = new_id()
    event = an_event(subject, 1)
    async with bus.running(a_consumer(), relays=0):
        await bus.send(event)
        await bus.reaches({subject: 1})
        await forget_receipts(bus.consumer, bus.consumer.clock, timedelta(0))
        assert await bus.received() == 0
        await bus.send(event)

        async def received() -> bool:
            return await bus.received() == 1

        await eventually(received)
    times = await bus.consumer.pool.fetchval("SELECT times FROM scratch_latest")
    assert times == 1


async def test_two_first_writers_of_a_subject_take_two_versions(bus: Bus) -> None:
    subjects = [new_id() for _ in range(5)]
    await asyncio.gather(*(bus.say(*subjects) for _ in range(6)))
    rows = await bus.producer.pool.fetch(
        "SELECT subject, array_agg(version ORDER BY seq) AS versions FROM event_log GROUP BY 1"
    )
    assert {tuple(row["versions"]) for row in rows} == {(1, 2, 3, 4, 5, 6)}

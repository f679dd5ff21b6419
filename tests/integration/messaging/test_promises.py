"""Each committed act has each consumer's effect once, whatever repeats or arrives late."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from libs.common.contracts.area import CHANGED as AREA_CHANGED
from libs.common.contracts.envelope import Received
from libs.common.contracts.referral import CHANGED as REFERRAL_CHANGED
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger, snapshot
from libs.common.messaging.consume import run_consumer
from libs.common.messaging.consumer import NotYet
from tests.support.bus import (
    CONSUME,
    CONSUMER,
    RELAY,
    Bus,
    a_consumer,
    an_area,
    an_event,
    eventually,
    keep_latest,
    say,
    set_consumer,
)


async def test_an_act_takes_effect_and_leaves_the_outbox_empty(bus: Bus) -> None:
    one, two = new_id(), new_id()
    async with bus.running(a_consumer()):
        await bus.say(one, two)
        await bus.say(one)
        await bus.reaches({one: 2, two: 1})

    assert await bus.outbox() == 0
    assert await bus.received() == 3


async def test_a_thousand_subjects_take_effect_in_few_batches(bus: Bus) -> None:
    subjects = [new_id() for _ in range(1000)]
    await bus.say(*subjects)
    async with bus.running(a_consumer()):
        await bus.reaches(dict.fromkeys(subjects, 1))
    batches = await bus.consumer.pool.fetch(
        "SELECT consumer, events FROM inbox_batch WHERE events > 0"
    )
    assert {row["consumer"] for row in batches} == {CONSUMER}
    assert sum(row["events"] for row in batches) == 1000
    assert len(batches) <= 5


async def test_an_act_that_rolls_back_says_nothing(bus: Bus) -> None:
    subject = new_id()

    async def fail() -> None:
        async with bus.producer.transaction() as tx:
            await say(tx, subject)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with bus.running(a_consumer()):
        await bus.say(subject)
        await bus.reaches({subject: 1})


async def test_repeats_of_an_event_have_one_effect(bus: Bus) -> None:
    subject = new_id()
    event = an_event(subject, 1)
    await bus.send(event, event)
    await bus.send(event)
    async with bus.running(set_consumer(), relays=0):
        await bus.send(event)
        await bus.send(an_event(subject, 2))

        async def both() -> bool:
            return await bus.kept() == {(subject, 1): 1, (subject, 2): 1}

        await eventually(both)
    assert await bus.received() == 2


async def test_latest_wins_ignores_what_comes_late(bus: Bus) -> None:
    subject = new_id()
    async with bus.running(a_consumer(), relays=0):
        await bus.send(an_event(subject, 3))
        await bus.reaches({subject: 3})
        await bus.send(an_event(subject, 2))

        async def received() -> bool:
            return await bus.received() == 2

        await eventually(received)
    assert await bus.latest() == {subject: 3}


async def test_latest_wins_gets_one_event_per_subject(bus: Bus) -> None:
    subject = new_id()
    handed: list[int] = []

    async def note(events: Sequence[Received[Any]], tx: Transaction) -> None:
        handed.extend(event.version for event in events)
        await keep_latest(events, tx)

    await bus.send(*(an_event(subject, version) for version in (2, 4, 1, 3)))
    async with bus.running(a_consumer(note), relays=0):
        await bus.reaches({subject: 4})
    assert handed == [4]


async def test_set_insert_keeps_what_comes_late(bus: Bus) -> None:
    subject = new_id()
    for version in (3, 1, 2):
        await bus.send(an_event(subject, version))
    async with bus.running(set_consumer(), relays=0):

        async def all_three() -> bool:
            return await bus.kept() == {(subject, 1): 1, (subject, 2): 1, (subject, 3): 1}

        await eventually(all_three)
    cursor = await bus.consumer.pool.fetchrow("SELECT version, seen, gap_since FROM cursor")
    assert cursor is not None
    assert tuple(cursor) == (3, 3, None)


async def test_a_gap_is_noted_until_it_closes(bus: Bus) -> None:
    subject = new_id()
    async with bus.running(a_consumer(), relays=0):
        await bus.send(an_event(subject, 2))
        await bus.reaches({subject: 2})
        gap = "SELECT gap_since IS NOT NULL FROM cursor"
        assert await bus.consumer.pool.fetchval(gap)
        await bus.send(an_event(subject, 1))

        async def closed() -> bool:
            return not await bus.consumer.pool.fetchval(gap)

        await eventually(closed)


async def test_what_a_snapshot_stood_for_hides_no_later_gap(bus: Bus) -> None:
    subject = new_id()
    newest = snapshot.SnapshotRow(subject, AREA_CHANGED, an_event(subject, 2))
    await snapshot.apply_page(bus.consumer, set_consumer(), [newest])
    gap = "SELECT gap_since IS NOT NULL FROM cursor"
    async with bus.running(set_consumer(), relays=0):
        await bus.send(an_event(subject, 1))  # was under way when the snapshot was taken

        async def both() -> bool:
            return len(await bus.kept()) == 2

        await eventually(both)
        assert not await bus.consumer.pool.fetchval(gap)
        await bus.send(an_event(subject, 4))  # 3 is lost

        async def noticed() -> bool:
            return bool(await bus.consumer.pool.fetchval(gap))

        await eventually(noticed)


async def test_two_relays_publish_each_row_once(bus: Bus) -> None:
    subjects = [new_id() for _ in range(50)]
    async with bus.running(set_consumer(), relays=2):
        for _ in range(4):
            await bus.say(*subjects)

        async def all_kept() -> bool:
            return len(await bus.kept()) == 200

        await eventually(all_kept)
    assert set((await bus.kept()).values()) == {1}
    batches = await bus.consumer.pool.fetchval("SELECT sum(events) FROM inbox_batch")
    assert batches == 200  # one publisher at a time: nothing was sent twice


async def test_of_two_first_versions_at_two_consumers_the_higher_wins(bus: Bus) -> None:
    subjects = [new_id() for _ in range(20)]
    async with bus.running(a_consumer(), a_consumer(), relays=0):
        await asyncio.gather(
            *(bus.send(an_event(subject, version)) for subject in subjects for version in (2, 3))
        )
        await bus.reaches(dict.fromkeys(subjects, 3))

        async def all_received() -> bool:
            return await bus.received() == 40

        await eventually(all_received)
    assert await bus.latest() == dict.fromkeys(subjects, 3)


async def test_a_consumer_that_was_away_catches_up(bus: Bus) -> None:
    subjects = [new_id() for _ in range(30)]
    async with bus.running(a_consumer()):
        await bus.say(*subjects)
        await bus.reaches(dict.fromkeys(subjects, 1))
    await bus.say(*subjects)
    async with bus.running():  # the relay alone

        async def relayed() -> bool:
            return await bus.outbox() == 0

        await eventually(relayed)
    async with bus.running(a_consumer()):
        await bus.reaches(dict.fromkeys(subjects, 2))


async def test_a_batch_cut_off_before_its_commit_comes_again(bus: Bus) -> None:
    subject = new_id()
    started = asyncio.Event()

    async def hang(events: Sequence[Received[Any]], tx: Transaction) -> None:
        await keep_latest(events, tx)
        started.set()
        await asyncio.Event().wait()

    await bus.send(an_event(subject, 1))
    task = asyncio.create_task(
        run_consumer(bus.consumer, bus.transport, a_consumer(hang), asyncio.Event(), CONSUME)
    )
    async with asyncio.timeout(90):
        await started.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await bus.latest() == {}
    async with bus.running(a_consumer(), relays=0):
        await bus.reaches({subject: 1})


async def test_an_event_that_is_not_yet_workable_takes_a_rung(bus: Bus) -> None:
    good, early = new_id(), new_id()
    tries = 0

    async def wait_for_row(events: Sequence[Received[Any]], tx: Transaction) -> None:
        nonlocal tries
        if any(event.subject == early for event in events):
            tries += len(events) == 1
            if tries < 3:
                raise NotYet("HOUSEHOLD_UNKNOWN")
        await keep_latest(events, tx)

    await bus.send(an_event(early, 1), an_event(good, 1))
    async with bus.running(a_consumer(wait_for_row), relays=0):
        await bus.reaches({good: 1})
        await bus.reaches({good: 1, early: 1})
    assert await bus.parked() == []
    assert await bus.received() == 2


async def test_a_row_without_route_waits_alone_until_it_is_held(bus: Bus) -> None:
    stuck, free = new_id(), new_id()
    async with bus.producer.transaction() as tx:
        heads = await ledger.lock_heads(tx, "referral", [stuck])
        lost = ledger.NewEvent(stuck, REFERRAL_CHANGED, tx.recorded_at, an_area(), new_id())
        await ledger.append(tx, "credit", "referral", heads, [lost])
    async with bus.running(a_consumer(), relay_settings=replace(RELAY, row_attempts=3)):
        await bus.say(free)
        await bus.reaches({free: 1})

        async def held() -> bool:
            row = await bus.producer.pool.fetchrow("SELECT held, last_error FROM outbox")
            return row is not None and tuple(row) == (True, "NO_ROUTE")

        await eventually(held)

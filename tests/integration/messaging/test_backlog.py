"""A consumer that stands still on the local transport: its queue stays bounded, the others are not
delayed, and when it works again it gets everything once and in order, without a hand.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from ansinh.ops.acts import is_rest_of_queue
from libs.common import faults
from libs.common.contracts.envelope import Received
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.messaging import restoring
from libs.common.messaging.consume import run_consumer
from libs.common.messaging.consumer import Consumer, Shape
from libs.common.messaging.operations.schemas import ReplayOut
from libs.common.messaging.relay import relay_once
from libs.common.messaging.replay import cancel, list_newest, replay_once
from libs.common.messaging.settings import LocalSettings, ReplaySettings
from libs.common.messaging.transports import local
from libs.common.messaging.wishes import Wish, insert_wish
from tests.conftest import MakeDatabase
from tests.support.bus import (
    CONSUME,
    CONSUMER,
    RELAY,
    Bus,
    a_consumer,
    eventually,
    keep_all,
    say,
    set_consumer,
)

LANE = 3
# A message is two events and a claim two messages: a lane holds its bound and one claim at most.
SMALL = replace(RELAY, claim_rows=4, message_events=2)
MOST_MESSAGES = LANE + 2

pytestmark = pytest.mark.parametrize("bus", ["local"], indirect=True)


@pytest_asyncio.fixture
async def other(bus: Bus, make_database: MakeDatabase) -> AsyncIterator[Database]:
    """A second service that hears the same; on both of them the lanes are tiny."""
    credit = await make_database("credit")
    peers = {"eligibility": bus.consumer.dsn, "credit": credit.worker_dsn}
    await bus.transport.close()
    bus.transport = local.connect(peers, settings=LocalSettings(LANE))
    async with credit.as_worker() as database:
        yield database
        await bus.transport.close()


async def _take_note(events: Sequence[Received[Any]], tx: Transaction) -> None:
    """Nothing follows; the inbox says enough."""


async def _relay(bus: Bus) -> bool:
    async with bus.transport.publisher() as publisher:
        return await relay_once(bus.producer, bus.transport, publisher, "registry", SMALL)


async def _relay_all(bus: Bus) -> None:
    while await bus.outbox():
        await _relay(bus)


async def _queued(bus: Bus, *, replay: bool = False) -> int:
    return int(
        await bus.consumer.pool.fetchval(
            "SELECT count(*) FROM local_queue WHERE consumer = $1 AND is_replay = $2",
            CONSUMER,
            replay,
        )
    )


async def _backlog(bus: Bus) -> Any:
    return await bus.producer.pool.fetchrow(
        "SELECT * FROM replay WHERE consumer = $1 AND reason = 'BACKLOG'", CONSUMER
    )


async def test_a_consumer_that_stands_still_gets_all_of_it_once_and_in_order(
    bus: Bus, other: Database
) -> None:
    subjects, told = [new_id() for _ in range(12)], list[tuple[UUID, int]]()

    async def in_order(events: Sequence[Received[Any]], tx: Transaction) -> None:
        await keep_all(events, tx)
        told.extend((event.subject, event.version) for event in events)

    for _ in range(5):
        await bus.say(*subjects)
    await _relay_all(bus)  # nobody consumes
    assert await _queued(bus) <= MOST_MESSAGES
    backlog = await _backlog(bus)
    assert backlog["total"] + await _queued(bus) * 2 == 60

    everything = {(subject, version) for subject in subjects for version in range(1, 8)}
    async with bus.running(a_consumer(in_order, Shape.SET_INSERT), relay_settings=SMALL):
        for _ in range(2):
            await bus.say(*subjects)  # goes on while the consumer catches up

        async def there() -> bool:
            assert await _queued(bus) <= MOST_MESSAGES
            return set(await bus.kept()) == everything

        await eventually(there)

        async def is_done() -> bool:
            return await _backlog(bus) is None

        await eventually(is_done)
    assert set((await bus.kept()).values()) == {1}
    for subject in subjects:
        assert [version for one, version in told if one == subject] == [1, 2, 3, 4, 5, 6, 7]
    assert not await bus.consumer.pool.fetchval("SELECT count(*) FROM cursor WHERE seen < version")


async def test_the_others_are_not_delayed(bus: Bus, other: Database) -> None:
    subjects, stop = [new_id() for _ in range(40)], asyncio.Event()
    works = Consumer("credit.areas", Shape.LATEST_WINS, _take_note)

    async def received() -> bool:
        return bool(await other.pool.fetchval("SELECT count(*) FROM inbox") == len(subjects))

    async with asyncio.TaskGroup() as group, bus.running(relay_settings=SMALL):
        group.create_task(run_consumer(other, bus.transport, works, stop, CONSUME))
        for start in range(0, len(subjects), 4):
            await bus.say(*subjects[start : start + 4])
        await eventually(received)
        stop.set()
    assert await _queued(bus) <= MOST_MESSAGES
    assert await _backlog(bus) is not None


async def test_an_event_that_is_committed_late_is_not_passed_over(
    bus: Bus, other: Database
) -> None:
    late, others = new_id(), [new_id() for _ in range(30)]
    async with bus.producer.transaction() as tx:
        await say(tx, late)  # has a low number, and commits only after the backlog was sent
        await bus.say(*others)
        await _relay_all(bus)
        backlog = await _backlog(bus)
        async with bus.running(set_consumer(), relay_settings=SMALL):

            async def caught_up() -> bool:
                return await bus.received() == len(others)

            await eventually(caught_up)
    assert backlog["last_seq"] < backlog["end_seq"]
    async with bus.running(set_consumer(), relay_settings=SMALL):

        async def there() -> bool:
            return (late, 1) in await bus.kept()

        await eventually(there)
    assert set((await bus.kept()).values()) == {1}


async def test_what_is_claimed_behind_the_backlog_goes_straight(bus: Bus, other: Database) -> None:
    late, others = new_id(), [new_id() for _ in range(30)]
    async with bus.producer.transaction() as tx:
        await say(tx, late)
        await bus.say(*others)
        await _relay_all(bus)
        await bus.consumer.pool.execute("DELETE FROM local_queue")  # there is room for a page
        await _relay(bus)
        sent = (await _backlog(bus))["last_seq"]
    await _relay(bus)  # the late event, while the backlog is still open and past it
    assert (await _backlog(bus))["last_seq"] >= sent
    bodies = await bus.consumer.pool.fetch("SELECT body FROM local_queue")
    assert any(str(late).encode() in row["body"] for row in bodies)


async def test_a_page_whose_note_was_lost_is_sent_again_and_counts_once(
    bus: Bus, other: Database
) -> None:
    subjects = [new_id() for _ in range(30)]
    await bus.say(*subjects)
    await _relay_all(bus)
    before = await _backlog(bus)
    await bus.consumer.pool.execute("UPDATE local_queue SET attempt = 1")  # there is room again
    await bus.say(subjects[0])
    faults.arm("after_confirm=raise")
    try:
        with pytest.raises(faults.Fault):
            await _relay(bus)
    finally:
        faults.arm("")
    assert await _backlog(bus) == before
    assert await _queued(bus) > MOST_MESSAGES  # the page is there

    async with bus.running(set_consumer(), relay_settings=SMALL):

        async def there() -> bool:
            return len(await bus.kept()) == len(subjects) + 1

        await eventually(there)
    assert set((await bus.kept()).values()) == {1}


async def test_a_backlog_is_not_cancelled_and_no_replay_takes_it_on(
    bus: Bus, other: Database
) -> None:
    await bus.say(*(new_id() for _ in range(30)))
    await _relay_all(bus)
    backlog = await _backlog(bus)
    async with bus.producer.transaction() as tx:
        assert not await cancel(tx, backlog["replay_id"])
    await replay_once(bus.producer, bus.transport, "registry", ReplaySettings())
    assert await _backlog(bus) == backlog
    assert await _queued(bus, replay=True) == 0


async def test_a_backlog_goes_on_where_it_was_after_a_restore(bus: Bus, other: Database) -> None:
    await bus.say(*(new_id() for _ in range(30)))
    await _relay_all(bus)
    before = await _backlog(bus)
    owner = await asyncpg.connect(bus.producer_dsn)
    await restoring.forget_cluster(owner)
    await owner.close()
    assert await _backlog(bus) == before
    async with bus.producer.transaction() as tx:
        listed = [ReplayOut.model_validate(dict(row)) for row in await list_newest(tx)]
        assert not await cancel(tx, before["replay_id"])
    assert before["replay_id"] in {one.replay_id for one in listed}
    assert all(is_rest_of_queue(one) for one in listed)


async def test_a_replay_waits_for_room_in_its_lane(bus: Bus, other: Database) -> None:
    subjects = [new_id() for _ in range(40)]
    await bus.say(*subjects)
    await bus.producer.pool.execute("DELETE FROM outbox")  # only the replay brings them
    wish = Wish(
        producer="registry",
        consumer=CONSUMER,
        reason="test",
        requested_by="test",
        requested_at=bus.producer.clock.now(),
    )
    async with bus.producer.transaction() as tx:
        await insert_wish(tx, wish)
    small = ReplaySettings(poll_seconds=0.02, page_events=4, message_events=2)

    async def is_full() -> bool:
        await replay_once(bus.producer, bus.transport, "registry", small)
        return await _queued(bus, replay=True) > LANE

    await eventually(is_full)
    for _ in range(5):
        await replay_once(bus.producer, bus.transport, "registry", small)
    assert await _queued(bus, replay=True) <= MOST_MESSAGES

    async with bus.running(a_consumer(), relays=0):

        async def there() -> bool:
            await replay_once(bus.producer, bus.transport, "registry", small)
            return await bus.received() == len(subjects)

        await eventually(there)

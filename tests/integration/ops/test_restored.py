"""What others have seen counts, wherever it is; nobody is behind for what is lost."""

import asyncio
import json
from dataclasses import replace
from uuid import UUID

import aio_pika
import asyncpg
import pytest
from aio_pika.abc import AbstractIncomingMessage

from ansinh.ops.restored import bring_in_step, lines_about
from ansinh.ops.servers import OpsError
from ansinh.watch import behind, looks_into
from libs.common.contracts.area import CHANGED
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.ids import new_id
from libs.common.messaging import topology
from libs.common.messaging.generations import GENERATION
from libs.common.messaging.operations.progress import read_heads
from tests.support.broker import broker_url, delete_prefix
from tests.support.bus import an_event, eventually
from tests.support.houses import SERVICE, House
from tests.support.servers import repository

_PARKED = """
INSERT INTO parked_message (parked_id, consumer, event_id, type, body, reason, fields, attempt,
                            headers, parked_at, state)
VALUES ($2, $1, $2, $3, $4, 'RETRIES_USED', '{}', 5, '{}', now(), $5)
"""

_QUEUED = "INSERT INTO local_queue (consumer, type, events, body) VALUES ($1, $2, 1, $3)"
_WAITS = """
SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'local_queue'::regclass)
"""


@pytest.mark.rabbitmq
async def test_what_lies_in_the_broker_counts_as_seen_and_stays_there(house: House) -> None:
    prefix = house.server.prefix
    server = replace(house.server, amqp_url=broker_url(), bus_prefix=prefix)
    # A broker without our queues has nothing on the road.
    assert (await bring_in_step(server, SERVICE)).generation is None
    await topology.apply(broker_url(), prefix, tuple(SUBSCRIPTIONS.values()))
    try:
        lost, queue = new_id(), f"{prefix}credit.areas.v1"
        connection = await aio_pika.connect(broker_url())
        async with connection, connection.channel() as channel:
            for body in (b"[" + an_event(lost, 3) + b"]", b"no event"):
                await channel.default_exchange.publish(aio_pika.Message(body), queue)
            for generation in (1, 2):  # whoever asks again is told again, until it is said
                renewal = await bring_in_step(server, SERVICE)
                assert (renewal.generation, renewal.owed) == (generation, [("area", lost)])
            found = await channel.declare_queue(queue, passive=True)
            assert found.declaration_result.message_count == 2
            # A consumer may hold messages that are neither in the queue nor in a cursor.
            await found.consume(_keep)
            with pytest.raises(OpsError, match=queue):
                await bring_in_step(server, SERVICE)
    finally:
        await delete_prefix(prefix)


async def _keep(message: AbstractIncomingMessage) -> None:
    """Taken, and not settled."""


@pytest.mark.parametrize("state", ["parked", "redrive", "redriven"])
async def test_a_parked_version_counts_as_seen(house: House, state: str) -> None:
    """Above the cursor, and a re-drive may bring it any day."""
    subject = new_id()
    await house.say(subject)
    async with await house.connected("test", "credit") as database:
        await database.pool.execute(
            _PARKED, "credit.areas", new_id(), CHANGED, an_event(subject, 4), state
        )
    renewal = await bring_in_step(house.server, SERVICE)
    assert (renewal.generation, renewal.said) == (1, {"area": 1})


async def test_what_is_worked_while_we_look_counts_as_seen(house: House) -> None:
    """It leaves the queue and moves the cursor after the cursors were read: one snapshot."""
    lost = new_id()
    async with await house.connected("test", "credit") as database:
        pool = database.pool
        body = b"[" + an_event(lost, 3) + b"]"
        await pool.execute(_QUEUED, "credit.areas", CHANGED, body)
        async with database.transaction() as tx:
            await tx.execute("LOCK TABLE local_queue IN ACCESS EXCLUSIVE MODE")
            looking = asyncio.create_task(bring_in_step(house.server, SERVICE))

            async def waits() -> bool:
                return bool(await pool.fetchval(_WAITS))

            await eventually(waits)
            await tx.execute("DELETE FROM local_queue")
            await tx.execute(
                "INSERT INTO cursor (consumer, stream, subject, version, seen)"
                " VALUES ('credit.areas', 'area', $1, 3, 3)",
                lost,
            )
    assert (await looking).owed == [("area", lost)]


async def test_a_lost_referral_that_is_still_on_the_road_is_withdrawn(house: House) -> None:
    sample = "libs/common/contracts/generated/samples/referral.changed.v1.json"
    event, *_ = json.loads((repository() / sample).read_text("utf-8"))
    reporting = await asyncpg.connect(house.server.dsn(house.server.database("reporting")))
    await reporting.execute(
        "INSERT INTO local_queue (consumer, type, events, body) VALUES ($1, $2, 1, $3)",
        "reporting.effects", event["type"], json.dumps([event]).encode(),
    )  # fmt: skip
    await reporting.close()

    await bring_in_step(house.server, "credit")
    credit = await asyncpg.connect(house.server.dsn(house.server.database("credit")))
    [row] = await credit.fetch("SELECT referral_id, state, version FROM referral")
    [said] = await credit.fetch("SELECT version, body FROM event_log")
    await credit.close()
    assert tuple(row) == (UUID(event["subject"]), "withdrawn", GENERATION + 1)
    assert said["version"] == GENERATION + 1
    assert json.loads(said["body"])["data"]["household_id"] == event["data"]["household_id"]


async def test_the_insurer_is_told_again_of_rolls_whose_answers_are_lost(house: House) -> None:
    """Who has read the answers tells that there were any; other rolls are left alone."""
    sample = "libs/common/contracts/generated/samples/insurance.roll_changed.v1.json"
    event, *_ = json.loads((repository() / sample).read_text("utf-8"))
    lost, kept = new_id(), new_id()
    owner = await asyncpg.connect(house.server.dsn(house.server.database("eligibility")))
    for subject in (lost, kept):
        roll = event | {"subject": str(subject), "id": str(new_id())}
        await owner.execute(
            "INSERT INTO event_log (event_id, stream, subject, version, type, body, occurred_at,"
            " recorded_at, correlation_id)"
            " VALUES ($1, 'insurance', $2, 1, $3, $4, now(), now(), $1)",
            new_id(), subject, event["type"], json.dumps(roll).encode(),
        )  # fmt: skip
        await owner.execute("INSERT INTO stream_head VALUES ('insurance', $1, 1)", subject)
    await owner.close()
    async with await house.connected("test", "reporting") as reporting:
        await reporting.pool.execute(
            "INSERT INTO cursor (consumer, stream, subject, version, seen)"
            " VALUES ('reporting.effects', 'card', $1, 2, 2)",
            lost,
        )
    renewal = await bring_in_step(house.server, "eligibility")
    assert (renewal.said, renewal.owed) == ({"insurance": 1}, [("card", lost)])
    async with await house.connected("test", "eligibility") as database:
        rows = await database.pool.fetch(
            "SELECT subject, version FROM stream_head WHERE stream = 'insurance'"
        )
    assert dict(tuple(row) for row in rows) == {lost: GENERATION + 1, kept: 1}


async def test_everything_can_be_said_again_and_again(house: House) -> None:
    await house.say()
    for generation in (1, 2):
        renewal = await bring_in_step(house.server, SERVICE, everything=True)
        assert (renewal.generation, renewal.said, renewal.owed) == (generation, {"area": 1}, [])
        assert "area" in lines_about(SERVICE, renewal)[1]
    async with await house.connected("test") as database:
        rows = await database.pool.fetch("SELECT version, body FROM event_log ORDER BY seq")
    assert [row["version"] for row in rows] == [1, GENERATION + 1, 2 * GENERATION + 1]
    first, *again = [json.loads(row["body"]) for row in rows]
    assert all(event["data"] == first["data"] for event in again)
    assert [int(event["sequence"]) for event in again] == [GENERATION + 1, 2 * GENERATION + 1]
    assert len({event["id"] for event in (first, *again)}) == 3


async def test_what_a_restore_lost_keeps_nobody_behind(house: House) -> None:
    """A lost subject stands on neither side; whatever else is missing is still told."""
    known, lost = new_id(), new_id()
    await house.say(known)
    await house.sees({known: 1, lost: 3})
    await bring_in_step(house.server, SERVICE)
    async with house.workers() as workers:
        assert await behind(looks_into(workers)) == []
        async with workers[SERVICE].transaction() as tx:
            assert (await read_heads(tx)).owed == {"area": [lost]}
        await house.say(known)
        assert {entry.versions for entry in await behind(looks_into(workers))} == {1}


async def test_a_renewed_subject_is_one_version_behind(house: House) -> None:
    subject = new_id()
    await house.say(subject)
    await house.sees({subject: 2})
    await bring_in_step(house.server, SERVICE)
    async with house.workers() as workers:
        found = await behind(looks_into(workers))
        assert {entry.versions for entry in found} == {1}
        await house.sees({subject: GENERATION + 1})
        assert await behind(looks_into(workers)) == []

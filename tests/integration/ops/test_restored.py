"""What others have seen counts, wherever it is; nobody is behind for what is lost."""

import json
from dataclasses import replace
from uuid import UUID

import aio_pika
import asyncpg
import pytest

from ansinh.ops.restored import bring_in_step, lines_about
from ansinh.watch import behind, looks_into
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.ids import new_id
from libs.common.messaging import topology
from libs.common.messaging.generations import GENERATION
from libs.common.messaging.progress import read_heads
from tests.support.broker import broker_url, delete_prefix
from tests.support.bus import an_event
from tests.support.houses import SERVICE, House
from tests.support.servers import repository


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
    finally:
        await delete_prefix(prefix)


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

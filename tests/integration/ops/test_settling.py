"""What a restore says again waits until the replays have brought back what they can."""

from datetime import timedelta

import pytest

from ansinh.ops.restored import bring_in_step
from libs.common.clock import SystemClock
from libs.common.database import Database
from libs.common.ids import new_id
from libs.common.messaging.operations import progress
from libs.common.messaging.settling import let_go
from tests.support.houses import SERVICE, House

CLOCK = SystemClock()
_HELD_BACK = "INSERT INTO outbox (seq, next_attempt_at) VALUES (1, 'infinity')"
_SENT = "UPDATE replay SET state = 'passed_on', finished_at = $1 WHERE producer <> 'eligibility'"
_OWN_SENT = "UPDATE replay SET state = 'done' WHERE producer = 'eligibility'"
_WORKED = """
INSERT INTO inbox_batch (batch_id, consumer, received_at, finished_at, events)
VALUES ($1, $2, $3, $3, 1)
"""
READERS = ("eligibility.areas", "eligibility.entitlements")


async def _outbox(database: Database) -> progress.Outbox:
    async with database.transaction() as tx:
        return await progress.read_outbox(tx)


async def test_whoever_hears_nobody_says_it_at_once(house: House) -> None:
    subject = new_id()
    await house.say(subject)
    await house.sees({subject: 2})
    await bring_in_step(house.server, SERVICE)
    async with await house.connected("test") as database:
        await database.pool.execute("DELETE FROM outbox WHERE next_attempt_at < 'infinity'")
        waits = await _outbox(database)
        assert (waits.pending, waits.settling, waits.oldest_at, waits.due_since) == (
            1,
            1,
            None,
            None,
        )
        assert await let_go(database, CLOCK) == 1
        assert (await _outbox(database)).settling == 0


async def test_it_waits_until_every_consumer_has_come_as_far_as_was_known(house: House) -> None:
    subject = new_id()
    await house.say(subject)
    await bring_in_step(house.server, "eligibility")
    async with await house.connected("test", "eligibility") as database:
        await database.pool.execute(_HELD_BACK)
        assert await let_go(database, CLOCK) == 0, "the wishes are not passed on"
        await database.pool.execute(_SENT, CLOCK.now())
        assert await let_go(database, CLOCK) == 0, "the areas have not come back"
        await house.sees({subject: 1})
        assert await let_go(database, CLOCK) == 0, "those who read us have yet to be sent to"
        await database.pool.execute(_OWN_SENT)
        assert await let_go(database, CLOCK) == 1


@pytest.mark.parametrize(("last", "let"), [(5, 0), (30, 1), (90, 0)])
async def test_a_consumer_that_has_been_quiet_since_it_was_sent_to_will_not_come_further(
    house: House, last: int, let: int
) -> None:
    await house.say()
    await bring_in_step(house.server, "eligibility")
    async with await house.connected("test", "eligibility") as database:
        await database.pool.execute(_HELD_BACK)
        now = CLOCK.now()
        await database.pool.execute(_SENT, now - timedelta(minutes=60))
        await database.pool.execute(_OWN_SENT)
        for reader in READERS:
            await database.pool.execute(_WORKED, new_id(), reader, now - timedelta(minutes=last))
        assert await let_go(database, CLOCK) == let

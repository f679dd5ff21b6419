"""What goes wrong, put into a running platform: events that cannot be read, rows that are held."""

from uuid import UUID

from ansinh.embedded.platform import Platform
from libs.common.ids import new_id
from tests.support.bus import CONSUMER, an_event, eventually

SECRET = "moon_base"


async def poison(platform: Platform, count: int = 1) -> list[UUID]:
    """Events with an unknown word, parked by their consumer; answers their parked ids."""
    database = platform.workers["eligibility"]
    known = {row[0] for row in await database.pool.fetch("SELECT parked_id FROM parked_message")}
    for number in range(len(known), len(known) + count):
        code = str(90_000 + number).encode()  # no real unit's
        event = an_event(new_id(), 1).replace(b"01882", code)
        broken = event.replace(b"rural_commune", SECRET.encode())
        await database.pool.execute(
            "INSERT INTO local_queue (consumer, type, events, body) VALUES ($1, $2, 1, $3)",
            CONSUMER,
            "area.changed.v1",
            b"[" + broken + b"]",
        )
    found: list[UUID] = []

    async def is_parked() -> bool:
        rows = await database.pool.fetch("SELECT parked_id FROM parked_message ORDER BY 1")
        found[:] = [row[0] for row in rows if row[0] not in known]
        return len(found) == count

    await eventually(is_parked)
    return found


async def hold_one(platform: Platform) -> UUID:
    """A ledger row of the registry that the bus seems to have refused; answers its event id."""
    pool = platform.workers["registry"].pool
    row = await pool.fetchrow("SELECT seq, event_id FROM event_log ORDER BY seq LIMIT 1")
    assert row is not None
    await pool.execute(
        "INSERT INTO outbox (seq, attempts, last_error, held) VALUES ($1, 20, 'NO_ROUTE', true)",
        row["seq"],
    )
    event_id: UUID = row["event_id"]
    return event_id


async def state_of(platform: Platform, parked_id: UUID) -> str:
    return str(
        await platform.workers["eligibility"].pool.fetchval(
            "SELECT state FROM parked_message WHERE parked_id = $1", parked_id
        )
    )

"""An operator sees what is behind and mends it: every look at values and every act is on record."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio

from libs.common.ids import new_id
from libs.common.messaging import inbox, parking
from libs.common.messaging.decode import decode
from libs.common.messaging.operations import progress
from libs.common.messaging.operations.api import router
from libs.common.messaging.operations.counts import Counts
from libs.common.messaging.operations.held import release
from libs.common.messaging.transport import Delivery
from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.service import Service
from tests.conftest import MakeDatabase
from tests.support.bus import CONSUMER, Bus, a_consumer, an_event, eventually, say
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase

SERVICE = Service(
    name="eligibility", title=Text(vi="Thử", en="Test"), routers=(), internal_routers=(router,)
)
OPERATOR = bearer(Role.OPERATOR)
FOR_A_PURPOSE = {**OPERATOR, "X-Purpose": "repair.ticket-17"}


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> ServiceDatabase:
    return await make_database("eligibility")


@pytest_asyncio.fixture
async def client(database: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(SERVICE, database) as opened:
        yield opened


async def park(database: ServiceDatabase, subject: UUID | None = None, version: int = 1) -> None:
    broken = an_event(subject or new_id(), version).replace(b"rural_commune", b"moon_base")
    delivery = Delivery("area.changed.v1", b"[" + broken + b"]", 0, 0, {}, None)
    entries = [parking.parked_bad(bad, delivery) for bad in decode(delivery).bad]
    async with database.as_worker() as connections, connections.transaction() as tx:
        await parking.park(tx, CONSUMER, entries, tx.recorded_at)


async def the_parked(client: httpx.AsyncClient) -> dict[str, Any]:
    [shown] = (await client.get("/internal/v1/parked", headers=OPERATOR)).json()
    return dict(shown)


async def hold(database: ServiceDatabase, *subjects: UUID) -> None:
    """Events that the bus has refused twenty times."""
    async with database.as_worker() as connections, connections.transaction() as tx:
        await say(tx, *subjects)
        await tx.execute("UPDATE outbox SET attempts = 20, last_error = 'NO_ROUTE', held = true")


async def trail(database: ServiceDatabase, act: str) -> list[asyncpg.Record]:
    async with database.as_worker() as connections:
        return await connections.pool.fetch(
            "SELECT kind, subject_kind, subjects, purpose FROM audit_line WHERE act = $1"
            " ORDER BY line_id",
            act,
        )


# --- values


async def test_one_parked_event_is_shown_without_values(
    database: ServiceDatabase, client: httpx.AsyncClient
) -> None:
    await park(database)
    parked_id = (await the_parked(client))["parked_id"]
    answer = await client.get(f"/internal/v1/parked/{parked_id}", headers=OPERATOR)
    assert (answer.json()["reason"], answer.json()["fields"]) == ("UNKNOWN_ENUM", ["data.kind"])
    assert "moon_base" not in answer.text


async def test_values_are_refused_without_a_purpose(
    database: ServiceDatabase, client: httpx.AsyncClient
) -> None:
    await park(database)
    path = f"/internal/v1/parked/{(await the_parked(client))['parked_id']}/values"
    answer = await client.get(path, headers=OPERATOR)
    assert (answer.status_code, answer.json()["code"]) == (403, "purpose.missing")
    assert "moon_base" not in answer.text
    odd = await client.get(path, headers={**OPERATOR, "X-Purpose": "because I can"})
    assert (odd.status_code, odd.json()["code"]) == (400, "purpose.invalid")
    assert await trail(database, "GET /internal/v1/parked/{parked_id}/values") == []


async def test_values_are_shown_for_a_purpose_and_the_look_is_on_record(
    database: ServiceDatabase, client: httpx.AsyncClient
) -> None:
    await park(database)
    parked = await the_parked(client)
    answer = await client.get(
        f"/internal/v1/parked/{parked['parked_id']}/values", headers=FOR_A_PURPOSE
    )
    assert '"moon_base"' in answer.json()["body"]
    lines = await trail(database, "GET /internal/v1/parked/{parked_id}/values")
    assert {(row["kind"], row["subject_kind"], str(row["subjects"][0])) for row in lines} == {
        ("read", "parked", parked["parked_id"]),
        ("read", "subject", parked["subject"]),
    }
    assert {row["purpose"] for row in lines} == {"repair.ticket-17"}


async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    for path in (f"parked/{new_id()}", f"parked/{new_id()}/values"):
        answer = await client.get(f"/internal/v1/{path}", headers=FOR_A_PURPOSE)
        assert answer.status_code == 404, path


async def test_the_api_role_reads_a_body_by_the_one_function_alone(
    database: ServiceDatabase, client: httpx.AsyncClient
) -> None:
    await park(database)
    async with database.as_api() as connections:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connections.pool.fetch("SELECT body FROM parked_message")
    async with database.as_worker() as connections:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connections.pool.fetchval("SELECT parked_body($1)", new_id())


# --- held rows


async def test_held_rows_are_listed_and_released(
    database: ServiceDatabase, client: httpx.AsyncClient
) -> None:
    first, second = new_id(), new_id()
    await hold(database, first, second)
    listed = (await client.get("/internal/v1/outbox/held", headers=OPERATOR)).json()
    assert [(row["subject"], row["attempts"], row["last_error"]) for row in listed] == [
        (str(first), 20, "NO_ROUTE"),
        (str(second), 20, "NO_ROUTE"),
    ]
    one = await client.post(
        "/internal/v1/outbox/release", headers=OPERATOR, json={"seqs": [listed[0]["seq"]]}
    )
    assert one.json() == {"count": 1}
    rest = await client.post("/internal/v1/outbox/release", headers=OPERATOR, json={})
    assert rest.json() == {"count": 1}
    assert (await client.get("/internal/v1/outbox/held", headers=OPERATOR)).json() == []
    lines = await trail(database, "POST /internal/v1/outbox/release")
    assert [(row["subject_kind"], str(row["subjects"][0])) for row in lines] == [
        ("event", listed[0]["event_id"]),
        ("subject", str(first)),
        ("event", listed[1]["event_id"]),
        ("subject", str(second)),
    ]


async def test_a_released_row_is_sent(bus: Bus) -> None:
    subject = new_id()
    await bus.say(subject)
    await bus.producer.pool.execute("UPDATE outbox SET attempts = 20, held = true")
    async with bus.running(a_consumer()):
        async with bus.producer.transaction() as tx:
            assert len(await release(tx, None)) == 1
        await bus.reaches({subject: 1})


# --- what is behind


async def test_progress_tells_what_is_held_parked_and_behind(
    database: ServiceDatabase, client: httpx.AsyncClient
) -> None:
    await hold(database, new_id())
    await park(database)
    async with database.as_worker() as connections, connections.transaction() as tx:
        await inbox.finish(tx, CONSUMER, new_id(), tx.recorded_at, 7, tx.recorded_at)
    told = (await client.get("/internal/v1/progress", headers=OPERATOR)).json()
    assert told["heads"] == {"area": {"subjects": 1, "numbers": {"0": 1}}}
    assert told["recent"] == {"area": 1}
    assert (told["outbox"]["pending"], told["outbox"]["held"]) == (1, 1)
    assert told["outbox"]["due_since"] is None
    [held] = told["refused"]
    assert (held["type"], held["reason"], held["held"], held["count"]) == (
        "area.changed.v1",
        "NO_ROUTE",
        True,
        1,
    )
    [parked] = told["parked"]
    assert (parked["consumer"], parked["reason"], parked["count"]) == (CONSUMER, "UNKNOWN_ENUM", 1)
    assert told["set_aside"] == [
        {"consumer": CONSUMER, "stream": "area", "parked": 1, "discarded": 0}
    ]
    [work] = told["work"]
    assert (work["consumer"], work["last_events"], work["minute_events"]) == (CONSUMER, 7, 7)
    assert told["partners"] == []  # a registry has none


async def test_what_was_given_up_is_set_aside_until_something_newer_comes(
    database: ServiceDatabase, client: httpx.AsyncClient
) -> None:
    subject = new_id()
    await park(database, subject)
    await client.post(
        "/internal/v1/parked/discard",
        headers=OPERATOR,
        json={"parked_ids": [(await the_parked(client))["parked_id"]], "reason": "a mistake"},
    )
    aside = (await client.get("/internal/v1/progress", headers=OPERATOR)).json()["set_aside"]
    assert [(one["parked"], one["discarded"]) for one in aside] == [(0, 1)]
    async with database.as_worker() as connections, connections.transaction() as tx:
        await inbox.advance(tx, CONSUMER, {("area", subject): (2, 1)}, tx.recorded_at)
    told = (await client.get("/internal/v1/progress", headers=OPERATOR)).json()
    assert told["set_aside"] == []


async def test_an_open_replay_is_told_with_its_reason(client: httpx.AsyncClient) -> None:
    await client.post(
        "/internal/v1/replays", headers=OPERATOR, json={"consumer": CONSUMER, "reason": "restored"}
    )
    [replay] = (await client.get("/internal/v1/progress", headers=OPERATOR)).json()["replays"]
    assert (replay["state"], replay["reason"], replay["requested_by"]) == (
        "wanted",
        "restored",
        "tester",
    )


async def test_every_head_is_counted_anew_only_after_something_was_written(
    database: ServiceDatabase,
) -> None:
    counts = Counts()
    async with database.as_worker() as connections:

        async def read(*, fresh: bool = False) -> progress.Heads | None:
            async with connections.transaction() as tx:
                return (await counts.read(tx, None, fresh=fresh)).said.heads.get("area")

        assert await read() is None
        await connections.pool.execute("INSERT INTO stream_head VALUES ('area', $1, 5)", new_id())
        assert await read() is None, "the ledger has not moved: the last count is used again"
        assert await read(fresh=True) == progress.Heads(1, {0: 5})
        async with connections.transaction() as tx:
            await say(tx, new_id())

        async def is_counted() -> bool:
            return await read() == progress.Heads(2, {0: 6})

        await eventually(is_counted)

"""Operators see envelopes, reasons and field names; what they ask for is a wish in the database."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from libs.common.ids import new_id
from libs.common.messaging import parking
from libs.common.messaging.decode import decode
from libs.common.messaging.operations.api import router
from libs.common.messaging.transport import Delivery
from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.service import Service
from tests.conftest import MakeDatabase
from tests.support.bus import CONSUMER, an_event, say
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase

SERVICE = Service(
    name="eligibility", title=Text(vi="Thử", en="Test"), routers=(), internal_routers=(router,)
)
OPERATOR = bearer(Role.OPERATOR)


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> ServiceDatabase:
    return await make_database("eligibility")


@pytest_asyncio.fixture
async def client(database: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(SERVICE, database) as opened:
        yield opened


async def _park(database: ServiceDatabase) -> None:
    broken = an_event(new_id(), 1).replace(b"rural_commune", b"moon_base")
    delivery = Delivery("area.changed.v1", b"[" + broken + b"]", 0, 0, {}, None)
    entries = [parking.parked_bad(bad, delivery) for bad in decode(delivery).bad]
    async with database.as_worker() as connections, connections.transaction() as tx:
        await parking.park(tx, CONSUMER, entries, tx.recorded_at)


async def test_a_parked_event_is_shown_without_values(
    database: ServiceDatabase, client: httpx.AsyncClient
) -> None:
    await _park(database)
    answer = await client.get("/internal/v1/parked", headers=OPERATOR)
    assert answer.status_code == 200
    [shown] = answer.json()
    assert (shown["reason"], shown["fields"]) == ("UNKNOWN_ENUM", ["data.kind"])
    assert "moon_base" not in answer.text
    assert "body" not in shown


async def test_a_parked_event_is_discarded_with_a_reason(
    database: ServiceDatabase, client: httpx.AsyncClient
) -> None:
    await _park(database)
    [shown] = (await client.get("/internal/v1/parked", headers=OPERATOR)).json()
    answer = await client.post(
        "/internal/v1/parked/discard",
        headers=OPERATOR,
        json={"parked_ids": [shown["parked_id"]], "reason": "sent by mistake"},
    )
    assert answer.json() == {"count": 1}
    assert (await client.get("/internal/v1/parked", headers=OPERATOR)).json() == []


async def test_parked_events_of_a_reason_are_redriven(
    database: ServiceDatabase, client: httpx.AsyncClient
) -> None:
    await _park(database)
    answer = await client.post(
        "/internal/v1/parked/redrive", headers=OPERATOR, json={"reason": "UNKNOWN_ENUM"}
    )
    assert answer.json() == {"count": 1}
    [shown] = (await client.get("/internal/v1/parked", headers=OPERATOR)).json()
    assert shown["state"] == "redrive"


async def test_a_replay_is_asked_for_seen_and_cancelled(client: httpx.AsyncClient) -> None:
    asked = await client.post(
        "/internal/v1/replays",
        headers=OPERATOR,
        json={"consumer": CONSUMER, "reason": "a table was restored"},
    )
    assert asked.status_code == 202
    [wish] = asked.json()
    assert (wish["producer"], wish["state"]) == ("registry", "wanted")
    gone = await client.delete(f"/internal/v1/replays/{wish['replay_id']}", headers=OPERATOR)
    assert gone.status_code == 204
    [shown] = (await client.get("/internal/v1/replays", headers=OPERATOR)).json()
    assert shown["state"] == "cancelled"


async def test_a_replay_is_found_by_its_id_however_old_it_is(client: httpx.AsyncClient) -> None:
    wanted = {"consumer": CONSUMER, "reason": "a table was restored"}
    asked = [
        (await client.post("/internal/v1/replays", headers=OPERATOR, json=wanted)).json()[0]
        for _ in range(101)
    ]
    newest = (await client.get("/internal/v1/replays", headers=OPERATOR)).json()
    oldest = asked[0]["replay_id"]
    assert oldest not in {one["replay_id"] for one in newest}
    found = await client.get(
        "/internal/v1/replays", headers=OPERATOR, params={"replay_id": [oldest]}
    )
    assert [one["replay_id"] for one in found.json()] == [oldest]


async def test_what_operators_do_is_on_the_audit_trail(
    database: ServiceDatabase, client: httpx.AsyncClient
) -> None:
    await _park(database)
    await _park(database)
    first, second = (await client.get("/internal/v1/parked", headers=OPERATOR)).json()
    subject = str(new_id())
    for path, body in (
        ("parked/redrive", {"parked_ids": [first["parked_id"]]}),
        ("parked/discard", {"parked_ids": [second["parked_id"]], "reason": "a mistake"}),
        ("replays", {"consumer": CONSUMER, "subjects": [subject], "reason": "restored"}),
    ):
        answer = await client.post(f"/internal/v1/{path}", headers=OPERATOR, json=body)
        assert answer.is_success
    async with database.as_worker() as connections:
        rows = await connections.pool.fetch(
            "SELECT act, subject_kind, subjects FROM audit_line WHERE act LIKE 'POST%'"
        )
    noted = {(row["act"], row["subject_kind"], str(row["subjects"][0])) for row in rows}
    redrive, discard, replays = (
        f"POST /internal/v1/{path}" for path in ("parked/redrive", "parked/discard", "replays")
    )
    [wish] = (await client.get("/internal/v1/replays", headers=OPERATOR)).json()
    assert noted == {
        (redrive, "parked", first["parked_id"]),
        (redrive, "subject", first["subject"]),
        (discard, "parked", second["parked_id"]),
        (discard, "subject", second["subject"]),
        (replays, "replay", wish["replay_id"]),
        (replays, "subject", subject),
    }


async def test_an_unknown_consumer_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/internal/v1/replays", headers=OPERATOR, json={"consumer": "x.y", "reason": "because"}
    )
    assert answer.status_code == 422


async def test_progress_and_trace_answer(
    database: ServiceDatabase, client: httpx.AsyncClient
) -> None:
    subject, act = new_id(), new_id()
    async with database.as_worker() as connections, connections.transaction() as tx:
        await say(tx, subject, correlation_id=act)
    progress = (await client.get("/internal/v1/progress", headers=OPERATOR)).json()
    assert progress["heads"] == {"area": {"subjects": 1, "numbers": {"0": 1}}}
    assert progress["outbox"]["pending"] == 1
    trace = await client.get(f"/internal/v1/trace?correlation_id={act}", headers=OPERATOR)
    assert [entry["subject"] for entry in trace.json()["said"]] == [str(subject)]


async def test_only_operators_may_look(client: httpx.AsyncClient) -> None:
    for path in ("parked", "outbox/held", "replays", "progress", "trace"):
        answer = await client.get(f"/internal/v1/{path}", headers=bearer(Role.OFFICER))
        assert answer.status_code == 403

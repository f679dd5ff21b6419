"""A write with an `Idempotency-Key` acts once, however often and however fast it is repeated."""

import asyncio
from datetime import datetime, timedelta

import httpx

from libs.common.clock import SystemClock
from libs.common.database import Database
from libs.common.security.roles import Role
from libs.common.web.idempotency import PURGE
from tests.support.edge import bearer
from tests.support.notes import OFFICER, a_note
from tests.support.servers import ServiceDatabase

KEYED = {**OFFICER, "Idempotency-Key": "k-1"}


async def count(client: httpx.AsyncClient) -> int:
    return len((await client.get("/v1/notes", headers=OFFICER)).json()["items"])


async def test_a_repeat_gets_the_same_answer(client: httpx.AsyncClient) -> None:
    first = await client.post("/v1/notes", json=a_note(1), headers=KEYED)
    again = await client.post("/v1/notes", json=a_note(1), headers=KEYED)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await count(client) == 1


async def test_twins_at_the_same_time_act_once(client: httpx.AsyncClient) -> None:
    body = a_note(1, "then linger")
    answers = await asyncio.gather(
        *(client.post("/v1/notes", json=body, headers=KEYED) for _ in range(4))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 3
    assert await count(client) == 1


async def test_the_key_for_another_body_is_refused(client: httpx.AsyncClient) -> None:
    await client.post("/v1/notes", json=a_note(1), headers=KEYED)
    answer = await client.post("/v1/notes", json=a_note(2), headers=KEYED)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.reused")
    assert await count(client) == 1


async def test_a_failed_act_keeps_no_key(client: httpx.AsyncClient) -> None:
    assert (
        await client.post("/v1/notes", json=a_note(1, "then fail"), headers=KEYED)
    ).status_code == 500
    assert (await client.post("/v1/notes", json=a_note(1), headers=KEYED)).status_code == 201


async def test_keys_of_two_callers_are_two_keys(client: httpx.AsyncClient) -> None:
    await client.post("/v1/notes", json=a_note(1), headers=KEYED)
    other = {**bearer(Role.OFFICER, subject="another"), "Idempotency-Key": "k-1"}
    answer = await client.post("/v1/notes", json=a_note(2), headers=other)
    assert answer.status_code == 201


async def test_a_key_that_is_none_is_refused(client: httpx.AsyncClient) -> None:
    for key in ("", "x" * 129):
        answer = await client.post(
            "/v1/notes", json=a_note(1), headers={**OFFICER, "Idempotency-Key": key}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency.key")


async def test_keys_are_forgotten_after_their_time(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    class Later(SystemClock):
        def now(self) -> datetime:
            return super().now() + timedelta(days=3)

    await client.post("/v1/notes", json=a_note(1), headers=KEYED)
    async with database.as_worker() as connections:
        assert await _keys(connections) == 1
        await PURGE.run(connections, SystemClock())
        assert await _keys(connections) == 1
        await PURGE.run(connections, Later())
        assert await _keys(connections) == 0


async def _keys(database: Database) -> int:
    async with database.transaction() as tx:
        return int(await tx.fetchval("SELECT count(*) FROM idempotency_key"))

"""The edge's promises: who gets in, what they see, and when a success is a success."""

import asyncio

import httpx
import pytest

from libs.common.security.roles import Role
from tests.support.edge import bearer
from tests.support.notes import OFFICER, a_note


async def notes(client: httpx.AsyncClient) -> list[int]:
    answer = await client.get("/v1/notes", headers=OFFICER)
    assert answer.status_code == 200
    return [note["id"] for note in answer.json()["items"]]


async def test_a_write_stands_once_it_is_answered(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/notes", json=a_note(1), headers=OFFICER)
    assert (answer.status_code, answer.json()) == (201, a_note(1))
    assert await notes(client) == [1]


async def test_a_commit_that_fails_is_an_error_and_leaves_nothing(
    client: httpx.AsyncClient,
) -> None:
    await client.post("/v1/notes", json=a_note(1, "same"), headers=OFFICER)
    answer = await client.post("/v1/notes", json=a_note(2, "same"), headers=OFFICER)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["rule"] == "database.note_words_key"
    assert await notes(client) == [1]


async def test_an_endpoint_that_fails_leaves_nothing_and_says_nothing_personal(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await client.post("/v1/notes", json=a_note(1, "then fail"), headers=OFFICER)
    assert answer.status_code == 500
    assert "secret" not in answer.text + caplog.text
    assert await notes(client) == []


async def test_without_a_token_nothing_is_answered(client: httpx.AsyncClient) -> None:
    for path in ("/v1/notes", "/v1/unknown", "/internal/v1/unknown"):
        answer = await client.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    broken = await client.get("/v1/notes", headers={"Authorization": "Bearer x.y.z"})
    assert broken.status_code == 401


async def test_another_role_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/notes", headers=bearer(Role.BANK))).status_code == 403


@pytest.mark.parametrize("areas", [["01900"], [], ["99999"]])
async def test_another_area_sees_nothing_and_writes_nothing(
    client: httpx.AsyncClient, areas: list[str]
) -> None:
    await client.post("/v1/notes", json=a_note(1), headers=OFFICER)
    elsewhere = bearer(Role.OFFICER, areas=areas)
    assert (await client.get("/v1/notes", headers=elsewhere)).json()["items"] == []
    refused = await client.post("/v1/notes", json=a_note(2), headers=elsewhere)
    assert refused.status_code == 403
    assert await notes(client) == [1]


async def test_the_own_area_is_seen(client: httpx.AsyncClient) -> None:
    own = bearer(Role.OFFICER, areas=["01900"])
    await client.post("/v1/notes", json=a_note(1), headers=OFFICER)
    await client.post("/v1/notes", json=a_note(2, commune="01900"), headers=own)
    answer = await client.get("/v1/notes", headers=own)
    assert [note["id"] for note in answer.json()["items"]] == [2]


async def test_pages_follow_each_other_to_the_end(client: httpx.AsyncClient) -> None:
    for number in (1, 2, 3):
        await client.post("/v1/notes", json=a_note(number), headers=OFFICER)
    first = (await client.get("/v1/notes?limit=2", headers=OFFICER)).json()
    last = (await client.get(f"/v1/notes?after={first['next']}", headers=OFFICER)).json()
    assert [note["id"] for note in first["items"] + last["items"]] == [1, 2, 3]
    assert last["next"] is None


async def test_two_at_once_each_have_their_transaction(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(
        *(client.post("/v1/notes", json=a_note(n), headers=OFFICER) for n in range(1, 11))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert await notes(client) == list(range(1, 11))


async def test_the_correlation_id_is_taken_and_given_back(client: httpx.AsyncClient) -> None:
    sent = "0193b0a4-5f00-7000-8000-000000000001"
    answer = await client.get("/v1/notes", headers={**OFFICER, "X-Correlation-Id": sent})
    assert answer.headers["x-correlation-id"] == sent
    odd = await client.get("/v1/notes", headers={**OFFICER, "X-Correlation-Id": "mine"})
    assert odd.headers["x-correlation-id"] not in ("mine", sent)


async def test_health_needs_no_token(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}
    assert (await client.get("/health/ready")).status_code == 200

"""Whatever is refused is refused in one shape, in two languages, without what was sent."""

from typing import Any

import httpx
import pytest

from libs.common.clock import SystemClock
from libs.common.security.roles import Role
from libs.common.web import Limits, create_app
from tests.support.edge import bearer, open_client, verifier
from tests.support.notes import OFFICER, SERVICE, a_note
from tests.support.servers import ServiceDatabase


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["code"] == code
    assert document["type"] == f"urn:ansinh:problem:{code}"
    assert document["title"]
    assert document["title_en"]
    assert document["correlation_id"] == answer.headers["x-correlation-id"]
    return document


async def test_every_broken_field_is_named_and_none_is_quoted(client: httpx.AsyncClient) -> None:
    body = {"id": 0, "commune": "Nghiên Loan", "words": "x" * 41, "Nguyễn Văn A": 1}
    answer = await client.post("/v1/notes", json=body, headers=OFFICER)
    document = assert_problem(answer, 422, "request.invalid")
    found = {(error["pointer"], error["rule"]) for error in document["errors"]}
    assert found == {
        ("/id", "greater_than_equal"),
        ("/commune", "string_pattern_mismatch"),
        ("/words", "string_too_long"),
        ("", "extra_forbidden"),
    }
    for error in document["errors"]:
        assert error["message"]["vi"]
        assert error["fix"]["en"]
    assert "Nguyễn" not in answer.text
    assert "Nghiên" not in answer.text
    assert "xxx" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/unknown", 404, "http.not_found"),
        ("GET", "/v1/notes/", 404, "http.not_found"),
        ("DELETE", "/v1/notes", 405, "http.method_not_allowed"),
        ("GET", "/v1/notes?limit=0", 422, "request.invalid"),
        ("GET", "/v1/notes?limit=501", 422, "request.invalid"),
        ("GET", "/v1/notes?after=%25%25", 422, "page.cursor"),
        ("GET", "/v1/notes?after=WzFd", 422, "page.cursor"),
    ],
)
async def test_refusals(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    assert_problem(await client.request(method, path, headers=OFFICER), status, code)


async def test_refusals_of_callers(client: httpx.AsyncClient) -> None:
    assert_problem(await client.get("/v1/notes"), 401, "http.unauthorized")
    assert_problem(await client.get("/v1/notes", headers=bearer(Role.BANK)), 403, "http.forbidden")
    odd = {**OFFICER, "X-Purpose": "vì tò mò".encode().hex() + "!"}
    assert_problem(await client.get("/v1/notes", headers=odd), 400, "purpose.invalid")


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "request.unreadable"),
        (b'{"id": 1}', "text/plain", 415, "http.unsupported_media_type"),
        (b'{"id":' + b"[" * 40 + b"]" * 40 + b"}", "application/json", 422, "request.depth"),
        (b"[" * 200_000, "application/json", 400, "http.bad_request"),
        (b"\xff\xfe{}", "application/json", 400, "request.unreadable"),
    ],
)
async def test_refusals_of_bodies(
    client: httpx.AsyncClient, body: bytes, kind: str, status: int, code: str
) -> None:
    headers = {**OFFICER, "Content-Type": kind}
    assert_problem(await client.post("/v1/notes", content=body, headers=headers), status, code)


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_over_the_limit(database: ServiceDatabase, declared: bool) -> None:
    async def parts() -> Any:
        yield b" " * 600
        yield b" " * 600

    async with open_client(SERVICE, database, limits=Limits(body_bytes=1_000)) as client:
        body = b" " * 1_200 if declared else parts()
        headers = {**OFFICER, "Content-Type": "application/json"}
        answer = await client.post("/v1/notes", content=body, headers=headers)
        assert_problem(answer, 413, "http.request_entity_too_large")
        assert (await client.post("/v1/notes", json=a_note(1), headers=OFFICER)).is_success


async def test_a_caller_that_asks_too_often_is_told_when_to_come_back(
    database: ServiceDatabase,
) -> None:
    async with open_client(SERVICE, database, limits=Limits(per_second=2)) as client:
        answers = [await client.get("/v1/notes", headers=OFFICER) for _ in range(8)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert_problem(refused[0], 429, "caller.rate")
        assert int(refused[0].headers["retry-after"]) >= 1


async def test_a_request_that_takes_too_long_is_cancelled(database: ServiceDatabase) -> None:
    async with open_client(SERVICE, database, limits=Limits(seconds=0.3)) as client:
        answer = await client.post("/v1/notes/slow", headers=OFFICER)
        assert_problem(answer, 504, "http.gateway_timeout")


async def test_a_database_that_is_gone_is_busy_and_not_broken(database: ServiceDatabase) -> None:
    async with database.as_api() as connections:
        pass  # closed again
    app = create_app(SERVICE, connections, clock=SystemClock(), auth=verifier())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
        answer = await client.get("/v1/notes", headers=OFFICER)
        document = assert_problem(answer, 503, "database.gone")
        assert answer.headers["retry-after"]
        assert [error["pointer"] for error in document["errors"]] == [""]


async def test_the_description_shows_problems_and_no_other_shape(
    client: httpx.AsyncClient,
) -> None:
    document = (await client.get("/openapi.json")).json()
    operation = document["paths"]["/v1/notes"]["post"]
    refusals = {status for status in operation["responses"] if status != "201"}
    assert refusals == {"400", "401", "403", "409", "413", "415", "422", "429", "503", "504"}
    shared = document["components"]["responses"]["Problem422"]
    assert list(shared["content"]) == ["application/problem+json"]
    assert operation["security"] == [{"OpenID Connect": []}]

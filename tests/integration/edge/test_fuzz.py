"""Whatever is sent to any route: never a failure of ours, one shape of refusal, no echo; and no
answer whose status, media type, body or headers the API's description does not tell.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from libs.common.database.provision import SERVICES
from libs.common.security.roles import Role
from tests.conftest import MakeDatabase
from tests.support.edge import bearer
from tests.support.hostile import SECRET, Operation, Requests, Sent
from tests.support.worlds import HERE, a_world

EXAMPLES = 5  # of each route, in a run: the next draws others
ANYONE = bearer(*Role, areas=[HERE])
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@dataclass(frozen=True)
class Target:
    client: httpx.AsyncClient
    requests: Requests


@pytest_asyncio.fixture(params=SERVICES)
async def target(
    request: pytest.FixtureRequest, make_database: MakeDatabase
) -> AsyncIterator[Target]:
    name: str = request.param
    world = await a_world(name, await make_database(name))
    async with world.client() as client:
        client.headers.update(ANYONE)
        document = (await client.get("/openapi.json")).json()
        yield Target(client, Requests(document, world.here))


async def check(client: httpx.AsyncClient, sent: Sent) -> None:
    answer = await client.request(**sent.request)
    sent.case.validate_response(answer, checks=CHECKS)
    if answer.status_code < 400:
        return
    assert answer.headers["content-type"] == "application/problem+json", sent
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["title"]
    assert document["title_en"]
    for error in document.get("errors", ()):
        assert {"pointer", "rule", "message", "fix"} <= error.keys(), sent
    assert answer.status_code != 422 or document.get("errors"), (sent, document)
    assert SECRET not in answer.text, sent


@pytest.mark.slow
async def test_every_route_stands_whatever_is_sent(target: Target) -> None:
    """Schemathesis draws the requests of all four services and holds the answers against the
    description; ours are the hostile bytes, texts and depths among them, and what a refusal looks
    like. One example is one request; the database is shared, as in life. Hypothesis runs in a
    thread, because it waits for each answer and the database's connections belong to this loop.
    """
    here = asyncio.get_running_loop()

    def try_all(operation: Operation) -> None:
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(target.requests.to(operation))
        def stands(sent: Sent) -> None:
            asyncio.run_coroutine_threadsafe(check(target.client, sent), here).result()

        stands()

    for operation in target.requests.operations:
        await asyncio.to_thread(try_all, operation)

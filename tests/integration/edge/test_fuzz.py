"""Whatever is sent to any route: never a failure of ours, one shape of refusal, no echo; and no
answer whose status the API's description does not name.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.database.provision import SERVICES
from libs.common.security.roles import Role
from tests.conftest import MakeDatabase
from tests.support.edge import bearer
from tests.support.hostile import SECRET, Requests, Sent
from tests.support.worlds import HERE, a_world

ANYONE = bearer(*Role, areas=[HERE])


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
    place = world.here
    ids = [place.household, place.person, place.decision, place.referral, place.need]
    ids += [place.need_list, place.other_referral, place.loan, place.group, place.reconciliation]
    ids += [place.asked_household, *place.changes.values()]
    async with world.client() as client:
        document = (await client.get("/openapi.json")).json()
        yield Target(client, Requests(document, [str(one) for one in ids if one]))


async def check(client: httpx.AsyncClient, sent: Sent, operation: dict[str, Any]) -> None:
    answer = await client.request(
        sent.method, sent.address, content=sent.content, headers={**sent.headers, **ANYONE}
    )
    assert answer.status_code < 500, (sent, answer.text)
    assert str(answer.status_code) in operation["responses"], (sent, answer.text)
    if answer.status_code < 400:
        return
    assert answer.headers["content-type"] == "application/problem+json", sent
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["title"]
    assert document["title_en"]
    for error in document.get("errors", ()):
        assert {"pointer", "rule", "message", "fix"} <= error.keys(), sent
    assert answer.status_code != 422 or document["errors"], (sent, document)
    assert SECRET not in answer.text, sent


@pytest.mark.slow
@settings(
    max_examples=600,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
)
@given(data=st.data())
async def test_every_route_stands_whatever_is_sent(target: Target, data: st.DataObject) -> None:
    """One example is one request; the database is shared, as in life."""
    method, path, operation = data.draw(st.sampled_from(target.requests.operations))
    await check(target.client, target.requests.draw(data, method, path, operation), operation)

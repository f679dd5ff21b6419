"""Registrations over HTTP: made, changed and ended by an operator, each change on the trail."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.floor import on_common_floor
from libs.common.ids import derived_id
from libs.common.security.roles import Role
from services.credit.app import build
from tests.conftest import MakeDatabase
from tests.support.edge import bearer, open_client
from tests.support.partners import DAY, OPERATOR, as_body, terms
from tests.support.servers import ServiceDatabase

AT = "/internal/v1/partners"


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> ServiceDatabase:
    return await make_database("credit")


@pytest_asyncio.fixture
async def client(database: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    clock = FixedDayClock(DAY)
    async with open_client(on_common_floor(build()), database, clock=clock) as opened:
        yield opened


def body(**changed: Any) -> dict[str, Any]:
    return as_body(terms(**changed))


async def add(client: httpx.AsyncClient, partner: str = "nhcsxh", **changed: Any) -> httpx.Response:
    return await client.post(AT, headers=OPERATOR, json=body(**changed) | {"partner": partner})


def rules(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(error["pointer"], error["rule"]) for error in answer.json()["errors"]]


async def test_a_partner_is_registered_changed_and_ended_and_stays_on_record(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    made = await add(client)
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    changed = await client.put(
        f"{AT}/nhcsxh", headers={**OPERATOR, "If-Match": '"1"'}, json=body(areas=("06",))
    )
    assert (changed.json()["areas"], changed.json()["version"]) == (["06"], 2)
    ended = await client.delete(f"{AT}/nhcsxh", headers=OPERATOR)
    assert ended.json()["valid_until"] == DAY.isoformat()
    [listed] = (await client.get(AT, headers=OPERATOR)).json()
    assert (listed["partner"], listed["version"]) == ("nhcsxh", 3)
    async with database.as_worker() as worker:
        lines = await worker.pool.fetch(
            "SELECT act, subjects FROM audit_line WHERE subject_kind = 'partner' ORDER BY line_id"
        )
        kept = await worker.pool.fetchval("SELECT count(*) FROM partner_registration")
    assert [line["act"].split()[0] for line in lines] == ["POST", "PUT", "DELETE"]
    assert {line["subjects"][0] for line in lines} == {derived_id("partner", "nhcsxh")}
    assert kept == 3


async def test_a_change_of_another_version_is_refused(client: httpx.AsyncClient) -> None:
    await add(client)
    stale = await client.put(f"{AT}/nhcsxh", headers={**OPERATOR, "If-Match": '"7"'}, json=body())
    assert stale.status_code == 412
    assert (await add(client)).status_code == 409


@pytest.mark.parametrize(
    ("changed", "pointer", "rule"),
    [
        ({"event_types": ("household.*.v1",)}, "/event_types/0", "partner.type_unknown"),
        ({"fields": ("programme", "name")}, "/fields/1", "partner.field_unknown"),
        ({"valid_until": date(2021, 1, 1)}, "/valid_until", "partner.until"),
    ],
)
async def test_terms_that_mean_nothing_are_refused_with_the_field(
    client: httpx.AsyncClient, changed: dict[str, Any], pointer: str, rule: str
) -> None:
    assert rules(await add(client, **changed)) == [(pointer, rule)]


async def test_a_subject_leads_to_one_partner(client: httpx.AsyncClient) -> None:
    await add(client)
    assert rules(await add(client, "other")) == [("/subjects/0", "partner.subject_taken")]
    assert (await add(client, "other", subjects=("other-core",))).status_code == 201


async def test_only_an_operator_registers(client: httpx.AsyncClient) -> None:
    answer = await client.post(AT, headers=bearer(Role.BANK), json=body() | {"partner": "me"})
    assert answer.status_code == 403

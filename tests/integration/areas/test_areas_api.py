"""The areas API: lists in pages, names without diacritics, one unit with its succession."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, Depends

from libs.common.areas import store
from libs.common.clock import FixedDayClock
from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.service import Service
from libs.common.web import Edge, allow
from services.registry.areas.api import router
from tests.conftest import MakeDatabase
from tests.support.areas import REFORM, pac_nam
from tests.support.edge import bearer, open_client

SERVICE = Service("registry", Text("Sổ đăng ký", "Registry"), (router,))
ANYONE = bearer(Role.BANK, areas=[])


@pytest_asyncio.fixture
async def client(make_database: MakeDatabase) -> AsyncIterator[httpx.AsyncClient]:
    database = await make_database("registry")
    named = {
        "060": "Huyện Pác Nặm",
        "01882": "Xã Nghiên Loan",
        "01873": "Xã Xuân La",
        "06": "Tỉnh Bắc Kạn",
    }
    units = [
        unit.model_copy(update={"name": named.get(unit.code, unit.name)}) for unit in pac_nam()
    ]
    async with database.as_worker() as connections, connections.transaction() as tx:
        await store.keep(tx, [(1, unit) for unit in units])
    async with open_client(SERVICE, database) as opened:
        yield opened


async def codes(client: httpx.AsyncClient, query: str) -> list[str]:
    answer = await client.get(f"/v1/areas?{query}", headers=ANYONE)
    assert answer.status_code == 200, answer.text
    return [item["code"] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("valid_on=2022-01-01&level=province", ["06", "19"]),
        ("valid_on=2022-01-01&level=commune", ["01864", "01873", "01876", "01882", "09999"]),
        ("valid_on=2022-01-01&parent=06", ["01864", "01873", "01876", "01882", "09999", "060"]),
        ("valid_on=2022-01-01&parent=060&q=loan", ["01882"]),
        ("valid_on=2022-01-01&q=PAC nam", ["060"]),
        ("valid_on=2022-01-01&q=Xuân", ["01873"]),
        ("valid_on=2022-01-01&q=%25", []),
        ("valid_on=2025-07-01&parent=19", ["01864", "01882"]),
        ("q=nghien", ["01882"]),
    ],
)
async def test_lists(client: httpx.AsyncClient, query: str, expected: list[str]) -> None:
    assert await codes(client, query) == expected


async def test_pages_follow_each_other_without_gap(client: httpx.AsyncClient) -> None:
    query, found = {"valid_on": "2022-01-01", "limit": "3"}, []
    while True:
        page = (await client.get("/v1/areas", params=query, headers=ANYONE)).json()
        assert len(page["items"]) <= 3
        found += [item["code"] for item in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert found == await codes(client, "valid_on=2022-01-01")


async def test_one_unit_with_its_succession(client: httpx.AsyncClient) -> None:
    now = (await client.get("/v1/areas/01882?on=2025-07-01", headers=ANYONE)).json()
    assert (now["name"], now["parent"], now["valid_until"]) == ("Xã Nghiên Loan", "19", None)
    assert [(unit["code"], unit["is_divided"]) for unit in now["predecessors"]] == [
        ("01873", False),
        ("01876", False),
        ("01882", False),
        ("09999", True),
    ]
    before = (await client.get("/v1/areas/01882?on=2022-01-01", headers=ANYONE)).json()
    assert (before["parent"], before["valid_until"]) == ("060", "2025-07-01")
    assert [unit["area_id"] for unit in before["successors"]] == [now["area_id"]]
    district = (await client.get("/v1/areas/060?on=2022-01-01", headers=ANYONE)).json()
    assert [fact["designation"] for fact in district["designations"]] == ["poor_district"]
    assert not district["designations"][0]["is_confirmed"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/areas/060?on=2025-07-01", 404),
        ("/v1/areas/1882", 422),
        ("/v1/areas?parent=1", 422),
        ("/v1/areas?level=village", 422),
        ("/v1/areas?after=WyJhIl0", 422),
    ],
)
async def test_refusals_are_problems(client: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(path, headers=ANYONE)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_a_caller_without_a_token_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/areas")).status_code == 401


async def test_a_caller_sees_the_rows_of_all_geographies_of_the_area(
    make_database: MakeDatabase,
) -> None:
    """The token names the present commune; rows recorded under its predecessors are visible."""
    scopes = APIRouter()

    @scopes.get("/scope")
    async def read_scope(edge: Annotated[Edge, Depends(allow(Role.OFFICER))]) -> str:
        return str(await edge.tx.fetchval("SELECT current_setting('ansinh.scope', true)"))

    database = await make_database("registry")
    async with database.as_worker() as connections, connections.transaction() as tx:
        await store.keep(tx, [(1, unit) for unit in pac_nam()])
    service = Service("registry", Text("Sổ đăng ký", "Registry"), (scopes,))
    officer = bearer(Role.OFFICER, areas=["01882"])
    async with open_client(service, database, clock=FixedDayClock(REFORM)) as now:
        answer = await now.get("/v1/scope", headers=officer)
        assert answer.json() == "01873,01876,01882,09999"
    async with open_client(service, database, clock=FixedDayClock(date(2022, 1, 1))) as before:
        assert (await before.get("/v1/scope", headers=officer)).json() == "01882"

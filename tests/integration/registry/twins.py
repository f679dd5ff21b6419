"""The same child in two households, as two communes recorded it."""

from typing import Any

import httpx

from libs.common.security.roles import Role
from services.registry.duplicates.work import compare_next
from tests.integration.registry.builders import COMMUNE, NEIGHBOUR, a_household, a_member
from tests.support.edge import bearer
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT

BOTH = bearer(Role.OFFICER, Role.CHAIRMAN, areas=[COMMUNE, NEIGHBOUR])
HERE = bearer(Role.OFFICER, Role.CHAIRMAN, areas=[COMMUNE])
THERE = bearer(Role.OFFICER, Role.CHAIRMAN, areas=[NEIGHBOUR])
SECOND = bearer(Role.CHAIRMAN, subject="second", areas=[COMMUNE, NEIGHBOUR])
NAME, UIN = "Nông Thị Hà", "006315000123"


async def ok(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


async def a_family(
    client: httpx.AsyncClient, commune: str, child: str, **who: Any
) -> tuple[str, str]:
    """A household with one named child; answers both ids."""
    young = a_member(relation="child", birth_date="2015-03-02", joined_on="2015-03-02")
    body = a_household(a_member(birth_date="1985-01-01"), young, commune=commune)
    await ok(await client.post("/v1/households", json=body, headers=BOTH))
    home, person = body["household_id"], young["person_id"]
    await name(client, home, person, name=child, **who)
    return home, person


async def name(client: httpx.AsyncClient, home: str, person: str, **who: Any) -> None:
    await ok(
        await client.put(
            f"/v1/households/{home}/members/{person}/identity",
            json={"from_day": "2022-05-01", **who},
            headers=BOTH | {"If-Match": "*"},
        )
    )


async def search(registry: ServiceDatabase) -> None:
    async with registry.as_worker() as worker:
        compared = 1
        while compared:
            async with worker.transaction() as tx:
                compared = await compare_next(tx, VAULT, most=1)


async def queue(client: httpx.AsyncClient, headers: dict[str, str] = BOTH) -> list[dict[str, Any]]:
    page = await ok(await client.get("/v1/duplicates", headers=headers))
    found: list[dict[str, Any]] = page["items"]
    return found


async def a_pair(client: httpx.AsyncClient, registry: ServiceDatabase) -> dict[str, Any]:
    """The same child, with a number here and none there."""
    await a_family(client, COMMUNE, NAME, numbers={"UIN": UIN})
    await a_family(client, NEIGHBOUR, "Nong Thi Ha")
    await search(registry)
    [pair] = await queue(client)
    return pair


async def decided(client: httpx.AsyncClient, at: str, step: str, said: dict[str, Any]) -> None:
    """Proposed by one person and confirmed by another one."""
    await ok(await client.post(f"{at}/{step}", json=said, headers=BOTH))
    alone = await client.post(f"{at}/confirmation", headers=BOTH)
    assert alone.json()["code"] == "duties.same_person"
    await ok(await client.post(f"{at}/confirmation", headers=SECOND))


async def members(client: httpx.AsyncClient, home: str) -> set[str]:
    answer = await ok(await client.get(f"/v1/households/{home}", headers=BOTH))
    return {member["person_id"] for member in answer["members"] if member["left_on"] is None}

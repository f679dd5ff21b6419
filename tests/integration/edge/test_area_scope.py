"""Every route of every service: who may see a place sees it, on the audit trail; no other does.

The cases stand in `tests/support/route_cases.py`; a route without one fails.
"""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest

from libs.common.clock import SystemClock
from libs.common.database.provision import SERVICES
from libs.common.security.audit import SEALER
from libs.common.security.roles import Role
from libs.common.web.app import roles_of
from libs.common.web.screens.door import PREFIX as SCREENS
from tests.conftest import MakeDatabase
from tests.support.areas import REFORM
from tests.support.edge import bearer
from tests.support.registry_cases import PERSONS
from tests.support.route_cases import FLOOR, ROUTES
from tests.support.route_kinds import PURPOSE, Counts, Nobodys, Reads, Writes
from tests.support.worlds import HERE, MERGED, THERE, Place, World, a_world

FILE = "GET /v1/persons/{person_id}/file"


def caller(role: Role, commune: str, purpose: str = PURPOSE) -> dict[str, str]:
    return {**bearer(role, areas=[commune]), "X-Purpose": purpose}


async def operations(world: World, client: httpx.AsyncClient) -> set[str]:
    document = (await client.get("/openapi.json")).json()
    described = {
        f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item
    }
    pages = {  # no API, so in no description
        f"{method} {prefix}{route.path}"
        for prefix, route, _ in roles_of(world.service)
        for method in route.methods or ()
        if prefix == SCREENS
    }
    return described | pages


async def trail(world: World, kind: str) -> Sequence[tuple[str, str | None, list[UUID]]]:
    """Act, purpose and subjects of every line of a kind."""
    async with world.database.as_worker() as connections, connections.transaction() as tx:
        rows = await tx.fetch("SELECT act, purpose, subjects FROM audit_line WHERE kind = $1", kind)
    return [(row["act"], row["purpose"], row["subjects"]) for row in rows]


async def ledger_length(world: World) -> int:
    async with world.database.as_worker() as connections, connections.transaction() as tx:
        return int(await tx.fetchval("SELECT count(*) FROM event_log"))


def id_of(place: Place, name: str) -> str:
    return str(getattr(place, name))


@pytest.mark.parametrize("name", SERVICES)
async def test_a_place_is_for_those_who_may_see_it(name: str, make_database: MakeDatabase) -> None:
    world = await a_world(name, await make_database(name))
    cases = {**FLOOR, **ROUTES[name]}
    async with world.client() as client:
        assert await operations(world, client) == cases.keys(), (
            "every route states its case, none is old"
        )
        for route, case in cases.items():
            match case:
                case Nobodys():
                    assert case.why
                case Reads():
                    await check_read(world, client, route, case)
                case Counts():
                    await check_count(world, client, route, case)
        await check_trail(world, client)
        async with world.client(REFORM) as later:
            for route, case in cases.items():
                if isinstance(case, Reads):
                    await check_ended(world, later, route, case)
        for route, case in cases.items():
            if isinstance(case, Writes):
                await check_write(world, client, route, case)


async def check_read(world: World, client: httpx.AsyncClient, route: str, case: Reads) -> None:
    wanted = id_of(world.here, case.shows)
    own = await ask(world, client, route, case, HERE)
    assert own.status_code == 200, (route, own.text)
    assert wanted in own.text, route
    assert id_of(world.there, case.shows) not in own.text, route
    subject = getattr(world.here, case.audited)
    noted = [
        subjects
        for act, purpose, subjects in await trail(world, "read")
        if act == route and purpose == case.purpose
    ]
    assert subject in [one for subjects in noted for one in subjects], route
    assert getattr(world.there, case.audited) not in [one for row in noted for one in row], route

    other = await ask(world, client, route, case, THERE)
    assert other.status_code == (200 if case.is_list else 404), (route, other.text)
    assert wanted not in other.text, route


async def check_trail(world: World, client: httpx.AsyncClient) -> None:
    """A person's file tells who read of it and why, in words, also by the routes of lists.

    Lines show once they are sealed, up to a horizon that is the whole server's: another test's open
    transaction may hold it for a while.
    """
    case = PERSONS[FILE]
    headers = caller(case.role, HERE, case.purpose)
    async with world.database.as_worker() as connections, asyncio.timeout(90):
        wanted, seen = {case.purpose, PURPOSE}, set[str]()
        while not wanted <= seen:
            await SEALER.run(connections, SystemClock())
            lines = (await client.get(case.path(world.here), headers=headers)).json()["accounts"]
            seen = {line["purpose"] for line in lines if line["kind"] == "read"}
            await asyncio.sleep(0.05)
    assert {line["purpose"] for line in lines if line["act"] == FILE} == {case.purpose}
    assert all(line["what"]["vi"] for line in lines if line["act"].startswith("GET /v1"))


async def check_ended(world: World, client: httpx.AsyncClient, route: str, case: Reads) -> None:
    """A token of a commune that was merged into the place here does not reach into the merger."""
    answer = await ask(world, client, route, case, MERGED)
    assert answer.status_code == (200 if case.is_list else 404), (route, answer.text)
    assert id_of(world.here, case.shows) not in answer.text, route
    assert answer.is_error or answer.headers["X-Area-Ended"] == f"{MERGED} until {REFORM}", route


async def ask(
    world: World, client: httpx.AsyncClient, route: str, case: Reads, commune: str
) -> httpx.Response:
    """For the place here, as a caller of a commune."""
    return await client.request(
        route.split()[0],
        case.path(world.here),
        json=None if case.body is None else case.body(world.here),
        headers=caller(case.role, commune, case.purpose),
    )


async def check_count(world: World, client: httpx.AsyncClient, route: str, case: Counts) -> None:
    for commune, number in ((HERE, 1), (THERE, 0)):
        answer = await client.get(case.path(world.here), headers=caller(case.role, commune))
        seen = case.number(answer.json()) if answer.is_success else 0
        assert (seen > 0) == (number > 0), (route, commune, answer.text)


async def check_write(world: World, client: httpx.AsyncClient, route: str, case: Writes) -> None:
    method, path = route.split()[0], case.path(world.here)
    body, before = case.body(world.here), await ledger_length(world)
    headers = {**caller(case.role, THERE), **case.headers}
    sent: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
    other = await client.request(method, path, **sent, headers=headers)
    assert other.status_code in case.refused, (route, other.text)
    assert await ledger_length(world) == before, route

    headers = {**caller(case.role, HERE), **case.headers}
    own = await client.request(method, path, **sent, headers=headers)
    assert not own.is_error, (route, own.text)  # a screen leads on to another page
    assert (await ledger_length(world) > before) == case.says, route
    acts = {
        (act, purpose)
        for act, purpose, subjects in await trail(world, "write")
        if subjects or not case.says
    }
    assert (route, PURPOSE) in acts, route

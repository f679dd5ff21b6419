"""A household's read is one statement: it shows what an open transaction would show, and is on the
trail if and only if it showed something.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.ids import new_id
from libs.common.security.audit import AuditLine
from libs.common.security.roles import Role
from libs.common.vocabulary import StatusClass
from libs.common.web.lone import LoneRead
from services.registry.app import build
from services.registry.households.reading import get_whole
from tests.integration.registry.builders import COMMUNE, NEIGHBOUR, TODAY, decide, register
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase

OFFICER = bearer(Role.OFFICER, areas=[COMMUNE])
NEIGHBOURS = bearer(Role.OFFICER, areas=[NEIGHBOUR])
KNOWN_NOW = {"known_at": "2099-12-31"}
_CORRELATION = "X-Correlation-Id"


@pytest_asyncio.fixture
async def client(registry: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    """On one connection: what one request leaves on it, the next one meets."""
    clock = FixedDayClock(TODAY)
    async with open_client(build(), registry, clock=clock, connections=1) as client:
        yield client


async def trail(registry: ServiceDatabase) -> list[dict[str, Any]]:
    async with registry.as_worker() as worker, worker.transaction() as tx:
        lines = await tx.fetch("SELECT * FROM audit_line WHERE kind = 'read' ORDER BY line_id")
    return [dict(line) for line in lines]


async def test_the_short_way_and_the_usual_one_answer_the_same_and_leave_the_same_line(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    (home,) = await register(registry, 1)
    await decide(registry, [(home, StatusClass.POOR)])
    headers = {**OFFICER, "X-Purpose": "review", _CORRELATION: str(new_id())}
    short = await client.get(f"/v1/households/{home}", headers=headers)
    asked = await client.get(f"/v1/households/{home}", params=KNOWN_NOW, headers=headers)
    spelled = await client.get(f"/v1/households/{str(home).upper()}", headers=headers)
    assert short.status_code == 200, short.text
    assert short.json()["statuses"][0]["status"] == "poor"
    assert short.content == asked.content == spelled.content
    assert short.headers == asked.headers == spelled.headers
    first, *others = [
        {name: line[name] for name in line if name not in ("line_id", "xact", "recorded_at")}
        for line in await trail(registry)
    ]
    assert (first["act"], first["subjects"]) == ("GET /v1/households/{household_id}", [home])
    assert (first["purpose"], str(first["correlation_id"])) == ("review", headers[_CORRELATION])
    assert others == [first, first]


async def test_each_caller_sees_the_own_area_alone_whoever_asked_before(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    (ours,) = await register(registry, 1)
    (theirs,) = await register(registry, 1, commune=NEIGHBOUR)
    for _ in range(8):  # more often than a server plans a statement anew
        for home, owner, other in ((ours, OFFICER, NEIGHBOURS), (theirs, NEIGHBOURS, OFFICER)):
            path = f"/v1/households/{home}"
            assert (await client.get(path, headers=owner)).status_code == 200
            assert (await client.get(path, headers=other)).status_code == 404
    assert len(await trail(registry)) == 16
    for headers, status in (({}, 401), (bearer(Role.BANK), 403), (bearer(Role.OFFICER), 404)):
        answer = await client.get(f"/v1/households/{new_id()}", headers=headers)
        assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert len(await trail(registry)) == 16


async def test_a_partner_reads_under_its_registration_whatever_its_token_says_besides(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    (home,) = await register(registry, 1)
    both = bearer(Role.OFFICER, Role.PARTNER, areas=[COMMUNE])
    for asked in ({}, KNOWN_NOW):
        answer = await client.get(f"/v1/households/{home}", params=asked, headers=both)
        assert (answer.status_code, answer.json()["code"]) == (403, "partner.unregistered")


async def test_a_lone_read_asks_once_and_writes_nothing(registry: ServiceDatabase) -> None:
    (home,) = await register(registry, 1)
    line = AuditLine("x", "officer", "read", "GET", "household", (home,), None, new_id(), None)
    async with registry.as_api() as api, api.statements() as tx:
        read = LoneRead(tx.connection, tx.recorded_at, scope=COMMUNE, line=lambda: line)
        with pytest.raises(RuntimeError):
            await read.execute("DELETE FROM household")
        with pytest.raises(RuntimeError):
            read.require_told([line])
        await get_whole(read, home, None, None)
        read.require_told([line])
        with pytest.raises(RuntimeError):  # what is noted afterwards would be on no trail
            read.require_told([replace(line, subjects=(home, new_id()))])
        with pytest.raises(RuntimeError):
            await get_whole(read, home, None, None)
    assert len(await trail(registry)) == 1

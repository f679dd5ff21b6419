"""Reorganisations in tests: entered, approved and applied as people and the job do it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx

from libs.common.clock import FixedDayClock
from libs.common.ids import new_id
from libs.common.security.roles import Role
from services.registry.app import build
from services.registry.reorganisations import work
from tests.integration.registry.builders import a_household
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase

REFORM, LATER = date(2025, 7, 1), date(2026, 4, 30)
ENTERS = bearer(Role.PROVINCE, areas=["19"], subject="enters")
APPROVES = bearer(Role.PROVINCE, areas=["19"], subject="approves")
OFFICER = bearer(Role.OFFICER, areas=["*"])
OLD_OFFICER = bearer(Role.OFFICER, areas=["09999"])
NEW_OFFICER = bearer(Role.OFFICER, areas=["01882"])
AN_THANG_OFFICER = bearer(Role.OFFICER, areas=["01876"])

HEADER = "Cấp,Mã cũ,Mã mới,Tên mới,Loại mới,Mã cấp trên mới,Thôn"
MERGER = [
    "xã,01882,01882,,,,",
    "xã,01873,01882,,,,",
    "xã,01876,01882,,,,",
    "xã,01864,01864,,,,",
    "xã,09999,01864,,,,Thôn Một",
    "xã,09999,01882,,,,",
]
AT = "/v1/reorganisations"


@asynccontextmanager
async def on(registry: ServiceDatabase, day: date) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(build(), registry, clock=FixedDayClock(day)) as client:
        yield client


async def tick(registry: ServiceDatabase, day: date) -> None:
    clock = FixedDayClock(day)
    async with registry.as_worker(clock) as connections:
        await work.run_reorganisations(connections, clock)


async def lives_in(client: httpx.AsyncClient, commune: str, village: str | None = None) -> str:
    body = a_household(commune=commune)
    body["residence"]["village"] = village
    answer = await client.post("/v1/households", json=body, headers=OFFICER)
    assert answer.status_code == 201, answer.text
    household: str = answer.json()["household_id"]
    return household


async def enter(client: httpx.AsyncClient, in_force: date, lines: list[str]) -> dict[str, Any]:
    asked = {"in_force": str(in_force), "known_from": "2025-06-16", "document": "NQ 1/2025"}
    content = "\n".join([HEADER, *lines]).encode()
    answer = await client.post(AT, params=asked, content=content, headers=ENTERS)
    assert answer.status_code == 201, answer.text
    entered: dict[str, Any] = answer.json()
    return entered


async def post(client: httpx.AsyncClient, path: str, who: dict[str, str], **body: Any) -> Any:
    answer = await client.post(f"{AT}/{path}", headers=who, json=body or None)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def answer(client: httpx.AsyncClient, key: str, who: dict[str, str], **body: Any) -> Any:
    answered = await client.post(f"{AT}/{key}/answers", headers=who, json=body)
    assert answered.status_code == 201, answered.text
    return answered.json()


async def get(client: httpx.AsyncClient, path: str, who: dict[str, str], **asked: Any) -> Any:
    answer = await client.get(path, params=asked, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(client: httpx.AsyncClient, **asked: Any) -> set[str]:
    found = await get(client, "/v1/households", OFFICER, **asked)
    return {household["household_id"] for household in found["items"]}


def said_by() -> tuple[UUID, datetime]:
    return new_id(), datetime(2025, 7, 1, tzinfo=UTC)


async def approved(client: httpx.AsyncClient, in_force: date, lines: list[str]) -> str:
    key: str = (await enter(client, in_force, lines))["reorganisation_id"]
    await post(client, f"{key}/preview", ENTERS)
    await post(client, f"{key}/approve", APPROVES)
    return key

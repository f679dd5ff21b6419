"""Files as officers send them, and an import walked through by its routes and its job."""

import csv
import hashlib
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from libs.common.clock import FixedDayClock
from libs.common.database import Database
from libs.common.security.roles import Role
from services.registry.app import build
from services.registry.imports.work import run_imports
from tests.integration.registry.builders import COMMUNE, TODAY
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT

OFFICER = bearer(Role.OFFICER, areas=[COMMUNE])
CHAIRMAN = bearer(Role.CHAIRMAN, areas=[COMMUNE], subject="chairman")
TITLES = {
    "code": "Mã hộ",
    "commune": "Mã xã",
    "name": "Họ và tên",
    "relation": "Quan hệ với chủ hộ",
    "birth": "Ngày sinh",
    "sex": "Giới tính",
    "ethnicity": "Dân tộc",
    "UIN": "Số CCCD",
    "schooling": "Đi học",
}
Row = dict[str, str]
CLOCK = FixedDayClock(TODAY)


def a_row(code: str, name: str, **cells: str) -> Row:
    row = {
        "code": code,
        "commune": COMMUNE,
        "name": name,
        "relation": "Chủ hộ",
        "birth": "20/05/1980",
        "sex": "Nam",
        "ethnicity": "Tày",
    }
    return row | cells


def a_household(code: str, name: str = "Lý Văn Páo", **cells: str) -> list[Row]:
    child = f"{name.split()[0]} Thị Mai"
    return [
        a_row(code, name, **cells),
        a_row(code, child, relation="Con", birth="2015", sex="Nữ", schooling="Tiểu học"),
    ]


def a_file(*households: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(TITLES.values())
    for household in households:
        rows.writerows([row.get(name, "") for name in TITLES] for row in household)
    return text.getvalue().encode("utf-8-sig")


@dataclass(frozen=True)
class Office:
    """A commune's officer at work."""

    client: httpx.AsyncClient
    worker: Database
    headers: dict[str, str]

    async def ask(
        self, method: str, path: str, status: int = 200, purpose: str | None = None, **content: Any
    ) -> Any:
        headers = self.headers | ({"X-Purpose": purpose} if purpose else {})
        answer = await self.client.request(method, f"/v1{path}", headers=headers, **content)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.headers["content-type"] == "application/json" else answer

    async def send(self, file: bytes, piece: int = 1_000_000) -> str:
        """Open, send and close; answers the import's id."""
        digest = hashlib.sha256(file).hexdigest()
        body = {"digest": digest, "effective_on": "2022-05-01"}
        path = f"/imports/{(await self.ask('POST', '/imports', 201, json=body))['import_id']}"
        parts = [file[at : at + piece] for at in range(0, len(file), piece)]
        for number, part in enumerate(parts, 1):
            await self.ask("PUT", f"{path}/parts/{number}", content=part)
        await self.ask("POST", f"{path}/close", json={"parts": len(parts)})
        return path

    async def work(self) -> None:
        await run_imports(self.worker, CLOCK, VAULT)

    async def later(self) -> None:
        """The same when what failed is due again."""
        async with self.worker.transaction() as tx:
            await tx.execute("UPDATE import_page SET due_at = NULL")
        await self.work()

    async def check(self, file: bytes) -> tuple[str, dict[str, Any]]:
        """Send a file and have it checked."""
        path = await self.send(file)
        await self.work()
        return path, await self.ask("GET", path)

    async def take(self, file: bytes) -> tuple[str, dict[str, Any]]:
        """The same, confirmed and taken."""
        path, _ = await self.check(file)
        await self.ask("POST", f"{path}/confirm")
        await self.work()
        return path, await self.ask("GET", path)

    async def export(self) -> str:
        """The commune's households as a sheet, for no purpose: nobody's name is in it."""
        answer = await self.ask("GET", "/exports/households", params={"format": "csv"})
        return answer.content.decode("utf-8-sig")  # type: ignore[no-any-return]

    async def report(
        self, path: str, purpose: str | None = "register", **query: Any
    ) -> list[dict[str, str]]:
        asked = {"format": "csv"} | query
        answer = await self.ask("GET", f"{path}/report", purpose=purpose, params=asked)
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@asynccontextmanager
async def an_office(database: ServiceDatabase) -> AsyncIterator[Office]:
    async with (
        open_client(build(), database, clock=CLOCK) as client,
        database.as_worker(CLOCK) as worker,
    ):
        yield Office(client, worker, OFFICER)

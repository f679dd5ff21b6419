"""A year of three communes of Pác Nặm by the officers' screens alone, in a real Chromium: a list is
imported, a child is born, a household splits, one moves, a child stands in two households, and in
July the communes become one. Set ANSINH_PICTURES to a folder to look at the pages.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ansinh.demo.register.desk import AN_THANG, COMMUNES, NGHIEN_LOAN
from ansinh.demo.register.families import FAMILIES, Relative, personal_number
from ansinh.demo.register.sheet import write_sheet
from libs.common.clock import Clock, FixedDayClock
from libs.common.database import Database
from libs.common.security.roles import Role
from services.registry.app import build
from services.registry.duplicates.work import search
from services.registry.imports.work import run_imports
from services.registry.reorganisations.work import run_reorganisations
from tests.conftest import MakeDatabase
from tests.integration.registry.builders import NEIGHBOUR, load_communes
from tests.support.chromium import NO_CHROMIUM, Tab, a_tab, find_chromium
from tests.support.doors import free_port
from tests.support.reorganising import HEADER, MERGER
from tests.support.screens import ShownScreens, shown
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT

NEW_YEAR, SPRING, REFORM = date(2025, 1, 6), date(2025, 5, 6), date(2025, 7, 1)
WINDOW = (1280, 1500)
BORN, DIVIDED = date(2025, 3, 10), "09999"
ALL = " ".join((*COMMUNES, DIVIDED))
TOLD_OF = Relative("Hầu Thị Chở", "Chủ hộ", date(1970, 1, 1), "Nữ", "")
PEOPLE = sum(len(family.members) for family in FAMILIES.values())


@dataclass
class Calendar:
    """A day that goes on."""

    day: date

    def now(self) -> Any:
        return FixedDayClock(self.day).now()

    def today(self) -> date:
        return self.day


@dataclass
class Office:
    """Who sits before the screens, and what works behind them."""

    tab: Tab
    screens: ShownScreens
    database: ServiceDatabase
    clock: Calendar
    folder: Path
    pictures: int = 0

    async def sit_down(self, role: Role, name: str, areas: str = ALL) -> None:
        """Somebody else, whoever was there before having signed out."""
        if self.pictures:
            await self.tab.push("Đăng xuất")
        await self.tab.open(self.screens.base)
        await self.tab.fill("role", role.value)
        await self.tab.fill("areas", areas)
        await self.tab.fill("name", name)
        await self.tab.push("Đăng nhập / Sign in")
        assert name in await self.tab.text()
        await self.look(name)

    async def open(self, path: str) -> None:
        await self.tab.open(self.screens.base + path)

    async def find(self, name: str) -> None:
        """The household of somebody of this name."""
        await self.open("/households")
        await self.tab.fill("/name", name)
        await self.tab.push("Tìm")
        await self.look("search")
        await self.tab.press("td a")

    async def fill(self, fields: Mapping[str, str]) -> None:
        for name, value in fields.items():
            await self.tab.fill(name, value)

    async def look(self, what: str) -> str:
        """What is there to read; a picture of it where somebody wants one."""
        self.pictures += 1
        folder = os.environ.get("ANSINH_PICTURES")
        if folder:
            picture = await self.tab.picture()
            (Path(folder) / f"{self.pictures:02d}-{what}.png").write_bytes(picture)
        return await self.tab.text()

    async def work(self, job: Callable[[Database, Clock], Awaitable[None]]) -> None:
        """What is done by itself meanwhile."""
        async with self.database.as_worker(self.clock) as worker:
            await job(worker, self.clock)

    async def change(self, name: str, kind: str, fields: Mapping[str, str]) -> str:
        """Ask for a change of the household of somebody; the page of the request."""
        await self.find(name)
        await self.tab.push("Đề nghị thay đổi")
        await self.tab.push(kind)
        evidence = {"kind": "application", "number": "1", "issued_on": str(self.clock.day)}
        evidence["issued_by"] = "UBND xã"
        await self.fill({**fields, **{f"/evidence/{of}": value for of, value in evidence.items()}})
        await self.tab.push("Xem trước")
        assert "Nếu được thực hiện" in await self.look("preview")
        await self.tab.push("Gửi đề nghị")
        assert "Chờ quyết định" in await self.look("asked")
        return str(await self.tab.run("location.href"))

    async def decide(self, page: str, act: str, becomes: str) -> None:
        await self.tab.open(page)
        await self.tab.push(act)
        assert becomes in await self.look("decided")


def a_list(folder: Path) -> Path:
    """The told families, one more in a commune that will be divided, and a line with a fault."""
    told = [family.lines() for family in FAMILIES.values()]
    divided = FAMILIES["XL-02"]
    other = replace(divided, code="CN-01", commune=DIVIDED, village="", members=(TOLD_OF,))
    faulty = replace(other, code="CN-02", members=(replace(TOLD_OF, name="A B", relation="?"),))
    file = folder / "danh-sach.xlsx"
    write_sheet(file, [*told, other.lines(), faulty.lines()])
    return file


@pytest_asyncio.fixture
async def office(tmp_path: Path, make_database: MakeDatabase) -> AsyncIterator[Office]:
    executable = find_chromium()
    if executable is None:
        pytest.skip(NO_CHROMIUM)
    database, clock = await make_database("registry"), Calendar(NEW_YEAR)
    await load_communes(database)
    async with (
        a_tab(executable, tmp_path / "profile") as tab,
        shown(build(), database, clock, port=free_port()) as screens,
    ):
        await tab.resize(*WINDOW)
        yield Office(tab, screens, database, clock, tmp_path)
    refused = [text for text in tab.complaints if "status of 4" not in text]
    assert refused == [], "the pages' own policy refuses nothing of the pages"


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_year_of_three_communes(office: Office) -> None:
    await _a_list_is_imported(office)
    await _a_child_stands_in_two_households(office)
    await _families_change(office)
    await _communes_become_one(office)


async def _a_list_is_imported(office: Office) -> None:
    await office.sit_down(Role.OFFICER, "lan")
    await office.open("/imports")
    await office.tab.choose("/file", a_list(office.folder))
    await office.tab.push("Gửi và kiểm tra")
    await office.work(partial(run_imports, vault=VAULT))
    page = await office.tab.run("location.href")
    await office.tab.open(page)
    checked = await office.look("checked")
    assert f"Đăng ký mới\t{PEOPLE + 1}" in checked, checked
    assert "Từ chối\t1" in checked
    await office.tab.push("Xác nhận ghi")
    await office.work(partial(run_imports, vault=VAULT))
    await office.tab.open(page)
    assert "Đã xong" in await office.look("taken")


async def _a_child_stands_in_two_households(office: Office) -> None:
    await office.work(partial(search, vault=VAULT))
    await office.open("/duplicates")
    await office.look("duplicates")
    await office.tab.press("main td a, main th a")
    assert "Hai bản ghi" in await office.tab.text()
    kept = await office.tab.run("document.getElementsByName('/keep')[0].value")
    await office.fill({"/reason": "Giấy khai sinh 12/2016", "/keep": kept})
    await office.look("pair")
    await office.tab.push("Là một người, giữ bản ghi đã chọn")
    page = await office.tab.run("location.href")
    assert "Chờ người thứ hai" in await office.tab.text()
    await office.sit_down(Role.CHAIRMAN, "hoa")
    await office.decide(page, "Xác nhận và thực hiện", "Là một người")


async def _families_change(office: Office) -> None:
    office.clock.day = SPRING
    await office.sit_down(Role.OFFICER, "lan")
    born = {
        "/effective_on": str(BORN),
        "/proposal/children/0/sex": "male",
        "/proposal/children/0/who/name": "Lý A Sình",
        "/proposal/children/0/who/numbers/UIN": personal_number(BORN, "Nam", 991_000),
    }
    birth = await office.change("Lý A Páo", "Khai sinh", born)
    split = await office.change(
        "Nông Văn Hùng",
        "Tách hộ",
        {
            "/proposal/new/members/2/relation": "head",
            "/proposal/new/members/3/relation": "spouse",
            "/proposal/new/members/4/relation": "child",
            "/proposal/new/is_farm_household": "true",
        },
    )
    to = {"/proposal/to_commune": AN_THANG}
    move = await office.change("Bàn Văn Sơn", "Cả hộ chuyển sang xã khác", to)
    await office.sit_down(Role.OFFICER, "bình")
    await office.decide(birth, "Phê duyệt và thực hiện", "Đã thực hiện")
    for page in (split, move):
        await office.decide(page, "Đồng ý, chuyển người thứ hai", "Chờ người thứ hai")
    await office.sit_down(Role.CHAIRMAN, "hoa")
    for page in (split, move):
        await office.decide(page, "Phê duyệt và thực hiện", "Đã thực hiện")
    await office.find("sinh ly a")
    shown = await office.look("household")
    assert "Thành viên (4)" in shown, shown
    await office.find("Nông Văn Quân")
    assert "Thành viên (3)" in await office.tab.text()
    await office.find("Bàn Văn Sơn")
    assert f"({AN_THANG})" in await office.tab.text()
    await office.tab.push("Dòng thời gian: mọi việc đã ghi nhận")
    assert "chuyển" in await office.look("timeline")


async def _communes_become_one(office: Office) -> None:
    await office.sit_down(Role.PROVINCE, "tỉnh một", "*")
    await office.open("/reorganisations")
    file = office.folder / "sap-xep.csv"
    file.write_text("\n".join([HEADER, *MERGER]))
    await office.tab.choose("/file", file)
    known = {"/in_force": str(REFORM), "/known_from": str(SPRING)}
    await office.fill({"/document": "NQ 1683/NQ-UBTVQH15", **known})
    await office.tab.push("Nhập")
    await office.tab.push("Xem trước sẽ làm gì")
    assert "Hộ phải hỏi\t1" in await office.look("reorganisation")
    page = await office.tab.run("location.href")
    await office.sit_down(Role.PROVINCE, "tỉnh hai", "*")
    await office.decide(page, "Duyệt (người thứ hai)", "Đã duyệt")
    office.clock.day = REFORM
    await office.work(run_reorganisations)
    await office.sit_down(Role.OFFICER, "lan", NGHIEN_LOAN)
    await office.tab.open(page)
    await office.look("done")
    await office.tab.push("Việc phải hỏi, theo thôn")
    await office.look("work list")
    await office.fill({"/to": NGHIEN_LOAN})
    await office.tab.push("Đề nghị chuyển")
    await office.sit_down(Role.OFFICER, "thắng", NEIGHBOUR)
    await office.tab.open(f"{page}/answers")
    await office.look("answers")
    await office.tab.push("Xác nhận")
    await office.work(run_reorganisations)
    await office.sit_down(Role.OFFICER, "lan", NGHIEN_LOAN)
    for name in ("Bàn Văn Sơn", TOLD_OF.name):
        await office.find(name)
        assert f"({NGHIEN_LOAN})" in await office.look("moved")

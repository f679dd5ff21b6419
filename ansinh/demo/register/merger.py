"""1/7/2025: three communes become one. Entered from the form, approved by a second person, applied
by itself; then the same questions on the old map and on the new one.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ansinh.demo.population import STANDARD
from ansinh.demo.register.desk import (
    AN_THANG,
    COMMUNES,
    DISTRICT,
    NGHIEN_LOAN,
    PROVINCE,
    PROVINCE_SECOND,
    XUAN_LA,
    Desk,
    officer,
)
from ansinh.demo.register.families import FAMILIES, personal_number
from ansinh.demo.register.houses import Changes, House
from ansinh.demo.register.importing import download_report, send
from ansinh.demo.register.sheet import read_report, write_sheet
from ansinh.demo.register.telling import Teller

REFORM, EVE = date(2025, 7, 1), date(2025, 6, 30)
_LONGEST_WAIT_SECONDS = 120.0
_AT = "/registry/v1/reorganisations"
# By commune: poor and near-poor households on the eve. XL-02, poor, has moved to An Thắng.
_ON_THE_EVE = {"01882": (2, 0), "01873": (0, 1), "01876": (2, 1)}


@dataclass(frozen=True)
class Merger:
    """The reorganisation of Pác Nặm, and what is asked around it.

    Attributes:
        folder: for the files.
        effects: returns when all that was said has taken effect.
        households: how many there are by commune on the eve.
    """

    desk: Desk
    teller: Teller
    houses: dict[str, House]
    folder: Path
    effects: Callable[[], Awaitable[None]]
    households: dict[str, int]

    async def tell(self) -> None:
        key = await self._enter()
        waiting = await self._ask_on_the_eve()
        await self._apply(key)
        await self._decide_afterwards(waiting)
        await self._ask_both_maps()
        await self._birth_in_the_new_commune()
        await self._list_under_the_new_code()

    async def _enter(self) -> str:
        self.teller.come(date(2025, 6, 20))
        self.teller.step("Tỉnh nhập đợt sắp xếp của Pác Nặm", "the reorganisation is entered")
        form = {"area": DISTRICT, "in_force": REFORM.isoformat()}
        answer = await self.desk.send(PROVINCE, "GET", f"{_AT}/form", params=form)
        answer.raise_for_status()
        query = {
            "in_force": REFORM.isoformat(),
            "known_from": "2025-06-16",
            "document": "NQ 1683/NQ-UBTVQH15",
        }
        entered = await self.desk.ask(PROVINCE, "POST", _AT, params=query, content=answer.content)
        at = f"{_AT}/{entered['reorganisation_id']}"
        seen = (await self.desk.post(PROVINCE, f"{at}/preview"))["preview"]
        moved = seen["moved"]["households"]
        self.teller.check("xem trước / preview", moved, sum(self.households.values()))
        self.teller.add(
            f"mẫu tải về, gửi lại: {entered['lines']} dòng; sẽ chuyển {moved:,} hộ",
            f"{entered['lines']} lines of the form; {moved:,} households will move",
        )
        own = await self.desk.send(PROVINCE, "POST", f"{at}/approve")
        code = own.json()["code"]
        self.teller.check("tự duyệt / own approval", code, "duties.same_person")
        await self.desk.post(PROVINCE_SECOND, f"{at}/approve")
        path = f"/registry/v1/households/{self.houses['XL-01'].household_id}"
        before = await self.desk.send(officer(NGHIEN_LOAN), "GET", path)
        self.teller.check("trước sáp nhập / before", before.status_code, 404)
        return at

    async def _ask_on_the_eve(self) -> Any:
        self.teller.come(date(2025, 6, 27))
        self.teller.step("Một đề nghị còn chờ khi sáp nhập", "a request waits over the merger")
        house = self.houses["AT-03"]
        proposal = {
            "kind": "correction",
            "household": await Changes(self.desk, self.teller).ref(AN_THANG, house),
            "members": [{"person_id": house.persons["Đặng Thị Ngân"], "schooling": "primary"}],
        }
        return await Changes(self.desk, self.teller).ask(AN_THANG, proposal, ("application", "31"))

    async def _decide_afterwards(self, waiting: Any) -> None:
        self.teller.come(date(2025, 7, 3))
        self.teller.step("Xã mới quyết định đề nghị ấy", "the new commune decides on it")
        path = f"/registry/v1/change-requests/{waiting['change_id']}/approve"
        done = await self.desk.post(officer(NGHIEN_LOAN), path)
        self.teller.check(f"{done['number']} tình trạng / state", done["state"], "applied")

    async def _apply(self, at: str) -> None:
        self.teller.come(REFORM)
        self.teller.step("Sáp nhập có hiệu lực", "the merger is in force")
        begun = time.monotonic()
        while (one := await self.desk.get(PROVINCE, at))["state"] in ("approved", "applying"):
            if time.monotonic() > begun + _LONGEST_WAIT_SECONDS:
                raise RuntimeError(f"{at}: {one['state']}")
            await asyncio.sleep(0.2)
        took = time.monotonic() - begun
        self.teller.check("đợt sắp xếp / reorganisation", one["state"], "done")
        total = sum(self.households.values())
        self.teller.check("hộ đã chuyển / moved", one["households_moved"], total)
        asked = await self.desk.count(PROVINCE, f"{at}/open")
        lines = await self.desk.count(PROVINCE, f"{at}/reclassified")
        self.teller.check("việc phải hỏi / work list", asked, 0)
        self.teller.check("hộ đổi mức chuẩn / other income line", lines, 0)
        self.teller.add(f"{total:,} hộ chuyển mã xã, {took:.1f} s", "households under the new code")

    async def _ask_both_maps(self) -> None:
        await self.effects()
        self.teller.step("Hỏi theo địa giới cũ và mới", "the same questions on both maps")
        living, path = {}, "/registry/v1/households"
        for commune, name in COMMUNES.items():
            query = {"commune": commune, "as_of": EVE.isoformat()}
            living[commune] = await self.desk.count(PROVINCE, path, **query)
            found = await self._classes(commune, EVE, None)
            self.teller.check(f"{name} {EVE}", found, _ON_THE_EVE[commune])
            total, poor, near = living[commune], *found
            self.teller.add(
                f"xã {name} cũ, 30/6: {total:,} hộ; {poor} nghèo, {near} cận nghèo",
                f"{total:,} households; {poor} poor, {near} near-poor",
            )
        self.teller.check("hộ theo xã cũ / by old commune", living, self.households)
        query = {"commune": NGHIEN_LOAN, "as_of": REFORM.isoformat()}
        whole = await self.desk.count(PROVINCE, path, **query)
        self.teller.check("xã mới / new commune", whole, sum(self.households.values()))
        wanted = tuple(sum(pair) for pair in zip(*_ON_THE_EVE.values(), strict=True))
        for day in (EVE, REFORM):
            found = await self._classes(NGHIEN_LOAN, day, REFORM)
            self.teller.check(f"Nghiên Loan mới / new, {day}", found, wanted)
        self.teller.add(
            f"xã Nghiên Loan mới: {whole:,} hộ; {wanted[0]} nghèo, {wanted[1]} cận nghèo",
            f"{whole:,} households; {wanted[0]} poor, {wanted[1]} near-poor, on both days",
        )

    async def _classes(self, commune: str, day: date, unit_on: date | None) -> tuple[int, int]:
        query = {"on": day.isoformat(), "standard": STANDARD}
        if unit_on is not None:
            query["unit_on"] = unit_on.isoformat()
        path = f"/reporting/v1/areas/{commune}/indicators"
        found: Any = await self.desk.get(PROVINCE, path, **query)
        return found["poor"]["households"], found["near_poor"]["households"]

    async def _birth_in_the_new_commune(self) -> None:
        self.teller.come(date(2025, 10, 14))
        self.teller.step("Hộ XL-01 có cháu, nay thuộc xã Nghiên Loan", "a birth in the new commune")
        changes, house = Changes(self.desk, self.teller), self.houses["XL-01"]
        number = personal_number(self.teller.clock.day, "Nữ", 991_001)
        who = {"name": "Hoàng Thị Vân", "numbers": {"UIN": number}}
        proposal = {
            "kind": "birth",
            "household": await changes.ref(NGHIEN_LOAN, house),
            "children": [
                {"sex": "female", "ethnicity": "tay", "relation": "grandchild", "who": who}
            ],
        }
        await changes.decide(NGHIEN_LOAN, proposal, ("birth_certificate", "9/2025"), persons=1)
        whole = await changes.read(officer(NGHIEN_LOAN), house.household_id)
        lives = (whole["residence"]["commune"], len(whole["members"]))
        self.teller.check("XL-01", lives, (NGHIEN_LOAN, 5))
        query = {"as_of": EVE.isoformat()}
        path = f"/registry/v1/households/{house.household_id}"
        then = await self.desk.get(PROVINCE, path, **query)
        self.teller.check("XL-01 ngày / on 30/6", then["residence"]["commune"], XUAN_LA)

    async def _list_under_the_new_code(self) -> None:
        """Nobody brought the list up to date: it still has the man who died."""
        self.teller.come(date(2025, 11, 5))
        self.teller.step("Xã mới gửi danh sách cũ, mã mới", "an old list under the new code")
        who, file = officer(NGHIEN_LOAN), self.folder / "ma-moi.xlsx"
        told = [replace(FAMILIES[code], commune=NGHIEN_LOAN) for code in ("AT-02", "XL-01")]
        await asyncio.to_thread(write_sheet, file, [family.lines() for family in told])
        sent = await send(self.desk, who, file, self.teller.clock.day)
        report = self.folder / "ma-moi.bao-cao.xlsx"
        await download_report(self.desk, who, sent.import_id, report)
        for line in await asyncio.to_thread(lambda: list(read_report(report))):
            self.teller.say(f"    dòng / line {line['number']}: {line['why']}")
        found = (sent.counts["unchanged"], sent.counts["refused"])
        self.teller.check("không đổi, từ chối / unchanged, refused", found, (3, 3))

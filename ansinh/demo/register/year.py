"""From January to June 2025: what happens to families between two reviews, and who decides."""

import asyncio
import time
from dataclasses import dataclass
from datetime import date
from typing import Any

from ansinh.demo.load import decision_request
from ansinh.demo.register.desk import (
    AN_THANG,
    COMMUNES,
    NGHIEN_LOAN,
    PROVINCE,
    PROVINCE_SECOND,
    XUAN_LA,
    Desk,
    chairman,
    officer,
)
from ansinh.demo.register.families import FAMILIES, personal_number
from ansinh.demo.register.houses import Changes, House, relations
from ansinh.demo.register.telling import Teller
from libs.common.ids import new_id

CLASSES = {
    "NL-01": "poor",
    "NL-02": "poor",
    "XL-02": "poor",
    "AT-02": "poor",
    "XL-03": "near_poor",
    "AT-03": "near_poor",
}
_LONGEST_WAIT_SECONDS = 60.0
_DUPLICATES = "/registry/v1/duplicates"


@dataclass(frozen=True)
class Year:
    """The told families' first half of the year."""

    desk: Desk
    teller: Teller
    houses: dict[str, House]

    @property
    def changes(self) -> Changes:
        return Changes(self.desk, self.teller)

    async def tell(self) -> None:
        await self._classes()
        await self._duplicate()
        await self._death()
        await self._birth()
        await self._move()
        await self._rehousing()
        await self._marriage()
        await self._split()
        await self._corrections()
        await self._reversal()

    async def _classes(self) -> None:
        self.teller.come(date(2025, 1, 8))
        self.teller.step("Ba xã công nhận hộ nghèo, cận nghèo", "three communes decide on classes")
        for place, commune in enumerate(COMMUNES):
            rows = [
                {"household_id": self.houses[code].household_id, "status": status}
                for code, status in CLASSES.items()
                if FAMILIES[code].commune == commune
            ]
            body = decision_request(
                new_id(),
                commune,
                number=f"{10 + place}/QĐ-UBND",
                signed_on=date(2024, 12, 27),
                effective_on=date(2025, 1, 1),
                rows=rows,
            )
            await self.desk.post(chairman(commune), "/registry/v1/decisions", body)
            name = COMMUNES[commune]
            self.teller.add(f"xã {name}: {len(rows)} hộ", f"{len(rows)} households")

    async def _duplicate(self) -> None:
        self.teller.come(date(2025, 1, 15))
        self.teller.step("Một cháu bé được ghi ở hai hộ", "a child stands in two households")
        name = "Đặng Thị Ngân"
        kept, gone = self.houses["AT-03"].persons[name], self.houses["XL-03"].persons[name]
        pair = await self._found({kept, gone})
        clues = ", ".join(f"{one['vi']} {one['points']:+d}" for one in pair["clues"])
        self.teller.add(f"máy tự tìm thấy, {pair['score']} điểm: {clues}", "found by itself")
        hidden = await self.desk.get(officer(XUAN_LA), f"{_DUPLICATES}/{pair['pair_id']}")
        self.teller.check("xã chỉ thấy bên mình / own side", len(hidden["sides"]), 1)
        at, purpose = f"{_DUPLICATES}/{pair['pair_id']}", "duplicates"
        both = await self.desk.get(PROVINCE, at, purpose=purpose)
        self.teller.check("tỉnh thấy hai bên / both", {s["name"] for s in both["sides"]}, {name})
        body = {"keep": kept, "reason": "Giấy khai sinh: cháu ở với cha mẹ"}
        asked = await self.desk.post(PROVINCE, f"{at}/same", body)
        self.teller.check("đề xuất / proposed", asked["state"], "open")
        done = await self.desk.post(PROVINCE_SECOND, f"{at}/confirmation")
        self.teller.check("cặp trùng / pair", done["state"], "same")
        left = await self.changes.present(officer(XUAN_LA), self.houses["XL-03"].household_id)
        self.teller.check("XL-03 còn lại / left", len(left), 2)
        self.teller.add("hai người ở tỉnh quyết định: là một", "decided by two: one person")

    async def _found(self, persons: set[str]) -> Any:
        """The open pair of two persons: the search runs by itself within seconds."""
        deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
        while time.monotonic() < deadline:
            async for pair in self.desk.items(PROVINCE, _DUPLICATES):
                if set(pair["persons"]) == persons:
                    return pair
            await asyncio.sleep(0.5)
        raise RuntimeError("the pair was not found")

    async def _death(self) -> None:
        self.teller.come(date(2025, 2, 12))
        self.teller.step("Chủ hộ XL-01 qua đời, vợ thành chủ hộ", "a head dies, his wife follows")
        house = self.houses["XL-01"]
        wife, son = house.persons["Nông Thị Lan"], house.persons["Hoàng Văn Tuấn"]
        proposal = {
            "kind": "death",
            "household": await self.changes.ref(XUAN_LA, house),
            "person_id": house.persons["Hoàng Văn Thắng"],
            "relations": relations((wife, "head"), (son, "child")),
        }
        await self.changes.decide(XUAN_LA, proposal, ("death_extract", "03/TLKT-2025"), persons=1)
        left = await self.changes.present(officer(XUAN_LA), house.household_id)
        self.teller.check("XL-01", left, {wife: "head", son: "child"})

    async def _birth(self) -> None:
        self.teller.come(date(2025, 3, 10))
        self.teller.step("Hộ NL-01 sinh con trai", "a son is born")
        house, born = self.houses["NL-01"], self.teller.clock.day
        number = personal_number(born, "Nam", 991_000)
        child = {"sex": "male", "ethnicity": "mong"} | {
            "who": {"name": "Lý A Sình", "numbers": {"UIN": number}, "address": "Thôn Khuổi Muổng"}
        }
        proposal = {
            "kind": "birth",
            "household": await self.changes.ref(NGHIEN_LOAN, house),
            "children": [child],
        }
        evidence = ("birth_certificate", "21/2025")
        await self.changes.decide(NGHIEN_LOAN, proposal, evidence, persons=1)
        body = {"type": "UIN", "value": number}
        page = await self.desk.post(
            officer(NGHIEN_LOAN), "/registry/v1/persons/lookup", body, purpose="duplicates"
        )
        found = [one["household_id"] for one in page["items"]]
        self.teller.check("tìm theo số định danh / by number", found, [house.household_id])
        self.teller.add(f"tìm theo số định danh: {len(found)} người", "found by the new number")

    async def _move(self) -> None:
        self.teller.come(date(2025, 4, 2))
        self.teller.step("Hộ XL-02 chuyển từ Xuân La sang An Thắng", "a household moves")
        house = self.houses["XL-02"]
        proposal = {
            "kind": "move",
            "household": await self.changes.ref(XUAN_LA, house),
            "to_commune": AN_THANG,
        }
        await self.changes.decide(
            XUAN_LA,
            proposal,
            ("residence_confirmation", "17/CT07"),
            persons=2,
            endorser=officer(AN_THANG),
        )
        whole = await self.changes.read(officer(AN_THANG), house.household_id)
        self.teller.check("XL-02 ở / lives in", whole["residence"]["commune"], AN_THANG)
        people = len(whole["members"])
        self.teller.add(f"{people} người sang An Thắng; Xuân La không còn thấy", f"{people} moved")
        path = f"/registry/v1/households/{house.household_id}"
        answer = await self.desk.send(officer(XUAN_LA), "GET", path)
        self.teller.check("Xuân La không còn thấy / no longer seen", answer.status_code, 404)

    async def _rehousing(self) -> None:
        self.teller.come(date(2025, 4, 16))
        self.teller.step("Hộ XL-03 chuyển sang thôn khác trong xã", "to another village")
        house, village = self.houses["XL-03"], "Thôn Nà Lẹng"
        proposal = {
            "kind": "rehousing",
            "household": await self.changes.ref(XUAN_LA, house),
            "village": village,
            "address": "Nhà văn hóa thôn, đi vào 200 m",
        }
        evidence = ("residence_confirmation", "18/CT07")
        await self.changes.decide(XUAN_LA, proposal, evidence, persons=1)
        lives = (await self.changes.read(officer(XUAN_LA), house.household_id))["residence"]
        found = (lives["village"], lives["from_day"])
        self.teller.check("XL-03 ở / lives in", found, (village, "2025-04-16"))

    async def _marriage(self) -> None:
        self.teller.come(date(2025, 4, 20))
        self.teller.step("Con gái hộ AT-01 lấy chồng về hộ XL-01", "a bride goes to Xuân La")
        house, other = self.houses["AT-01"], self.houses["XL-01"]
        bride = house.persons["Triệu Thị Mai"]
        proposal = {
            "kind": "marriage",
            "household": await self.changes.ref(AN_THANG, house),
            "into": {"household_id": other.household_id, "commune": XUAN_LA},
            "members": relations((bride, "other")),
        }
        evidence = ("marriage_certificate", "08/2025")
        await self.changes.decide(
            AN_THANG, proposal, evidence, persons=2, endorser=officer(XUAN_LA)
        )
        there = await self.changes.present(officer(XUAN_LA), other.household_id)
        self.teller.check("cô dâu / the bride", (len(there), there.get(bride)), (3, "other"))
        self.teller.add(f"hộ XL-01 có {len(there)} người", f"{len(there)} persons")

    async def _split(self) -> None:
        self.teller.come(date(2025, 5, 6))
        self.teller.step("Vợ chồng con trai hộ NL-02 tách hộ", "the son's family splits off")
        house = self.houses["NL-02"]
        son, wife, child = (
            house.persons[name] for name in ("Nông Văn Quân", "Lương Thị Hoa", "Nông Minh Khánh")
        )
        new = {
            "household_id": str(new_id()),
            "members": relations((son, "head"), (wife, "spouse"), (child, "child")),
            "is_farm_household": True,
        }
        proposal = {
            "kind": "split",
            "household": await self.changes.ref(NGHIEN_LOAN, house),
            "new": new,
        }
        await self.changes.decide(NGHIEN_LOAN, proposal, ("application", "TK-05"), persons=2)
        made = House(str(new["household_id"]), {"Nông Văn Quân": son})
        self.houses["NL-02b"] = made
        sizes = [
            len(await self.changes.present(officer(NGHIEN_LOAN), one.household_id))
            for one in (house, made)
        ]
        self.teller.check("hai hộ / two households", sizes, [2, 3])
        self.teller.add(f"ở lại {sizes[0]} người, hộ mới {sizes[1]}", "who stays, who left")

    async def _corrections(self) -> None:
        self.teller.come(date(2025, 5, 20))
        self.teller.step("Cải chính ngày sinh và họ tên", "a day of birth and a name are corrected")
        house = self.houses["NL-01"]
        proposal: dict[str, Any] = {
            "kind": "correction",
            "household": await self.changes.ref(NGHIEN_LOAN, house),
            "members": [{"person_id": house.persons["Lý Thị Nga"], "birth_date": "2012-06-02"}],
        }
        evidence = ("birth_certificate", "44/2012")
        await self.changes.decide(NGHIEN_LOAN, proposal, evidence, persons=2)
        house = self.houses["NL-03"]
        person, name = house.persons["Hoàng Văn Lâm"], "Hoàng Văn Lam"
        proposal = {
            "kind": "identity",
            "household": await self.changes.ref(NGHIEN_LOAN, house),
            "person_id": person,
            "who": {"name": name},
        }
        evidence = ("identity_document", "CC-2025")
        await self.changes.decide(NGHIEN_LOAN, proposal, evidence, persons=2)
        at = f"/registry/v1/households/{house.household_id}/members/{person}/identity"
        masked = await self.desk.get(officer(NGHIEN_LOAN), at)
        self.teller.check("che tên / masked", masked["name"], "H*** V*** L***")
        for day, wanted in (("2025-05-19", "Hoàng Văn Lâm"), ("2025-05-20", name)):
            known = await self.desk.get(officer(NGHIEN_LOAN), at, purpose="register", as_of=day)
            self.teller.check(f"họ tên ngày / name on {day}", known["name"], wanted)

    async def _reversal(self) -> None:
        self.teller.come(date(2025, 6, 3))
        self.teller.step("Ghi nhầm việc học ở hộ AT-02, rồi hủy", "a mistake is taken back")
        house = self.houses["AT-02"]
        child = house.persons["Lý Văn Vinh"]
        proposal: dict[str, Any] = {
            "kind": "correction",
            "household": await self.changes.ref(AN_THANG, house),
            "members": [{"person_id": child, "schooling": "upper_secondary"}],
        }
        first = await self.changes.decide(AN_THANG, proposal, ("application", "12"), persons=1)
        proposal = {"kind": "reversal", "change_id": first["change_id"]}
        await self.changes.decide(AN_THANG, proposal, ("minutes", "02/BB"), persons=2)
        whole = await self.changes.read(officer(AN_THANG), house.household_id)
        [now] = [m["schooling"] for m in whole["members"] if m["person_id"] == child]
        self.teller.check("việc học / schooling", now, "not_attending")

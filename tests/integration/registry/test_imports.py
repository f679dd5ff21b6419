"""A file of households: checked first, confirmed by a person, taken once; what is wrong comes back
in the same form, is mended there and sent again.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from ansinh.importing import import_file
from libs.common import faults
from libs.common.database import Transaction
from libs.common.security.roles import Role
from services.registry.app import build
from services.registry.imports import page_store, staging, work
from services.registry.imports.work import forget_imports
from tests.integration.registry.builders import COMMUNE, NEIGHBOUR, count, register
from tests.integration.registry.importing import (
    CLOCK,
    OFFICER,
    a_file,
    a_household,
    a_row,
    an_office,
)
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase

DAY = date(2022, 5, 1)


def counts(**known: int) -> dict[str, int]:
    return {"registered": 0, "corrected": 0, "unchanged": 0, "refused": 0} | known


async def test_nothing_is_written_before_a_person_confirms_and_twice_is_once(
    registry: ServiceDatabase,
) -> None:
    file = a_file(a_household("H1", UIN="006081000001"), a_household("H2", "Hoàng Văn Sình"))
    async with an_office(registry) as office:
        path, checked = await office.check(file)
        assert (checked["state"], checked["counts"]) == ("checked", counts(registered=4))
        assert await count(registry, "household") == 0
        told = await office.report(path, refused_only=False)
        assert told[0]["Lý do"].startswith("Số định danh cá nhân: Số nói năm sinh khác")

        await office.ask("POST", f"{path}/confirm")
        await office.work()
        done = await office.ask("GET", path)
        assert (done["state"], done["counts"]) == ("done", counts(registered=4))
        assert done["progress"] == {"read": 4, "checked": 4, "taken": 4}
        assert await count(registry, "event_log WHERE type = 'household.registered.v1'") == 2
        assert await count(registry, "person_name") == 4
        named = "person_name JOIN duplicate_check USING (person_id)"
        assert await count(registry, named) >= 4, "everybody is compared"
        assert await count(registry, "import_page WHERE sealed IS NOT NULL") == 0
        assert await count(registry, "import_part") == 0

        said = await count(registry, "event_log")
        _, again = await office.take(file)
        assert again["counts"] == counts(unchanged=4)
        assert await count(registry, "event_log") == said
        assert await count(registry, "person_name") == 4


async def test_what_is_refused_comes_back_in_the_form_is_mended_and_sent_again(
    registry: ServiceDatabase,
) -> None:
    wrong = a_household("H2", "Hoàng Văn Sình", birth="31/02/1980")
    outside = a_household("H3", "Triệu Văn Thừa", commune=NEIGHBOUR)[:1]
    async with an_office(registry) as office:
        path, done = await office.take(a_file(a_household("H1"), wrong, outside))
        assert done["counts"] == counts(registered=2, refused=3)

        report = await office.report(path)
        assert [row["STT"] for row in report] == ["4", "5", "6"]
        assert report[0]["Họ và tên"] == "Hoàng Văn Sình"
        assert report[0]["Lý do"].startswith("Ngày sinh: Không đọc được ngày.")
        rules = ["day.unreadable", "household.other_line", "scope.outside"]
        assert [row["Mã lỗi"] for row in report] == rules
        assert "Dòng 4 cùng hộ" in report[1]["Lý do"]
        assert report[2]["Lý do"].startswith("Mã xã: Xã ngoài phạm vi")

        answer = await office.ask(
            "GET", f"{path}/report", purpose="register", params={"format": "csv"}
        )
        mended = answer.content.replace(b"31/02/1980", b"28/02/1980")
        _, again = await office.take(mended)
        assert again["counts"] == counts(registered=2, refused=1)
        assert await count(registry, "household") == 2


async def test_a_known_household_is_corrected_and_keeps_whom_the_file_does_not_name(
    registry: ServiceDatabase,
) -> None:
    first = a_household("H1", UIN="006080000001")
    async with an_office(registry) as office:
        await office.take(a_file(first))
        # A household without its code, known by a number; a new child; the first one is not named.
        marked = await count(registry, "duplicate_check")
        born = a_row("H1-moi", "Lý Thị Sen", relation="Con", birth="02/03/2022", sex="Nữ")
        _, done = await office.take(a_file([first[0] | {"code": "H1-moi"}, born]))
        assert done["counts"] == counts(corrected=2)
        assert await count(registry, "duplicate_check") > marked, "the new child is compared"
        assert await count(registry, "household") == 1
        assert await count(registry, "member WHERE upper_inf(recorded)") == 3


async def test_households_and_numbers_stand_in_a_file_once(
    registry: ServiceDatabase,
) -> None:
    households = [a_household("H1"), a_household("H2", "Lý Văn Sơn"), a_household("H1")]
    same = a_household("H3", "Bàn Văn Tài", UIN="006080000009")
    other = a_household("H4", "Bàn Văn Tùng", UIN="006080000009")
    async with an_office(registry) as office:
        path, checked = await office.check(a_file(*households, same, other))
        assert checked["counts"] == counts(registered=2, refused=8)
        report = await office.report(path)
        assert {row["Mã hộ"] for row in report} == {"H1", "H3", "H4"}
        cancelled = await office.ask("POST", f"{path}/cancel")
        assert cancelled["state"] == "cancelled"
        assert await count(registry, "import_page WHERE sealed IS NOT NULL") == 0


async def test_two_households_of_a_file_are_never_one_of_the_register(
    registry: ServiceDatabase,
) -> None:
    first, child = a_household("H1", UIN="006080000001")
    async with an_office(registry) as office:
        await office.take(a_file([first, child]))
        # The child's line is right; its father's number stands under another code.
        files = a_file([child | {"relation": "Chủ hộ"}], [first | {"code": "H9"}])
        path, checked = await office.check(files)
        assert checked["counts"]["refused"] == 2
        report = await office.report(path)
        assert "cùng một hộ" in report[1]["Lý do"]


async def test_a_page_takes_as_many_statements_however_many_households_it_has(
    registry: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "PAGES_AT_ONCE", 1)  # who finds no page does not ask in between
    asked: list[str] = []

    def noted(real: Any) -> Any:
        def note(tx: Transaction, sql: str, *arguments: Any, **more: Any) -> Any:
            asked.append(sql)
            return real(tx, sql, *arguments, **more)

        return note

    for name in ("fetch", "fetchrow", "fetchval", "execute"):
        monkeypatch.setattr(Transaction, name, noted(getattr(Transaction, name)))
    found = []
    async with an_office(registry) as office:
        await office.ask("GET", "/imports")  # its areas are read once
        for size in (2, 30):
            file = a_file(*(a_household(f"{size}-{place}") for place in range(size)))
            for _ in ("registered", "known"):
                asked.clear()
                _, done = await office.take(file)
                assert done["counts"]["refused"] == 0
                found.append(Counter(asked))
    few, few_known, many, many_known = found
    assert (few, few_known) == (many, many_known)


async def test_two_officers_with_the_same_list_make_each_household_once(
    registry: ServiceDatabase,
) -> None:
    file = a_file(a_household("H1", UIN="006080000001"), a_household("H2", "Hoàng Văn Sình"))
    other = bearer(Role.OFFICER, areas=[COMMUNE], subject="neighbour")
    async with an_office(registry) as office:
        paths = [(await one.check(file))[0] for one in (office, replace(office, headers=other))]
        for path in paths:
            await office.ask("POST", f"{path}/confirm")
        await office.work()  # both pages at once
        found = [(await office.ask("GET", path))["counts"] for path in paths]
        assert sorted(one["unchanged"] for one in found) == [0, 4]
        assert await count(registry, "household") == 2


@pytest.mark.parametrize(
    "point",
    ["before_import_page_read:2", "before_import_page_commit:2", "after_import_page_commit:3"],
)
async def test_a_job_that_dies_anywhere_is_gone_on_with(
    registry: ServiceDatabase, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    monkeypatch.setattr(staging, "PAGE_LINES", 4)
    names = ["Páo", "Sình", "Thừa", "Tài", "Tùng"]
    file = a_file(*(a_household(f"H{place}", f"Lý Văn {one}") for place, one in enumerate(names)))
    name, _, passing = point.partition(":")
    async with an_office(registry) as office:
        path = await office.send(file, piece=100)
        faults.arm(f"{name}=raise:{passing}")
        try:
            with pytest.raises((faults.Fault, ExceptionGroup)):
                await office.work()
        finally:
            faults.arm("")
        await office.later()
        faults.arm(f"{name}=raise:{passing}")
        await office.ask("POST", f"{path}/confirm")
        try:
            with suppress(faults.Fault, ExceptionGroup):
                await office.work()
        finally:
            faults.arm("")
        await office.later()
        done = await office.ask("GET", path)
        assert (done["state"], done["counts"]) == ("done", counts(registered=10))
        assert await count(registry, "household") == 5
        assert await count(registry, "event_log") == 5


async def test_a_page_that_nobody_can_open_holds_up_nothing_and_is_given_up(
    registry: ServiceDatabase,
) -> None:
    async with an_office(registry) as office:
        broken, _ = await office.check(a_file(a_household("H1")))
        await office.ask("POST", f"{broken}/confirm")
        async with office.worker.transaction() as tx:
            await tx.execute("UPDATE import_page SET sealed = 'under a lost key'")
        other = await office.send(a_file(a_household("H2", "Hoàng Văn Sình")))
        with pytest.raises(ExceptionGroup):
            await office.work()
        assert (await office.ask("GET", other))["state"] == "checked"
        await office.work()  # put off: not tried at once
        for _ in range(7):
            assert (await office.ask("GET", broken))["state"] == "taking"
            with pytest.raises(ExceptionGroup):
                await office.later()
        ended = await office.ask("GET", broken)
        assert (ended["state"], ended["counts"]) == ("done", counts(refused=2))
        assert ended["problems"][0]["rule"] == "page.failed"


async def test_a_page_that_kills_its_job_is_given_up_and_its_lines_are_reported(
    registry: ServiceDatabase,
) -> None:
    async with an_office(registry) as office:
        path, _ = await office.check(a_file(a_household("H1")))
        await office.ask("POST", f"{path}/confirm")
        waited = timedelta()
        for _ in range(8):  # it is begun, and nothing is heard of it
            async with office.worker.transaction() as tx:
                assert await page_store.claim_page(tx, work.WAITS)
                waited += await tx.fetchval("SELECT due_at FROM import_page") - tx.recorded_at
                await tx.execute("UPDATE import_page SET due_at = NULL")
        assert waited <= timedelta(days=1)
        await office.later()
        ended = await office.ask("GET", path)
        assert (ended["state"], ended["counts"]) == ("done", counts(refused=2))
        assert ended["problems"][0]["rule"] == "page.failed"
        report = await office.report(path)
        assert [row["Mã lỗi"] for row in report] == ["page.failed"] * 2
        assert report[0]["Họ và tên"] == "Lý Văn Páo"


async def test_a_list_of_a_review_is_taken_without_its_classes_and_with_codes_written_once(
    registry: ServiceDatabase,
) -> None:
    first, *rest = a_file(a_household("H1"), a_household("H2", "Hoàng Văn Sình")).splitlines()
    lines = [
        first + ",Điểm B1,Phân loại".encode(),
        *(line + ",120,Nghèo".encode() for line in rest),
    ]
    lines[2] = lines[2].replace(f"H1,{COMMUNE}".encode(), b",")
    async with an_office(registry) as office:
        _, done = await office.take(b"\n".join(lines))
        assert done["counts"] == counts(registered=4)
        assert [one["rule"] for one in done["notices"]] == ["column.not_taken"] * 2
        assert "“Điểm B1”" in done["notices"][0]["message"]["vi"]
        assert await count(registry, "household") == 2
        assert await count(registry, "decision_row") == 0


async def test_what_does_not_come_to_an_end_is_forgotten_by_its_age(
    registry: ServiceDatabase,
) -> None:
    async with an_office(registry) as office:
        await office.check(a_file(a_household("H1")))
        stuck = await office.send(a_file(a_household("H2", "Hoàng Văn Sình")))
        async with office.worker.transaction() as tx:
            await tx.execute(
                "UPDATE import_file SET opened_at = opened_at - interval '31 days' "
                "WHERE import_id = $1",
                UUID(stuck.rpartition("/")[2]),
            )
        await forget_imports(office.worker, CLOCK)
        assert await count(registry, "import_file WHERE state = 'checked'") == 1
        assert await count(registry, "import_file") == 1


async def test_a_file_that_is_none_is_refused_whole_and_forgotten(
    registry: ServiceDatabase,
) -> None:
    async with an_office(registry) as office:
        _, refused = await office.check("Hä vµ tªn,M· hé\nNguyÔn V¨n An,1".encode("latin-1"))
        assert refused["state"] == "refused"
        assert refused["problems"][0]["rule"] == "file.tcvn3"
        assert await count(registry, "import_part") == 0


async def test_an_export_is_an_import_that_changes_nothing(registry: ServiceDatabase) -> None:
    async with an_office(registry) as office:
        await office.take(a_file(a_household("H1", UIN="006080000001")))
        for form, purpose in (("csv", {}), ("xlsx", {"X-Purpose": "support"})):
            answer = await office.client.get(
                f"/v1/exports/households?format={form}", headers={**OFFICER, **purpose}
            )
            assert answer.status_code == 200, answer.text
            assert form == "xlsx" or "Páo" not in answer.text, "names leave for a purpose alone"
            _, done = await office.take(answer.content)
            assert done["counts"] == counts(unchanged=2)
        assert await count(registry, "audit_line WHERE act = 'GET /v1/exports/households'") == 2


async def test_exports_at_once_never_wait_for_each_other(registry: ServiceDatabase) -> None:
    await register(registry, 1)
    async with open_client(build(), registry, clock=CLOCK, connections=3) as client:

        async def export() -> httpx.Response:
            return await client.get("/v1/exports/households?format=csv", headers=OFFICER)

        async with asyncio.timeout(30):
            answers = await asyncio.gather(*(export() for _ in range(6)))
        assert {answer.status_code for answer in answers} == {200, 503}
        busy = [answer for answer in answers if answer.status_code == 503]
        assert {answer.json()["code"] for answer in busy} == {"answer.busy"}
        assert "Retry-After" in busy[0].headers
        assert (await export()).status_code == 200, "what was taken comes back"


async def test_the_command_sends_waits_asks_and_keeps_the_report(
    registry: ServiceDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ho.csv"
    path.write_bytes(a_file(a_household("H1"), a_household("H2", "Hoàng Văn Sình", sex="?")))
    async with an_office(registry) as office:
        office.client.headers.update(OFFICER)
        office.client.base_url = httpx.URL("http://service.test/v1")

        async def send(yes: bool) -> int:
            sent = import_file(office.client, path, DAY, lambda: yes, poll_seconds=0)
            task = asyncio.create_task(sent)
            while not task.done():
                await office.work()
            return task.result()

        assert await send(yes=False) == 0
        assert await count(registry, "household") == 0
        assert await send(yes=True) == 1  # goes on with the same import
        assert await count(registry, "household") == 1
        assert await count(registry, "import_file") == 1
    assert "Giới tính: Không hiểu" in (tmp_path / "ho.tu-choi.csv").read_text(encoding="utf-8")
    assert "registered: 2" in capsys.readouterr().out

"""A file over what is known: it adds and corrects, and nothing that it does not say goes away."""

from dataclasses import replace
from datetime import date
from typing import cast
from uuid import UUID

import pytest

from libs.common import faults
from libs.common.ids import new_id
from libs.common.security.roles import Role
from libs.common.vocabulary import LeftReason, Relation
from services.registry.households import acts, merging
from services.registry.households.acts import Stated
from services.registry.households.changing import Order
from services.registry.households.events import facts_of
from services.registry.households.store import read_households
from services.registry.imports import domain, matching, staging
from tests.integration.registry.builders import (
    COMMUNE,
    NEIGHBOUR,
    TODAY,
    a_household,
    a_member,
    count,
    events,
    stated,
)
from tests.integration.registry.importing import CHAIRMAN, Office, a_file, a_row, an_office
from tests.integration.registry.importing import a_household as rows_of
from tests.support.edge import bearer
from tests.support.servers import ServiceDatabase

UIN = "006080000001"
UINS = [UIN, "006080000002", "006080000003"]
THEIRS = bearer(Role.OFFICER, areas=[NEIGHBOUR], subject="neighbour")
MOVED_ON = date(2022, 3, 1)


async def a_moved_household(database: ServiceDatabase) -> UUID:
    """It lived in the neighbouring commune from 2005 and in a village of this one since March."""
    body = stated(a_household(commune=NEIGHBOUR))
    household_id = body.facts.household_id
    async with database.as_api() as connections:
        async with connections.transaction(NEIGHBOUR) as tx:
            await acts.register(tx, [body], TODAY)
        async with connections.transaction(f"{COMMUNE},{NEIGHBOUR}") as tx:
            [before] = await read_households(tx, [household_id])
            home = {"commune": COMMUNE, "lives_there_from": MOVED_ON, "village": "Khuổi Ún"}
            moved = Stated(replace(facts_of(before), **home), "", b"", new_id())  # type: ignore[arg-type]
            await acts.correct(tx, moved, MOVED_ON, TODAY, lambda _: None)
    return household_id


async def village(office: Office, household_id: UUID) -> str:
    known = await office.ask("GET", f"/households/{household_id}")
    return cast(str, known["residence"]["village"])


async def test_a_village_leaves_comes_back_corrected_and_stays_where_no_cell_says_it(
    registry: ServiceDatabase,
) -> None:
    household_id = await a_moved_household(registry)
    async with an_office(registry) as office:
        sheet = await office.export()
        silent = sheet.replace("Khuổi Ún", "").replace("Không đi học", "Tiểu học")
        await office.take(silent.encode())
        assert await village(office, household_id) == "Khuổi Ún"
        await office.take(sheet.replace("Khuổi Ún", "Nà  Phầy").encode())
        assert await village(office, household_id) == "Nà Phầy"


async def test_a_file_keeps_where_a_household_lived_before(registry: ServiceDatabase) -> None:
    household_id = await a_moved_household(registry)
    async with an_office(registry) as office:
        sheet = await office.export()
        _, done = await office.take(sheet.replace("Không đi học", "Tiểu học").encode())
        assert done["counts"]["corrected"] == 2
        told = (await events(registry, household_id))[-1]["data"]
        assert [area["commune"] for area in told["earlier_areas"]] == [NEIGHBOUR]


async def test_an_earlier_day_that_overlaps_where_they_lived_before_is_refused_by_the_dry_run(
    registry: ServiceDatabase,
) -> None:
    await a_moved_household(registry)
    async with an_office(registry) as office:
        sheet = (await office.export()).replace("2022-03-01", "2005-01-01")
        path, checked = await office.check(sheet.encode())
        assert checked["counts"]["refused"] == 2
        head, _ = await office.report(path)
        assert head["Lý do"].startswith("Ngày chuyển đến: Nơi cư trú chồng thời gian")


async def test_what_takes_two_persons_is_confirmed_by_a_chairman_who_did_not_send_it(
    registry: ServiceDatabase,
) -> None:
    known = rows_of("H1", UIN=UIN)
    other = rows_of("H1", "Lý Văn Báo", UIN=UIN, birth="20/05/1970")
    async with an_office(registry) as office:
        early, _ = await office.check(a_file(other))
        await office.take(a_file(known))
        await office.ask("POST", f"{early}/confirm")
        await office.work()
        late = await office.ask("GET", early)
        assert late["counts"]["refused"] == 2, "judged again: by then it changes what is known"

        path, checked = await office.check(a_file(other))
        assert (checked["counts"]["corrected"], checked["takes_two"]) == (2, 1)
        head, _ = await office.report(path, refused_only=False)
        for column in ("Ngày sinh", "Họ và tên"):
            assert f"{column}: Cần người thứ hai" in head["Lý do"]
        himself = bearer(Role.OFFICER, Role.CHAIRMAN, areas=[COMMUNE])
        for headers in (office.headers, himself):
            refused = await replace(office, headers=headers).ask("POST", f"{path}/confirm", 403)
            assert refused.json()["code"] == "duties.same_person"
        await replace(office, headers=CHAIRMAN).ask("POST", f"{path}/confirm")
        await office.work()
        done = await office.ask("GET", path)
        assert (done["state"], done["counts"]["corrected"]) == ("done", 2)


async def test_a_report_names_persons_for_a_purpose_and_to_whom_it_concerns(
    registry: ServiceDatabase,
) -> None:
    async with an_office(registry) as office:
        await office.take(a_file(rows_of("H1", UIN=UIN)))
        path, _ = await office.check(a_file(rows_of("H1", UIN=UIN)))
        personal = ("Họ và tên", "Số định danh cá nhân", "Địa chỉ")
        for purpose, shown in ((None, ["", "", ""]), ("register", ["Lý Văn Páo", UIN, ""])):
            head, _ = await office.report(path, purpose, refused_only=False)
            assert [head[column] for column in personal] == shown
            assert head["Mã hộ"] == "H1"
        act = "act = 'GET /v1/imports/{import_id}/report'"
        of_persons = f"audit_line WHERE {act} AND subject_kind = 'person'"
        assert await count(registry, of_persons) == 2
        other = bearer(Role.OFFICER, areas=[COMMUNE], subject="neighbour")
        await replace(office, headers=other).ask("GET", f"{path}/report", 403)
        assert await replace(office, headers=CHAIRMAN).report(path, refused_only=False)


async def test_the_code_of_a_household_that_was_merged_means_where_it_went(
    registry: ServiceDatabase,
) -> None:
    here, child = rows_of("H1", UIN=UIN)
    async with an_office(registry) as office:
        await office.take(a_file([here, child], rows_of("H2", "Hoàng Văn Sình")))
        async with registry.as_api() as api, api.transaction(COMMUNE) as tx:
            codes = [(COMMUNE, "H1"), (COMMUNE, "H2")]
            known = await matching.households_by_code(tx, codes)
            first, second = (known[code] for code in codes)
            [one] = await read_households(tx, [first])
            relations = {member.person_id: Relation.OTHER for member in one.members}
            order = Order(act_id=new_id(), effective_on=date(2022, 5, 10), correlation_id=new_id())
            await merging.merge(tx, order, merging.Merge(first, second, relations), TODAY)
        old = a_file([row | {"relation": "Khác"} for row in (here, child)])
        _, done = await office.take(old)
        assert done["counts"]["unchanged"] == 2
        # Both in one file are one household twice.
        path, _ = await office.check(a_file([here, child], rows_of("H2", "Hoàng Văn Sình")))
        assert {row["Mã lỗi"] for row in await office.report(path)} >= {"match.shared"}


async def test_numbers_of_persons_out_of_sight_are_not_told_of_without_end(
    registry: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "MOST_ELSEWHERE", 2)
    monkeypatch.setattr(staging, "PAGE_LINES", 2)
    there = [row | {"commune": NEIGHBOUR} for n in UINS for row in rows_of(f"H{n}", UIN=n)]
    here = a_file(*(rows_of(f"K{n}", UIN=n) for n in UINS))
    async with an_office(registry) as office:
        early, checked = await office.check(here)
        assert checked["counts"]["registered"] == 6
        await replace(office, headers=THEIRS).take(a_file(there))

        # They are there by now: the taking tells of no more than the dry run would.
        await office.ask("POST", f"{early}/confirm")
        await office.work()
        done = await office.ask("GET", early)
        assert (done["state"], done["counts"]["refused"]) == ("done", 6)
        told = [row["Mã lỗi"] for row in await office.report(early)]
        assert (told.count("person.elsewhere"), told.count("import.misses")) == (2, 2)

        # Beyond it a file is refused whole, and so that a job which dies lets nobody confirm it.
        for file in (a_file(rows_of("H2", "Bàn Văn Tài", UIN=UINS[0])), here):
            path = await office.send(file)
            faults.arm("after_import_page_commit=raise")
            try:
                with pytest.raises(ExceptionGroup):
                    await office.work()
            finally:
                faults.arm("")
            await office.later()
            checked = await office.ask("GET", path)
            assert checked["state"] == "refused"
            assert [one["rule"] for one in checked["problems"]] == ["import.misses"]
            assert await office.report(path) == []
            await office.ask("POST", f"{path}/confirm", 409)

        # A day later they are told of again, and no more of them in a file that waited for a day.
        for file, state in ((a_file(rows_of("H2", UIN=UINS[0])), "checked"), (here, "refused")):
            path = await office.send(file)
            async with office.worker.transaction() as tx:
                day = "interval '25 hours'"
                await tx.execute(f"UPDATE import_file SET opened_at = opened_at - {day}")
                await tx.execute(f"UPDATE import_page SET told_at = told_at - {day}")
            await office.work()
            assert (await office.ask("GET", path))["state"] == state


async def test_who_changed_household_in_the_senders_sight_is_told_of_however_many_they_are(
    registry: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "MOST_ELSEWHERE", 1)
    everywhere = bearer(Role.OFFICER, areas=["*"], subject="everywhere")
    async with an_office(registry) as office:
        province = replace(office, headers=everywhere)
        await province.take(a_file(*(rows_of(f"H{at}", UIN=n) for at, n in enumerate(UINS))))
        others = UINS[1:] + UINS[:1]
        moved = a_file(*(rows_of(f"H{at}", UIN=n) for at, n in enumerate(others)))
        for left in (False, True):  # or every household
            if left:
                async with office.worker.transaction() as tx:
                    gone = "left_on = joined_on + 1, left_reason = 'moved'"
                    await tx.execute(f"UPDATE member SET {gone} WHERE relation = 'head'")
            path, checked = await province.check(moved)
            assert checked["state"] == "checked"
            told = [row["Mã lỗi"] for row in await province.report(path)]
            assert told.count("person.elsewhere") == 3
            await province.ask("POST", f"{path}/cancel")


async def test_who_lives_here_is_not_refused_as_dead_though_a_death_was_recorded(
    registry: ServiceDatabase,
) -> None:
    head, child = rows_of("H1")
    child |= {"UIN": UIN}
    async with an_office(registry) as office:
        await office.take(a_file([head, child]))
        async with registry.as_api() as api, api.transaction(COMMUNE) as tx:
            [home] = (await matching.households_by_code(tx, [(COMMUNE, "H1")])).values()
            [known] = await read_households(tx, [home])
            dead = next(one for one in known.members if one.relation is Relation.CHILD)
            members = tuple(
                replace(m, left_on=TODAY, left_reason=LeftReason.DIED)
                if m.person_id == dead.person_id
                else m
                for m in facts_of(known).members
            )
            died = Stated(replace(facts_of(known), members=members), "", b"", new_id())
            await acts.correct(tx, died, TODAY, TODAY, lambda _: None)
        path, _ = await office.check(a_file([head, child]))
        assert [row["Mã lỗi"] for row in await office.report(path)][1] == "person.died"
        again = a_member(
            person_id=str(dead.person_id),
            relation="child",
            birth_date=None,
            birth_year=2015,
            joined_on=str(TODAY),
        )
        body = a_household(a_member(), again)
        await office.ask("POST", "/households", 201, json=body)
        grandmother = a_row("H9", "Bàn Thị Tài", birth="01/05/1980", sex="Nữ")
        _, checked = await office.check(a_file([grandmother, child | {"code": "H9"}]))
        assert checked["counts"]["refused"] == 0


async def test_whom_a_file_may_not_see_it_does_not_find(registry: ServiceDatabase) -> None:
    there = [row | {"commune": NEIGHBOUR} for row in rows_of("H1", UIN=UIN)]
    here, child = rows_of("H1", UIN=UIN)
    async with an_office(registry) as office:
        await replace(office, headers=THEIRS).take(a_file(there))
        path, checked = await office.check(a_file([here, child], [there[1]]))
        assert checked["counts"]["refused"] == 3
        head, _, outside = await office.report(path)
        assert head["Lý do"].startswith("Số định danh cá nhân: Số này đã ghi cho người ngoài hộ")
        assert outside["Lý do"].startswith("Mã xã: Xã ngoài phạm vi")

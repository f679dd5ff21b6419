"""Acts of after 1/7/2025: a province that became a city, wards, acts of one day, late ones.

The codes of communes and all their facts are test data: none of them is the Đồng Nai of the list.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from ansinh import reorganising
from libs.common.areas import store as areas
from libs.common.contracts.area import AreaDesignation
from libs.common.contracts.household import HouseholdData
from libs.common.security.roles import Role
from libs.common.vocabulary import AreaLevel, Designation
from services.registry.areas.load import say_changed
from services.registry.households.events import facts_of
from services.registry.households.store import read_households
from services.registry.households.writing import after_what_is_known, replace_facts
from services.registry.reorganisations import work
from tests.conftest import MakeDatabase
from tests.integration.registry.builders import a_household, events
from tests.support.areas import REFORM, a_unit, area_id
from tests.support.edge import bearer
from tests.support.reorganising import (
    AT,
    LATER,
    OFFICER,
    answer,
    get,
    listed,
    on,
    post,
    said_by,
    tick,
)
from tests.support.servers import ServiceDatabase, repository

EXAMPLE = repository() / "docs" / "examples" / "dong-nai-2026-04-30.csv"
TEMPLATE = repository() / "docs" / "examples" / "phuong-moi-mau.csv"
HEADER = EXAMPLE.read_text(encoding="utf-8").splitlines()[0]
ENTERS = bearer(Role.PROVINCE, areas=["75"], subject="enters")
APPROVES = bearer(Role.PROVINCE, areas=["75"], subject="approves")
WARD, MERGED, RURAL = "26901", "26902", "26903"


@pytest_asyncio.fixture
async def dong_nai(make_database: MakeDatabase) -> ServiceDatabase:
    database = await make_database("registry")
    province = area_id(AreaLevel.PROVINCE, "75", REFORM)
    hard = AreaDesignation(
        designation=Designation.EXTREMELY_DIFFICULT,
        from_day=REFORM,
        until=None,
        source="test",
        is_confirmed=False,
    )
    units = [
        a_unit(AreaLevel.PROVINCE, "75", valid_from=REFORM, name="Tỉnh Đồng Nai"),
        a_unit(AreaLevel.COMMUNE, WARD, province, valid_from=REFORM, designations=(hard,)),
        a_unit(AreaLevel.COMMUNE, MERGED, province, valid_from=REFORM),
        a_unit(AreaLevel.COMMUNE, RURAL, province, valid_from=REFORM),
    ]
    async with database.as_worker() as connections, connections.transaction() as tx:
        await say_changed(tx, units, *said_by())
    return database


async def lives_in(
    client: httpx.AsyncClient, commune: str, registered_on: str, since: str = "2005-01-01"
) -> str:
    body = a_household(commune=commune, registered_on=registered_on)
    body["residence"]["from_day"] = since
    answer = await client.post("/v1/households", json=body, headers=OFFICER)
    assert answer.status_code == 201, answer.text
    household: str = body["household_id"]
    return household


async def approve(client: httpx.AsyncClient, key: str) -> None:
    await post(client, f"{key}/preview", ENTERS)
    await post(client, f"{key}/approve", APPROVES)


async def enter(client: httpx.AsyncClient, *lines: str) -> str:
    asked = {"in_force": str(LATER), "known_from": str(LATER), "document": "NQ 237 (test)"}
    content = "\n".join([HEADER, *lines]).encode()
    answer = await client.post(AT, params=asked, content=content, headers=ENTERS)
    assert (answer.status_code, answer.json()["state"]) == (201, "entered"), answer.text
    key: str = answer.json()["reorganisation_id"]
    return key


async def move_within(database: ServiceDatabase, homes: list[str], day: date) -> None:
    ids = [UUID(home) for home in homes]
    async with database.as_worker() as connections, connections.transaction() as tx:
        tx = await after_what_is_known(tx, ids)
        stored = await read_households(tx, ids)
        changes = [
            (one, replace(facts_of(one), lives_there_from=day, village="Thôn Ba")) for one in stored
        ]
        await replace_facts(tx, changes, moved=ids)


async def test_a_province_that_becomes_a_city_and_its_wards_are_two_acts_of_a_day(
    dong_nai: ServiceDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The province's file is the one that is shipped; the command goes on wherever it was."""
    path = tmp_path / "dong-nai.csv"
    path.write_bytes(EXAMPLE.read_bytes())
    async with on(dong_nai, LATER) as client:
        rural, ward = [await lives_in(client, one, "2025-08-01") for one in (RURAL, WARD)]
        wards = await enter(client, f"xã,{WARD},,{WARD},,phường,,,,")
        preview = (await post(client, f"{wards}/preview", ENTERS))["preview"]
        assert preview["reclassified"][0]["income_line_changes"] is True
        lost = {"former_commune": WARD, "designation": "extremely_difficult", "commune": WARD}
        assert preview["designations"] == [{**lost, "becomes": "open"}]
        await post(client, f"{wards}/approve", APPROVES)
        await tick(dong_nai, LATER)
        unsaid = await get(client, f"{AT}/{wards}/designations", ENTERS)
        assert (unsaid["items"], unsaid["is_confirmed"]) == ([lost], False)

        office = httpx.URL("http://service.test/v1")
        plain, client.base_url = client.base_url, office
        client.headers.update(ENTERS)
        assert await reorganising.enter_file(client, path, LATER, LATER, "NQ 30/2026/QH16") == 0
        given_up = await reorganising.find(client, path)
        assert given_up is not None
        at = f"reorganisations/{given_up['reorganisation_id']}/cancel"
        assert (await client.post(at)).status_code == 200
        assert await reorganising.find(client, path) is None
        for _ in range(2):  # broken off and run again, it is entered once
            entered = await reorganising.enter_file(client, path, LATER, LATER, "NQ 30/2026/QH16")
            assert entered == 0
        assert await reorganising.preview_file(client, path) == 0
        found = await reorganising.find(client, path)
        assert found is not None
        assert found["preview"]["moved"]["households"] == 0
        client.base_url = plain
        key = found["reorganisation_id"]
        await post(client, f"{key}/approve", APPROVES)
        await tick(dong_nai, LATER)
        client.base_url = office
        assert await reorganising.follow_file(client, path) == 0
        out = tmp_path / "viec.csv"
        assert await reorganising.write_worklist(client, path, out) == 0
        assert out.read_text(encoding="utf-8-sig").splitlines() == [
            "Xã cũ,Thôn,Số hộ,Số người,Các xã mới"
        ]
        assert capsys.readouterr().out.count(key) == 4
        client.base_url = plain

        city = await get(client, "/v1/areas/75", OFFICER, on=str(LATER))
        assert (city["kind"], city["name"]) == ("city", "Thành phố Đồng Nai")
        below = await get(client, "/v1/areas", OFFICER, parent="75", valid_on=str(LATER))
        kinds = {(one["code"], one["kind"]) for one in below["items"]}
        assert kinds == {(WARD, "ward"), (MERGED, "rural_commune"), (RURAL, "rural_commune")}
        # Its own kind moves nobody and changes no line: only the ward's household has an event.
        assert len(await events(dong_nai, UUID(rural))) == 1
        said = HouseholdData.model_validate((await events(dong_nai, UUID(ward)))[-1]["data"])
        assert said.act.former
        assert (said.area.kind, said.act.former.income_line_changes) == ("ward", True)
        assert said.area.designations == ()
        assert {one.designation for one in said.earlier_areas[0].designations} == {
            "extremely_difficult"
        }
        assert await listed(client, commune=RURAL) == {rural}


async def load_without_designations(database: ServiceDatabase) -> None:
    """What a table said is taken out by leaving it out; what an act said, by another line of it."""
    by_table, by_act = (area_id(AreaLevel.COMMUNE, WARD, day) for day in (REFORM, LATER))
    async with database.as_worker() as connections, connections.transaction() as tx:
        units = await areas.read(tx, [by_table, by_act])
        plain = [unit.model_copy(update={"designations": ()}) for unit in units.values()]
        assert await say_changed(tx, plain, *said_by()) == 1
        (kept,) = units[by_act].designations
        never = kept.model_copy(update={"until": kept.from_day})
        mended = units[by_act].model_copy(update={"designations": (never,)})
        assert await say_changed(tx, [mended], *said_by()) == 1
        now = await areas.read(tx, [by_table, by_act])
        assert [unit.designations for unit in now.values()] == [(), (never,)]


async def test_the_file_says_what_the_new_commune_is_and_the_template_refuses_blanks(
    dong_nai: ServiceDatabase,
) -> None:
    async with on(dong_nai, LATER) as client:
        home = await lives_in(client, WARD, "2025-08-01")
        key = await enter(client, f"xã,{WARD},,{WARD},,phường,,,NQ 1,xã đặc biệt khó khăn")
        await approve(client, key)
        await tick(dong_nai, LATER)
        said = HouseholdData.model_validate((await events(dong_nai, UUID(home)))[-1]["data"])
        (now,) = said.area.designations
        assert (now.designation, now.from_day) == ("extremely_difficult", LATER)
        assert (await get(client, f"{AT}/{key}/designations", ENTERS))["items"] == []
        unit = await get(client, f"/v1/areas/{WARD}", OFFICER, on=str(LATER))
        assert unit["designations"][0]["source"] == "NQ 1"
        await load_without_designations(dong_nai)

        asked = {"in_force": "2026-05-01", "known_from": "2026-04-30", "document": "NQ 237"}
        blank = await client.post(AT, params=asked, content=TEMPLATE.read_bytes(), headers=ENTERS)
        assert blank.status_code == 422
        assert {one["rule"] for one in blank.json()["errors"]} == {"cell.missing"}


async def test_entered_late_an_act_takes_along_who_was_recorded_since_its_day(
    dong_nai: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On whichever side of its day a household was recorded, also while the new map was being
    written, it ends in the same place, and says so once."""
    late = date(2026, 11, 1)
    days = ("2025-08-01", "2026-04-29", "2026-04-30", "2026-05-01", "2026-10-30")
    async with on(dong_nai, late) as client:
        homes = [await lives_in(client, commune, day) for commune in (WARD, MERGED) for day in days]
        lines = (f"xã,{WARD},,{WARD},,phường,,,,không", f"xã,{MERGED},,{WARD},,,,,,")
        key = await enter(client, *lines)
        await approve(client, key)

        async def registered_meanwhile(*given: Any) -> int:
            homes.append(await lives_in(client, MERGED, str(late)))
            return await say_changed(*given)

        with monkeypatch.context() as busy:
            busy.setattr(work, "say_changed", registered_meanwhile)
            await tick(dong_nai, late)
        done = await get(client, f"{AT}/{key}", ENTERS)
        assert (done["state"], done["households_moved"]) == ("done", len(homes))
        assert await listed(client, commune=WARD) == set(homes)
        assert await listed(client, commune=MERGED) == set(homes[len(days) :])
        for home in homes:
            whole = (await events(dong_nai, UUID(home)))[1:]
            (said,) = [HouseholdData.model_validate(one["data"]) for one in whole]
            assert (said.area.commune, said.area.kind, said.act.kind) == (
                WARD,
                "ward",
                "reorganised",
            )
            assert said.act.former
            assert said.act.former.income_line_changes is True
        found = await get(client, f"{AT}/{key}/reclassified", ENTERS)
        assert [one["household_id"] for one in found["items"]] == sorted(homes)
        # Who moves within the ward is among them as before.
        await move_within(dong_nai, [homes[0], homes[-1]], date(2026, 11, 2))
        assert await get(client, f"{AT}/{key}/reclassified", ENTERS) == found

        await post(client, f"{key}/repeat", ENTERS)
        await tick(dong_nai, late)
        again = await get(client, f"{AT}/{key}", ENTERS)
        assert (again["state"], again["households_moved"]) == ("done", len(homes))


async def test_an_undone_answer_asks_again_about_whoever_it_moved_recorded_late_or_not(
    dong_nai: ServiceDatabase,
) -> None:
    """Both of a commune that ends and of one whose code lives on in a part of it."""
    late = date(2026, 11, 1)
    other = bearer(Role.OFFICER, areas=["*"], subject="other")
    async with on(dong_nai, late) as client:
        homes = {
            await lives_in(client, commune, day, since): (commune, since)
            for commune in (MERGED, RURAL)
            for day, since in (
                ("2025-08-01", "2005-01-01"),
                ("2026-10-30", "2005-01-01"),
                ("2026-10-30", str(LATER)),
            )
        }
        ways = [(MERGED, WARD), (MERGED, RURAL), (RURAL, RURAL), (RURAL, WARD), (WARD, WARD)]
        key = await enter(client, *(f"xã,{old},,{new},,,,,,không" for old, new in ways))
        await approve(client, key)
        await tick(dong_nai, late)
        for commune in (MERGED, RURAL):
            asked = {"commune": commune, "village": None, "to": WARD}
            given = await answer(client, key, OFFICER, **asked)
            at = f"{key}/answers/{given['answer_id']}"
            assert (await post(client, f"{at}/confirm", other))["moved"] == 3
            await post(client, f"{at}/undo", OFFICER)
            undone = await post(client, f"{at}/confirm", other)
            assert (undone["state"], undone["moved"]) == ("undone", 3)
        found = await get(client, f"{AT}/{key}/open/households", OFFICER)
        assert {one["household_id"] for one in found["items"]} == homes.keys()
        for home, (commune, since) in homes.items():
            data = (await events(dong_nai, UUID(home)))[-1]["data"]
            said = HouseholdData.model_validate(data)
            assert (said.area.commune, said.area.kind) == (commune, "rural_commune")
            assert (str(said.area.from_day), said.earlier_areas) == (since, ())

"""A dated change of the map: entered from a file, previewed, approved, applied, answered."""

from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest

from libs.common.clock import FixedDayClock
from libs.common.contracts.household import HouseholdData
from libs.common.security.roles import Role
from services.registry.areas.load import say_changed
from services.registry.households.living import LIVING
from services.registry.reorganisations import acts, concerned, work
from tests.integration.changes.people import wish
from tests.integration.registry.builders import a_household, count, events
from tests.support.areas import pac_nam
from tests.support.edge import bearer
from tests.support.reorganising import (
    AN_THANG_OFFICER,
    APPROVES,
    AT,
    ENTERS,
    HEADER,
    LATER,
    MERGER,
    NEW_OFFICER,
    OFFICER,
    OLD_OFFICER,
    REFORM,
    answer,
    approved,
    enter,
    get,
    listed,
    lives_in,
    on,
    post,
    said_by,
    tick,
)
from tests.support.servers import ServiceDatabase

CHANGES = "/v1/change-requests"


async def left_over(client: httpx.AsyncClient, key: str) -> set[str]:
    found = await get(client, f"{AT}/{key}/open/households", OFFICER)
    return {household["household_id"] for household in found["items"]}


async def in_the_old_geography(
    client: httpx.AsyncClient, an_thang: str, nghien_loan: str, divided: set[str]
) -> None:
    """An old commune is who came from it, wherever they are by now; who came later is not."""
    newcomer = a_household(commune="01882", registered_on="2025-07-01")
    newcomer["residence"]["from_day"] = "2025-07-01"
    come = await client.post("/v1/households", json=newcomer, headers=OFFICER)
    assert come.status_code == 201, come.text
    assert len(await listed(client, commune="01882")) == 3
    assert await listed(client, commune="01882", unit_on="2025-06-30") == {nghien_loan}
    assert await listed(client, commune="01876") == {an_thang}
    assert await listed(client, commune="01876", status="poor") == set()
    assert await listed(client, commune="01876", to_review="true") == set()
    assert await listed(client, commune="09999") == divided

    # Every road that takes a commune says which unit it meant, and how it read it.
    said = "01876; from=2004-07-08; until=2025-07-01; read=came-from; in-part=01882"
    header = {**OFFICER, "X-Purpose": "register"}
    for method, path, body in (
        ("GET", "households?commune=01876", None),
        ("GET", "exports/households?commune=01876&format=csv", None),
        ("GET", "change-requests?commune=01876", None),
        ("POST", "persons/search", {"name": "an", "commune": "01876"}),
    ):
        found = await client.request(method, f"/v1/{path}", json=body, headers=header)
        assert (found.status_code, found.headers["X-Area-Geography"]) == (200, said), path
        if "exports" in path:
            assert an_thang in found.text
            assert nghien_loan not in found.text

    # A token of a commune that was merged does not reach into the merger, and is told so.
    late = await client.get("/v1/households", headers=AN_THANG_OFFICER)
    assert (late.json()["items"], late.headers["X-Area-Ended"]) == ([], "01876 until 2025-07-01")
    assert (await client.get(f"/v1/households/{an_thang}", headers=AN_THANG_OFFICER)).is_error


async def test_the_merger_of_2025_moves_households_and_asks_about_the_divided_commune(
    registry: ServiceDatabase,
) -> None:
    async with on(registry, date(2025, 6, 20)) as client:
        an_thang = await lives_in(client, "01876")
        nghien_loan = await lives_in(client, "01882")
        named = await lives_in(client, "09999", "thôn  MỘT")
        unnamed, nowhere = (
            await lives_in(client, "09999", "Thôn Hai"),
            await lives_in(client, "09999"),
        )

    async with on(registry, REFORM) as client:
        key = (await enter(client, REFORM, MERGER))["reorganisation_id"]
        preview = (await post(client, f"{key}/preview", ENTERS))["preview"]
        assert preview["units"] == {"ended": 5, "new": 2, "known": 2, "divided": 1}
        assert preview["moved"] == {"households": 3, "persons": 6}
        assert preview["asked"]["households"] == 2
        assert [one["village"] for one in preview["asked"]["villages"]] == ["Thôn Hai", None]
        same = await client.post(f"{AT}/{key}/approve", headers=ENTERS)
        assert (same.status_code, same.json()["errors"][0]["rule"]) == (
            403,
            "duties.same_person",
        )
        await post(client, f"{key}/approve", APPROVES)

        await tick(registry, date(2025, 6, 30))
        assert await count(registry, "household_fact") == 5  # before its day nothing moves
        await tick(registry, REFORM)
        await tick(registry, REFORM)

        done = await get(client, f"{AT}/{key}", ENTERS)
        assert (done["state"], done["households_total"], done["households_moved"]) == ("done", 3, 3)
        said = HouseholdData.model_validate((await events(registry, UUID(an_thang)))[-1]["data"])
        assert (said.act.kind, said.act.effective_on) == ("reorganised", REFORM)
        assert said.act.former
        assert said.act.former.commune == "01876"
        assert (said.area.commune, said.area.province, said.area.from_day) == (
            "01882",
            "19",
            REFORM,
        )

        (was,) = said.earlier_areas  # what hangs on the place held there until then
        assert (was.commune, was.province, was.from_day) == ("01876", "06", date(2005, 1, 1))
        assert [one.designation for one in was.designations] == ["poor_district"]

        # Both geographies of the day before, and the present one.
        day = {"as_of": "2024-12-31"}
        assert await listed(client, commune="01876", **day) == {an_thang}
        assert await listed(client, commune="01882", **day) == {nghien_loan}
        assert await listed(client, commune="01882", unit_on="2025-07-01", **day) == {
            an_thang,
            nghien_loan,
        }
        assert await listed(client, commune="01882", as_of="2025-07-01") == {an_thang, nghien_loan}
        assert await listed(client, commune="01864") == {named}
        await in_the_old_geography(client, an_thang, nghien_loan, {named, unnamed, nowhere})

        # While nobody has answered, its household is worked with as before.
        read = await client.get(f"/v1/households/{unnamed}", headers=OFFICER)
        body = {
            "residence": {"commune": "09999", "from_day": "2005-01-01"},
            "is_farm_household": True,
            "members": [
                dict(member) | {"employment": "unemployed"} for member in read.json()["members"]
            ],
        }
        corrected = await client.put(
            f"/v1/households/{unnamed}", json=body, headers=OFFICER | {"If-Match": "*"}
        )
        assert corrected.status_code == 200, corrected.text
        child = read.json()["members"][1]["person_id"]
        correction = {
            "kind": "correction",
            "household": {"household_id": unnamed, "version": 2},
            "members": [{"person_id": child, "schooling": "primary"}],
        }
        waits = await client.post(CHANGES, json=wish(correction), headers=NEW_OFFICER)
        assert waits.json()["commune"] == "09999", waits.text
        other = bearer(Role.OFFICER, areas=["01864"], subject="other")
        assert len((await get(client, CHANGES, other))["items"]) == 1

        # Each commune's officer sees and answers its own list.
        # (a divided commune belongs to each of its successors, and to no other part of them)
        assert len((await get(client, f"{AT}/{key}/open", NEW_OFFICER))["items"]) == 2
        assert (await get(client, f"{AT}/{key}/open", AN_THANG_OFFICER))["items"] == []
        groups = (await get(client, f"{AT}/{key}/open", OLD_OFFICER))["items"]
        assert [(one["village"], one["households"]) for one in groups] == [
            (None, 1),
            ("Thôn Hai", 1),
        ]
        assert [one["commune"] for one in groups[0]["choices"]] == ["01864", "01882"]
        village = {"commune": "09999", "village": "Thôn Hai"}
        for who, to, status, rule in (
            (OLD_OFFICER, "01876", 422, "reorganisation.not_a_choice"),
            (NEW_OFFICER, "01864", 403, "scope.outside"),
        ):
            wrong = await client.post(
                f"{AT}/{key}/answers", headers=who, json={**village, "to": to}
            )
            assert (wrong.status_code, wrong.json()["errors"][0]["rule"]) == (status, rule)

        # A commune takes nobody over alone: somebody of another successor confirms.
        given = await answer(client, key, NEW_OFFICER, **village, to="01882")
        assert (given["state"], given["households"], given["others"]) == ("asked", 1, ["01864"])
        at = f"{AT}/{key}/answers/{given['answer_id']}"
        for who, status, rule in (
            (NEW_OFFICER, 403, "duties.same_person"),
            (bearer(Role.OFFICER, areas=["01882"], subject="c"), 403, "answer.other_commune"),
        ):
            alone = await client.post(f"{at}/confirm", headers=who)
            assert (alone.status_code, alone.json()["code"]) == (status, rule)
        assert await listed(client, commune="09999", unit_on="2025-07-01") == {
            named,
            unnamed,
            nowhere,
        }
        confirm = f"{key}/answers/{given['answer_id']}/confirm"
        assert (await post(client, confirm, other))["moved"] == 1
        assert (await client.post(f"{at}/confirm", headers=other)).status_code == 409
        asked: dict[str, Any] = {"commune": "09999", "households": [nowhere], "to": "01864"}
        ended = await client.post(f"{AT}/{key}/answers", headers=OLD_OFFICER, json=asked)
        assert ended.status_code == 403  # it may look at its list, and takes nobody over
        one = await answer(client, key, other, **asked)
        await post(client, f"{key}/answers/{one['answer_id']}/confirm", APPROVES)
        assert (await get(client, f"{AT}/{key}/open", OLD_OFFICER))["items"] == []

        # What was answered wrongly is undone by two as well, and asked about again.
        undo = f"{key}/answers/{given['answer_id']}/undo"
        assert (await client.post(f"{AT}/{undo}", headers=other)).status_code == 403
        assert (await post(client, undo, NEW_OFFICER))["state"] == "undo_asked"
        assert (await post(client, confirm, other))["state"] == "undone"
        assert await left_over(client, key) == {unnamed}
        back = HouseholdData.model_validate((await events(registry, UUID(unnamed)))[-1]["data"])
        assert (back.act.kind, back.area.commune) == ("change", "09999")
        assert (back.area.from_day, back.earlier_areas) == (date(2005, 1, 1), ())
        again = await answer(client, key, NEW_OFFICER, **village, to="01882")
        await post(client, f"{key}/answers/{again['answer_id']}/confirm", other)
        states = [
            one["state"] for one in (await get(client, f"{AT}/{key}/answers", other))["items"]
        ]
        assert states == ["applied", "applied", "undone"]
        # What was asked of it is for those to decide who are in charge of it now.
        assert (await get(client, CHANGES, other))["items"] == []
        third = bearer(Role.OFFICER, areas=["01882"], subject="third")
        (request,) = (await get(client, CHANGES, third))["items"]
        assert (request["commune"], request["number"]) == ("01882", "09999-2025-000001")
        approve = f"{CHANGES}/{request['change_id']}/approve"
        assert (await client.post(approve, headers=third)).json()["state"] == "applied"
        assert await listed(client, commune="01864") == {named, nowhere}
        assert await listed(client, commune="09999", **day) == {named, unnamed, nowhere}


async def test_a_later_decree_makes_a_ward_and_lists_whose_income_line_changes(
    registry: ServiceDatabase,
) -> None:
    async with registry.as_worker() as connections, connections.transaction() as tx:
        await tx.execute("DELETE FROM area_unit")
        await say_changed(tx, pac_nam(), *said_by())
    async with on(registry, date(2026, 4, 1)) as client:
        since_reform = a_household(registered_on="2025-08-01")
        moved_in = await client.post("/v1/households", json=since_reform, headers=OFFICER)
        assert moved_in.status_code == 201
        before_reform = await lives_in(client, "01876")  # never moved: succession answers for it
        lines = ["xã,01882,01882,Nghiên Loan,phường,,", "tỉnh,19,19,Thái Nguyên,thành phố,,"]
        key = await approved(client, LATER, lines)
        await tick(registry, LATER)

        found = await get(client, f"{AT}/{key}/reclassified", ENTERS)
        wanted = sorted([since_reform["household_id"], before_reform])
        assert [one["household_id"] for one in found["items"]] == wanted
        assert {(one["former_kind"], one["kind"]) for one in found["items"]} == {
            ("rural_commune", "ward")
        }
        data = HouseholdData.model_validate(
            (await events(registry, UUID(before_reform)))[-1]["data"]
        )
        assert (data.area.kind, data.act.former and data.act.former.income_line_changes) == (
            "ward",
            True,
        )
        area = await get(client, "/v1/areas/01864", OFFICER, on="2026-05-01")
        assert (area["valid_from"], area["predecessors"][0]["valid_until"]) == (
            "2026-04-30",
            "2026-04-30",
        )

        # The committed tables, loaded again, do not take it back.
        async with registry.as_worker() as connections, connections.transaction() as tx:
            assert await say_changed(tx, pac_nam(), *said_by()) == 0


async def test_one_bad_line_refuses_the_file_and_every_line_is_reported(
    registry: ServiceDatabase,
) -> None:
    async with on(registry, REFORM) as client:
        entered = await enter(client, REFORM, [*MERGER, "xã,01889,01882,,,,", "xã,,01882,,x,,"])
        assert entered["state"] == "refused"
        assert {(one["pointer"], one["rule"]) for one in entered["problems"]} == {
            ("/lines/8/old_code", "old.unknown"),
            ("/lines/9/old_code", "cell.missing"),
            ("/lines/9/kind", "kind.word"),
        }
        key = entered["reorganisation_id"]
        report = await client.get(f"{AT}/{key}/report?format=csv", headers=ENTERS)
        assert "Kiểm tra mã cũ và ngày có hiệu lực." in report.text.splitlines()[7]
        previewed = await client.post(f"{AT}/{key}/preview", headers=ENTERS)
        assert previewed.status_code == 409
        neighbour = bearer(Role.PROVINCE, areas=["01864"])
        asked = {"in_force": "2025-07-01", "known_from": "2025-06-16", "document": "NQ 1/2025"}
        content = "\n".join([HEADER, *MERGER]).encode()
        outside = await client.post(AT, params=asked, content=content, headers=neighbour)
        assert outside.status_code == 403


async def test_the_form_filled_from_the_list_of_units_can_be_sent_as_it_is(
    registry: ServiceDatabase,
) -> None:
    async with on(registry, REFORM) as client:
        form = await client.get(f"{AT}/form?area=06&in_force=2025-07-01&format=csv", headers=ENTERS)
        asked = {"in_force": "2025-07-01", "known_from": "2025-06-16", "document": "NQ 1/2025"}
        answer = await client.post(AT, params=asked, content=form.content, headers=ENTERS)
        assert (answer.status_code, answer.json()["state"]) == (201, "entered"), answer.text
        assert answer.json()["lines"] == 7


class Killed(Exception):
    """Stands for a SIGKILL between two chunks."""


async def test_a_job_killed_between_chunks_goes_on_and_says_each_household_once(
    registry: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on(registry, REFORM) as client:
        for commune in ("01876", "01876", "01873", "01864"):
            await lives_in(client, commune)
        key = await approved(client, REFORM, MERGER)
        monkeypatch.setattr(work, "CHUNK", 1)
        clock = FixedDayClock(REFORM)
        async with registry.as_worker(clock) as connections:
            for _ in range(4):
                await work.run_next_chunk(connections, clock)

            async def move_then_die(*given: Any) -> Any:
                await acts.move(*given)
                raise Killed

            with monkeypatch.context() as deadly:
                deadly.setattr(work, "move", move_then_die)
                with pytest.raises(Killed):
                    await work.run_next_chunk(connections, clock)
        await tick(registry, REFORM)
        done = await get(client, f"{AT}/{key}", ENTERS)
        assert (done["state"], done["households_moved"], done["households_total"]) == ("done", 4, 4)
    assert await count(registry, "event_log WHERE type = 'household.changed.v1'") == 4


async def test_whom_it_concerns_is_found_by_indexes(registry: ServiceDatabase) -> None:
    route = ["01882"], [date(2004, 7, 8)], [REFORM]
    asked: dict[str, tuple[Any, ...]] = {
        concerned.NEXT: (*(column[0] for column in route), None, None, None, 1000),
        concerned.COUNT: (*route, [None]),
        LIVING: (*route, REFORM, None, None, None, 100),
    }
    async with registry.as_api() as connections, connections.transaction("01882") as tx:
        await tx.execute("SET LOCAL enable_seqscan = off")
        for statement, values in asked.items():
            plan = "\n".join(row[0] for row in await tx.fetch(f"EXPLAIN {statement}", *values))
            assert "Seq Scan on " not in plan, plan

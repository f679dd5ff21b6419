"""The road of files: list 03/TD out, the bank's outcomes in, each line by itself, a report."""

import asyncio
import io
import sys
from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from openpyxl import load_workbook

from libs.common.clock import FixedDayClock
from libs.common.ids import new_id
from libs.common.security.roles import Role
from services.credit.files import api, store, work
from services.credit.files.form import TITLES
from services.credit.files.work import run_files
from services.credit.outcomes.acts import record_outcomes
from tests.integration.credit.builders import a_plan
from tests.integration.credit.files import (
    DONE,
    PURPOSE,
    a_file,
    as_lines,
    counts,
    narrow_tester,
    needs_at_the_bank,
    report,
    send,
)
from tests.integration.credit.needs import BANK, OFFICER, ON_TIME, Road, said
from tests.support.edge import bearer
from tests.support.servers import ServiceDatabase, repository

LIST = "/v1/files/03-td"
_SAID: list[dict[str, str]] = [
    {"received_on": "13/05/2022"},
    {"received_on": "16/05/2022"},
    {"answered_on": "19/05/2022", "approved": "duyệt"},
    {"answered_on": "19/05/2022", "approved": "duyệt", "approved_amount": "30.000.000"},
    {"answered_on": "19/05/2022", "approved": "từ chối", "reason": "Hồ sơ chưa đủ"},
    {"paid_on": "25/05/2022", "paid_amount": "30.000.000"},
    {"paid_on": "25/05/2022", "paid_amount": "40.000.000"},
    {},
    DONE,
]


async def trail(database: ServiceDatabase, act: str) -> list[tuple[str | None, list[UUID]]]:
    """Purpose and households of every line of an act."""
    async with database.as_worker() as connections, connections.transaction() as tx:
        rows = await tx.fetch(
            "SELECT purpose, subjects FROM audit_line WHERE act = $1 AND subject_kind = 'household'"
            " AND subjects <> '{}' ORDER BY line_id",
            act,
        )
    return [(row["purpose"], row["subjects"]) for row in rows]


async def state(road: Road, referral_id: UUID) -> Any:
    return (await road.client.get(f"/v1/referrals/{referral_id}", headers=BANK)).json()


async def test_the_form_goes_round_and_does_what_the_rest_road_does(
    road: Road, database: ServiceDatabase
) -> None:
    """The list is fetched, filled and sent back; the same file again changes nothing."""
    paid, refused, later = await needs_at_the_bank(road, database, "01", "19", "09")
    answer = await road.client.get(f"{LIST}?format=csv", headers={**BANK, **PURPOSE})
    lines = {line["referral_id"]: line for line in as_lines(answer.content)}
    assert lines.keys() == {str(paid), str(refused), str(later)}
    line = lines[str(paid)]
    assert (line["beneficiary"], line["amount"], line["purpose"], line["stage"]) == (
        "hộ nghèo",
        "40000000",
        "Mua bò sinh sản",
        "xã đã xác nhận, đã gửi ngân hàng",
    )
    assert (line["full_name"], line["personal_number"], line["received_on"]) == ("", "", "")

    line |= {**DONE, "contract_number": "HD-1"}
    lines[str(refused)] |= {
        "received_on": "2022-05-13",
        "answered_on": "2022-05-19",
        "approved": "Từ chối",
        "reason": "Hồ sơ chưa đủ",
    }
    content = a_file(lines.values())
    answer = await send(road.client, content)
    assert answer.status_code == 200, answer.text
    assert counts(answer) == (2, 1, 0)
    found = await state(road, paid)
    assert (found["state"], found["disbursement"]["contract_number"]) == ("disbursed", "HD-1")
    assert [step["act"] for step in found["history"]][-3:] == [
        "need_received",
        "need_approved",
        "disbursed",
    ]
    assert (await state(road, refused))["need"]["stage"] == "refused"
    loans = (await road.client.get("/v1/loans", headers=BANK)).json()["items"]
    assert [(loan["referral_id"], loan["principal"]) for loan in loans] == [(str(paid), 40_000_000)]

    events = len(await said(database))
    assert counts(await send(road.client, content)) == (0, 3, 0)
    assert len(await said(database)) == events
    # The list now says what came of each, and sent back as it is it says nothing new.
    answer = await road.client.get(LIST, headers=OFFICER)
    sheet = load_workbook(io.BytesIO(answer.content), read_only=True).worksheets[0]
    titles, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    by_id = {row[titles.index(TITLES["referral_id"])]: row for row in rows}
    place = titles.index(TITLES["paid_amount"])
    assert by_id[str(paid)][place] == 40_000_000
    assert counts(await send(road.client, answer.content)) == (0, 3, 0)

    households = {one["household_id"] for one in lines.values()}
    for act in (f"GET {LIST}", "POST /v1/files/outcomes"):
        purpose, subjects = (await trail(database, act))[0]
        assert (purpose, {str(one) for one in subjects}) == ("doi-soat", households)


async def test_each_line_stands_by_itself_and_the_report_can_be_mended_and_sent_again(
    road: Road, database: ServiceDatabase
) -> None:
    one, two, three, four = await needs_at_the_bank(road, database, "01", "01", "01", "01")
    async with database.as_api() as connections, connections.transaction("*") as tx:
        await a_plan(tx, amount=90_000_000)
    lines: list[dict[str, object]] = [
        {"referral_id": one, "received_on": "13/05/2022"},
        {"referral_id": one, **DONE, "contract_number": "HD-1"},
        {"referral_id": two, **DONE, "contract_number": "HD-1"},
        {"referral_id": three, **DONE, "paid_on": "30/02/2022", "contract_number": "HD-3"},
        {"referral_id": three, **DONE, "paid_amount": "50.000.000", "contract_number": "HD-4"},
        {"referral_id": four, "received_on": "13/05/2022", "answered_on": "19/05/2022"},
        {"referral_id": new_id(), "received_on": "13/05/2022"},
        {"referral_id": two, "need_id": new_id(), "received_on": "13/05/2022"},
        {"referral_id": "x" * 36},
    ]
    answer = await send(road.client, a_file(lines))
    assert counts(answer) == (2, 0, 7)
    refusals = await report(road.client, answer.json()["file_id"], "&result=refused")
    assert [(line["number"], line["why"]) for line in refusals] == [
        ("4", "Số hợp đồng: Số hợp đồng đã được sử dụng."),
        ("5", "Ngày giải ngân: Không đọc được ngày."),
        ("6", "Số tiền giải ngân (đồng): Số tiền vượt mức đã phê duyệt 40000000 đồng."),
        ("7", "Trả lời: Thiếu trường bắt buộc."),
        ("8", "Không tìm thấy trong phạm vi được phép."),
        ("9", "Mã nhu cầu vay: Giới thiệu này nay có nhu cầu vay khác."),
        ("10", "Mã giới thiệu: Không phải mã (UUID)."),
    ]
    assert refusals[1]["fix"] == "Ghi ngày dạng 25/05/2022 hoặc 2022-05-25."
    assert refusals[1]["paid_on"] == "30/02/2022"
    # What was refused has left nothing behind, not even its receipt.
    assert (await state(road, two))["need"]["stage"] == "sent"

    whole = await report(road.client, answer.json()["file_id"])
    assert [line["result"] for line in whole[:3]] == ["đã ghi nhận", "đã ghi nhận", "từ chối"]
    whole[2]["contract_number"] = "HD-2"
    whole[3]["paid_on"] = "25/05/2022"
    again = await send(road.client, a_file(whole))
    assert counts(again) == (1, 2, 6)
    # The plan has 10 million left of 90: the third payment of 40 is one too many.
    refusals = await report(road.client, again.json()["file_id"], "&result=refused")
    assert "còn 10000000 đồng" in refusals[0]["why"]


async def test_lines_at_once_do_what_they_do_one_after_the_other(
    road: Road, database: ServiceDatabase
) -> None:
    """Half of the needs are told of in one file, their twins in a file per line."""
    referrals = await needs_at_the_bank(road, database, *["01"] * 6)
    halves = list(zip(referrals[:3], referrals[3:], strict=True))
    chance = Random(4)
    told = [
        (chance.randrange(3), chance.choice(_SAID), f"HD-{chance.randrange(4)}") for _ in range(24)
    ]

    def line(half: int, which: int, said: dict[str, str], contract: str) -> dict[str, object]:
        number = {"contract_number": f"{contract}/{half}"} if "paid_on" in said else {}
        return {"referral_id": halves[which][half], **said, **number}

    answer = await send(road.client, a_file(line(0, *one) for one in told))
    at_once = [one["result"] for one in await report(road.client, answer.json()["file_id"])]
    singly = []
    for one in told:
        answer = await send(road.client, a_file([line(1, *one)]))
        singly += [one["result"] for one in await report(road.client, answer.json()["file_id"])]
    assert at_once == singly
    assert set(at_once) == {"đã ghi nhận", "không đổi", "từ chối"}
    for pair in halves:
        first, second = [await state(road, one) for one in pair]
        for found in (first, second):
            acts = [(step["version"], step["act"], step["changed_on"]) for step in found["history"]]
            found |= {"history": acts, "disbursement": found["disbursement"] and True}
        alike = ("version", "state", "history", "disbursement")
        assert [first[name] for name in alike] == [second[name] for name in alike]


async def test_a_contract_of_another_area_is_refused_and_its_neighbours_count(
    road: Road, database: ServiceDatabase
) -> None:
    """A number that the sender cannot see is found by the key itself."""
    (there,) = await needs_at_the_bank(road, database, "01", commune="01864")
    mine = await needs_at_the_bank(road, database, "01", "01")
    paid = {"referral_id": there, **DONE, "contract_number": "HD-1"}
    assert counts(await send(road.client, a_file([paid]))) == (1, 0, 0)
    lines = [
        {"referral_id": one, **DONE, "contract_number": number}
        for one, number in zip(mine, ("HD-1", "HD-2"), strict=True)
    ]
    headers = bearer(Role.BANK, areas=["01882"])
    path = "/v1/files/outcomes"
    answer = await road.client.post(path, content=a_file([*lines, paid]), headers=headers)
    assert counts(answer) == (1, 0, 2)
    assert (await state(road, mine[1]))["state"] == "disbursed"


async def test_a_partner_is_shown_and_may_tell_of_its_own_part_only(
    road: Road, database: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    poor, near = await needs_at_the_bank(road, database, "01", "19")
    (there,) = await needs_at_the_bank(road, database, "01", commune="01864")
    stranger = bearer(Role.BANK, subject="nobody")
    answer = await road.client.get(LIST, headers=stranger)
    assert (answer.status_code, answer.json()["code"]) == (403, "partner.unregistered")
    answer = await road.client.post("/v1/files/outcomes", content=b"", headers=stranger)
    assert (answer.status_code, answer.json()["code"]) == (403, "partner.unregistered")

    own = {"programmes": ("credit.01",), "areas": ("01882",)}
    await narrow_tester(database, **own, fields=("referral_id", "need.amount", "need.need_id"))
    answer = await road.client.get(f"{LIST}?format=csv", headers=BANK)
    (line,) = as_lines(answer.content)
    need_id = line["need_id"]
    shown = {name: cell for name, cell in line.items() if cell}
    assert shown == {
        "number": "1",
        "referral_id": str(poor),
        "need_id": need_id,
        "amount": "40000000",
    }
    lines = [{"referral_id": one, "received_on": "13/05/2022"} for one in (poor, near, there)]
    assert counts(await send(road.client, a_file(lines))) == (1, 0, 2)
    # An officer is no partner: row-level security alone decides.
    answer = await road.client.get(f"{LIST}?format=csv&from=2022-05-12", headers=OFFICER)
    assert len(as_lines(answer.content)) == 3
    for query in ("until=2022-05-12", "from=2022-05-13", f"list_id={new_id()}", "commune=01888"):
        answer = await road.client.get(f"{LIST}?format=csv&{query}", headers=OFFICER)
        assert as_lines(answer.content) == [], query
    # The job asks as the edge does: who is told of no referral may tell of none.
    await narrow_tester(database, event_types=("loan.*.v1",))
    monkeypatch.setattr(api, "AT_ONCE", 0)
    file_id = (await send(road.client, a_file(lines))).json()["file_id"]
    async with database.as_worker(FixedDayClock(ON_TIME)) as worker:
        await run_files(worker, worker.clock)
    path = f"/v1/files/outcomes/{file_id}"
    assert counts(await road.client.get(path, headers=BANK)) == (0, 0, 3)


_JOB = """
import asyncio, sys
from datetime import date
from libs.common.clock import FixedDayClock
from libs.common.database import Database
from services.credit.files.work import run_files
from services.credit.outcomes.acts import record_outcomes

async def main():
    clock = FixedDayClock(date(2022, 6, 1))
    async with await Database.connect(sys.argv[1], clock, application="job") as database:
        await run_files(database, clock)

asyncio.run(main())
"""
_IS_WAITING = """
SELECT EXISTS (SELECT 1 FROM pg_locks AS lock JOIN pg_database AS base ON base.oid = lock.database
  WHERE NOT granted AND datname = current_database() AND relation = 'disbursement'::regclass)
"""


async def test_a_large_file_survives_a_sigkill_and_every_line_counts_once(
    road: Road, database: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while its second page is being written: the first stands, the rest follows."""
    first, last = await needs_at_the_bank(road, database, "01", "01")
    lines: list[dict[str, object]] = [
        {"referral_id": new_id(), "received_on": "13/05/2022"} for _ in range(1_100)
    ]
    lines[0] = {"referral_id": first, "received_on": "13/05/2022"}
    lines[-1] = {"referral_id": last, **DONE, "contract_number": "HD-1"}
    content = a_file(lines)
    answer = await send(road.client, content)
    assert answer.status_code == 202, answer.text
    file_id = answer.json()["file_id"]
    assert (await send(road.client, content)).json()["file_id"] == file_id  # it is worked once

    owner = await asyncpg.connect(database.owner_dsn)
    try:
        async with owner.transaction():
            await owner.execute("LOCK TABLE disbursement IN SHARE ROW EXCLUSIVE MODE")
            job = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _JOB, database.worker_dsn, cwd=repository()
            )
            async with asyncio.timeout(90):
                while not await owner.fetchval(_IS_WAITING):
                    assert job.returncode is None
                    await asyncio.sleep(0.02)
            job.kill()
            await job.wait()
            path = f"/v1/files/outcomes/{file_id}"
            stands = (await road.client.get(path, headers=BANK)).json()
            assert (stands["state"], stands["recorded"], stands["refused"]) == ("waiting", 1, 999)
    finally:
        await owner.close()

    clock = FixedDayClock(ON_TIME)
    async with database.as_worker(clock) as worker:
        async with asyncio.timeout(90):  # until the server notices that the killed job is gone
            while (await road.client.get(path, headers=BANK)).json()["state"] == "waiting":
                await run_files(worker, clock)
        assert counts(await road.client.get(path, headers=BANK)) == (2, 0, 1_098)
        assert (await state(road, last))["state"] == "disbursed"
        assert len(await report(road.client, file_id, "&result=recorded")) == 2
        # The job's acts are on the trail under the sender's name and purpose.
        subjects = [
            one for _, page in await trail(database, "POST /v1/files/outcomes") for one in page
        ]
        assert len(subjects) == 2
        await work.forget_files(worker, clock)
        assert (await road.client.get(path, headers=BANK)).status_code == 200
        monkeypatch.setattr(work, "KEPT_FOR", -work.KEPT_FOR)
        await work.forget_files(worker, clock)
        assert (await road.client.get(path, headers=BANK)).status_code == 404


async def test_a_line_that_we_cannot_work_does_not_hold_up_its_neighbours(
    road: Road, database: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await needs_at_the_bank(road, database, "01", "01", "01")
    monkeypatch.setattr(api, "AT_ONCE", 0)
    lines = [{"referral_id": one, "received_on": "13/05/2022"} for one in ids]
    file_id = (await send(road.client, a_file(lines))).json()["file_id"]

    async def record_or_fail(tx: Any, told: Any, *others: Any) -> Any:
        if any(one.referral_id == ids[1] for one in told):
            raise RuntimeError("a defect of ours")
        return await record_outcomes(tx, told, *others)

    monkeypatch.setattr(work, "record_outcomes", record_or_fail)
    path, failures = f"/v1/files/outcomes/{file_id}", 0
    async with database.as_worker(FixedDayClock(ON_TIME)) as worker:
        async with worker.transaction() as tx:
            claimed = await store.claim_file(tx)
        assert claimed is not None
        while (await road.client.get(path, headers=BANK)).json()["state"] == "waiting":
            try:
                await run_files(worker, worker.clock)
            except RuntimeError:
                failures += 1
        # A job that fails late, with the file as it was before another went on, settles nothing.
        await work._note_failure(worker, replace(claimed, attempts=99))
    assert failures < 20
    assert counts(await road.client.get(path, headers=BANK)) == (2, 0, 1)
    (failed,) = await report(road.client, file_id, "&result=refused")
    assert failed["fix"] == "Báo người vận hành, kèm mã tệp."


async def test_limits_count_what_the_partner_is_not_shown(
    road: Road, database: ServiceDatabase
) -> None:
    """Registered for referrals alone it sees no loan; the plan is spent all the same."""
    await narrow_tester(database, event_types=("referral.*.v1",))
    first, second = await needs_at_the_bank(road, database, "01", "01")
    async with database.as_api() as connections, connections.transaction("*") as tx:
        await a_plan(tx, amount=60_000_000)
    paid = [{"referral_id": one, **DONE, "contract_number": f"HD-{one}"} for one in (first, second)]
    assert counts(await send(road.client, a_file(paid[:1]))) == (1, 0, 0)
    assert (await road.client.get("/v1/loans", headers=BANK)).json()["items"] == []
    (plan,) = (await road.client.get("/v1/plans", headers=BANK)).json()["items"]
    assert plan["disbursed"] == 40_000_000
    assert counts(await send(road.client, a_file(paid[1:]))) == (0, 0, 1)
    assert (await state(road, second))["state"] == "open"

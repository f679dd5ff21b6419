"""A citizen's file of every service: whole, or it says what is missing."""

import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from ansinh.citizens.joining import CitizenFile, join
from ansinh.citizens.printing import as_json, as_page
from ansinh.ops.client import Unanswered
from libs.common.citizens.schemas import AccountOut, PartOut, Stay, WordsOut
from libs.common.citizens.sections import Column, Kind, Section, code
from libs.common.clock import VIETNAM
from libs.common.problems import Text, not_found
from libs.common.web.problems import render

PERSON = UUID("01900000-0000-7000-8100-000000000001")
HOME = UUID("01900000-0000-7000-8000-000000000001")
NOW = datetime(2026, 3, 6, 9, 30, tzinfo=VIETNAM)
MEMBERSHIPS = Section(
    "memberships",
    Text("Thành viên của hộ", "Memberships"),
    (
        Column("until", Text("Đến hết ngày", "To"), Kind.UNTIL),
        code("sex", "Giới tính", "Sex", {"female": Text("Nữ", "Female")}),
        Column("has_pension", Text("Lương hưu", "Pension"), Kind.FLAG),
        Column("owed", Text("Dư nợ", "Owed"), Kind.MONEY),
        Column("note", Text("Ghi chú", "Note")),
        code("benefit", "Mức", "Benefit", {"months": Text("Số tháng", "Months")}),
    ),
)
ROW = {
    "until": "2025-07-01",
    "sex": "female",
    "has_pension": False,
    "owed": 4200000,
    "note": "<b>",
    "benefit": {"months": 3},
}

Answer = Callable[[httpx.Request], httpx.Response]


def an_account(at: datetime) -> AccountOut:
    return AccountOut(
        at=at,
        caller="officer-a",
        roles="officer",
        kind="read",
        act="GET /v1/households/{household_id}",
        what=WordsOut(vi="Một hộ", en="A household"),
        purpose="complaint.kn-12",
    )


def a_part(name: str, *hours: int, until: datetime | None = None) -> httpx.Response:
    part = PartOut(
        service=name,
        title=WordsOut(vi=f"Phần {name}", en=name),
        person_id=PERSON,
        stays=[Stay(household_id=HOME, from_day=NOW.date(), until=None)],
        sections=[MEMBERSHIPS.out([ROW])],
        accounts=[an_account(NOW.replace(hour=hour)) for hour in hours],
        accounts_until=until,
    )
    return httpx.Response(200, content=part.model_dump_json())


def refused(status: int, what: str = "person") -> httpx.Response:
    answer = render(not_found(what), PERSON)
    return httpx.Response(status, content=bytes(answer.body))


async def joined(case: str | None = None, **answers: Answer) -> CitizenFile:
    """The file where services answer so; the others answer a part of one line."""
    async with AsyncExitStack() as stack:
        clients = {}
        for name in ("registry", "eligibility", "credit", "reporting"):
            answer = answers.get(name, lambda _, name=name: a_part(name, 8))
            transport = httpx.MockTransport(answer)
            client = httpx.AsyncClient(transport=transport, base_url=f"http://{name}.test/v1")
            clients[name] = await stack.enter_async_context(client)
        return await join(clients, PERSON, case)


async def test_each_service_is_asked_for_the_stays_that_the_registry_knows() -> None:
    asked: list[httpx.Request] = []

    def credit(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return a_part("credit", 8)

    file = await joined("yc-7", credit=credit)
    [request] = asked
    assert request.url.params.get_list("stay") == [f"{HOME},2026-03-06,"]
    assert request.headers["X-Purpose"] == file.purpose == "data-subject.yc-7"
    assert file.is_whole
    assert list(file.parts) == ["registry", "eligibility", "credit", "reporting"]


async def test_a_part_that_is_not_had_is_named_as_missing() -> None:
    def gone(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    file = await joined(credit=gone, reporting=lambda _: refused(404))
    assert (list(file.missing), file.nothing, file.is_whole) == (["credit"], ["reporting"], False)
    page, said = as_page(file, NOW), json.loads(as_json(file, NOW))
    assert "THIẾU phần của “Tín dụng chính sách”" in page
    assert "“Báo cáo” không lưu gì" in page
    assert [one["service"] for one in said["missing"]] == ["credit"]
    assert said["is_whole"] is False


async def test_a_404_that_does_not_say_that_nobody_is_held_is_a_part_that_did_not_answer() -> None:
    file = await joined(
        eligibility=lambda _: httpx.Response(404, json={"detail": "Not Found"}),
        credit=lambda _: httpx.Response(404, text="<html>"),
        reporting=lambda _: refused(404, "route"),
    )
    assert list(file.missing) == ["eligibility", "credit", "reporting"]
    assert (file.nothing, file.is_whole) == ([], False)


async def test_without_the_register_s_part_there_is_no_file() -> None:
    with pytest.raises(Unanswered):
        await joined(registry=lambda _: refused(404))


async def test_the_trail_is_read_to_its_beginning_and_no_line_comes_twice() -> None:
    def registry(request: httpx.Request) -> httpx.Response:
        if "before" not in request.url.params:
            return a_part("registry", 9, 8, until=NOW.replace(hour=8, minute=30))
        return a_part("registry", 8, 7)

    lines = (await joined(registry=registry)).parts["registry"]["accounts"]
    assert [hour(line) for line in lines] == [9, 8, 7]


def hour(line: dict[str, Any]) -> int:
    return datetime.fromisoformat(line["at"]).astimezone(VIETNAM).hour


async def test_people_read_days_words_and_money_as_they_write_them() -> None:
    page = as_page(await joined(), NOW.astimezone(UTC))
    for said in (
        "30/06/2025",
        "Nữ",
        "Không",
        "4.200.000 đ",
        "&lt;b&gt;",
        "Số tháng: 3",
        "06/03/2026 09:30:00",
    ):
        assert f">{said}<" in page or said in page
    assert "Một hộ" in page
    assert "complaint.kn-12" in page
    assert "<b>" not in page
    assert "<script" not in page

"""Official files that left with ids alone come back with names, for the office that prints them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from ansinh.filling import FORMS, fill_file
from ansinh.ops.client import Unanswered
from libs.common.files.layout import Layout
from libs.common.files.reading import read_table
from libs.common.files.writing import Format, Value, table_file
from libs.common.ids import new_id
from libs.common.security.roles import Role
from services.registry.vault import acts
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import IdentifierType
from tests.integration.registry.builders import COMMUNE, NEIGHBOUR, register
from tests.integration.registry.importing import OFFICER, an_office
from tests.support.edge import bearer
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT

LIST, ROLL = (form.layout for form in FORMS)
NAME, UIN, SINCE = "Đinh Văn Tỷ", "006080000123", date(2022, 1, 5)
Row = dict[str, Value]


@pytest_asyncio.fixture
async def home(registry: ServiceDatabase) -> tuple[UUID, UUID]:
    """A household and its head, who is named; the child is not."""
    [household] = await register(registry, 1)
    async with registry.as_api() as api, api.transaction(COMMUNE) as tx:
        head: UUID = await tx.fetchval(
            "SELECT person_id FROM member WHERE household_id = $1 AND relation = 'head'", household
        )
        one = PersonIdentity(head, household, SINCE, NAME, {IdentifierType.UIN: UIN}, "Bản")
        await acts.record(tx, VAULT, [one])
    return household, head


async def given_out(path: Path, layout: Layout, rows: Sequence[Row]) -> None:
    """A file as the services write it."""

    async def pages() -> AsyncIterator[Sequence[Sequence[Value]]]:
        yield [[row.get(column.name) for column in layout.columns] for row in rows]

    form = Format(path.suffix.removeprefix("."))
    content = await table_file(form, layout.name, layout.titles, pages())
    await asyncio.to_thread(path.write_bytes, content)


def read(path: Path, layout: Layout) -> list[dict[str, str]]:
    names = [column.name for column in layout.columns]
    return [
        dict(zip(names, one.cells, strict=True)) for one in read_table(path.read_bytes(), layout)
    ]


async def fill(registry: ServiceDatabase, path: Path, purpose: str = "credit", **of: Any) -> int:
    async with an_office(registry) as office:
        office.client.headers.update(of.get("caller", OFFICER))
        office.client.base_url = httpx.URL("http://service.test/v1")
        return await fill_file(office.client, path, path.with_stem("filled"), purpose)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
async def test_a_list_gets_the_heads_name_and_number_and_keeps_every_other_cell(
    registry: ServiceDatabase, home: tuple[UUID, UUID], tmp_path: Path, suffix: str
) -> None:
    line: Row = {
        "number": 1,
        "referral_id": new_id(),
        "household_id": home[0],
        "confirmed_on": date(2022, 5, 12),
        "programme": "credit.01",
        "purpose": "=nuôi bò",  # a formula, for a spreadsheet
        "amount": 40_000_000,
    }
    path = tmp_path / f"03-td{suffix}"
    await given_out(path, LIST, [line, line | {"number": 2, "household_id": new_id()}])
    assert await fill(registry, path) == 1  # of the second nothing is known
    before, after = read(path, LIST), read(path.with_stem("filled"), LIST)
    assert [one["full_name"] for one in after] == [NAME, ""]
    assert after[0] == before[0] | {"full_name": NAME, "personal_number": UIN}
    assert after[1] == before[1]
    assert [one["purpose"] for one in after] == ["=nuôi bò"] * 2


async def test_each_page_is_one_line_of_the_trail_with_its_purpose(
    registry: ServiceDatabase,
    home: tuple[UUID, UUID],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ansinh.filling.PAGE", 2)
    line: Row = {"change": "giảm", "person_id": home[1], "changed_on": date(2022, 2, 1)}
    path = tmp_path / "d03.xlsx"
    await given_out(path, ROLL, [line | {"number": number} for number in range(1, 5)])
    assert await fill(registry, path, "support.bhyt") == 0
    assert {one["full_name"] for one in read(path.with_stem("filled"), ROLL)} == {NAME}
    async with registry.as_worker() as worker:
        lines = await worker.pool.fetch(
            "SELECT kind, purpose, subjects FROM audit_line "
            "WHERE act = 'POST /v1/persons/print' AND subjects <> '{}'"
        )
    assert [tuple(one) for one in lines] == [("read", "support.bhyt", [home[1]])] * 2


async def test_without_a_purpose_of_the_office_and_outside_of_its_area_nothing_is_named(
    registry: ServiceDatabase, home: tuple[UUID, UUID], tmp_path: Path
) -> None:
    path = tmp_path / "d03.csv"
    await given_out(path, ROLL, [{"number": 1, "person_id": home[1], "change": "tăng"}])
    async with an_office(registry) as office:
        asked = {"person_ids": [str(home[1])]}
        answer = await office.client.post("/v1/persons/print", json=asked, headers=OFFICER)
        assert (answer.status_code, answer.json()["code"]) == (403, "purpose.needed")
    for purpose in ("curiosity", "inspection"):
        with pytest.raises(Unanswered) as refused:
            await fill(registry, path, purpose)
        assert refused.value.status == 403
    assert not path.with_stem("filled").exists()
    elsewhere = bearer(Role.OFFICER, areas=[NEIGHBOUR])
    assert await fill(registry, path, caller=elsewhere) == 1
    assert read(path.with_stem("filled"), ROLL)[0]["full_name"] == ""
    path.write_text("Họ tên,Mã\nA,1\n", encoding="utf-8")
    with pytest.raises(Unanswered) as refused:
        await fill(registry, path)
    assert refused.value.status == 422

"""Tables that we write: Excel opens them, nothing in them is a formula, and we read them again."""

import io
import os
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from openpyxl import load_workbook

from libs.common.files.reading import read_table
from libs.common.files.writing import MOST_LINES, Format, Value, table_file
from libs.common.problems import Problem
from tests.unit.files.test_reading import LAYOUT, TITLES

ID = UUID("0190a0a0-0000-7000-8000-000000000001")
ROWS: list[list[Value]] = [
    [1, ID, date(2022, 5, 25), 35_000_000, "HD-1"],
    [2, ID, None, None, "=cmd|' /C calc'!A0"],
    [3, ID, None, None, "-1"],
    [4, ID, None, None, "#N/A"],
    [5, ID, None, None, "hai\ndòng \x01"],
]


async def pages(*rows: Sequence[Value]) -> AsyncIterator[Sequence[Sequence[Value]]]:
    for row in rows:
        yield [row]


@pytest.mark.parametrize("form", Format)
async def test_what_is_written_is_read_again_as_it_was(form: Format) -> None:
    content = await table_file(form, "thử", TITLES, pages(*ROWS))
    lines = list(read_table(content, LAYOUT))
    assert [line.faults for line in lines] == [()] * 5
    assert lines[0].cells == (str(ID), "2022-05-25", "35000000", "HD-1")
    assert [line.cells[3] for line in lines[1:]] == [
        "=cmd|' /C calc'!A0",
        "-1",
        "#N/A",
        "hai dòng",
    ]


async def test_no_cell_of_a_csv_is_a_formula() -> None:
    content = await table_file(Format.CSV, "thử", TITLES, pages(*ROWS))
    assert content.startswith(b"\xef\xbb\xbfSTT,")
    assert ",'=cmd" in content.decode()
    assert ",'-1\r\n" in content.decode()


async def test_no_cell_of_an_xlsx_is_a_formula() -> None:
    content = await table_file(Format.XLSX, "thử", TITLES, pages(*ROWS))
    sheet = load_workbook(io.BytesIO(content)).active
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "d"}
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert sheet["C2"].value.date() == date(2022, 5, 25)
    assert (sheet["D2"].value, sheet["D3"].value) == (35_000_000, None)


@pytest.mark.parametrize("form", Format)
async def test_a_file_of_too_many_lines_is_refused_and_leaves_nothing(
    form: Format, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(MOST_LINES, form, 4)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(Problem) as caught:
        await table_file(form, "thử", TITLES, pages(*ROWS))
    assert [error.rule for error in caught.value.errors] == ["file.answer"]
    assert os.listdir(tmp_path) == []

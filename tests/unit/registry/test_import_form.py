"""What the cells of the form say, and which lines make a page."""

import io
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.files.reading import Line
from libs.common.vocabulary import ETHNICITIES, Employment, Relation, Schooling
from services.registry.imports.form import (
    FORM,
    IN_REVIEWS,
    READ,
    RowFacts,
    keys_along,
    read_row,
    with_codes,
)
from services.registry.imports.staging import packed, pages_of, unpacked
from services.registry.imports.words import ETHNICITY_NAMES, meant, written

DAY, TODAY = date(2022, 5, 1), date(2022, 6, 1)
CELLS = {
    "code": "H1",
    "commune": "01882",
    "name": "Lý Văn Páo",
    "relation": "CHU HO",
    "birth": "20/05/1980",
    "sex": "nam",
    "ethnicity": "Tày",
}


def a_line(cells: dict[str, Any], faults: tuple[tuple[str, str], ...] = ()) -> Line:
    values = CELLS | cells
    return Line(2, tuple(values.get(name, "") for name in READ), faults)


def row_of(**cells: str) -> RowFacts:
    row, errors = read_row(a_line(cells), DAY, TODAY)
    assert not errors
    assert row is not None
    return row


def test_words_are_read_without_accents_and_an_empty_cell_states_nothing() -> None:
    row = row_of(schooling="tieu hoc", birth="1980", UIN="006080 000001")
    assert (row.relation, row.schooling, row.employment) == (Relation.HEAD, Schooling.PRIMARY, None)
    assert (row.birth_date, row.birth_year) == (None, 1980)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_line_whose_commune_cannot_be_read_stays_with_its_household(place: int) -> None:
    lines = [a_line({"commune": "1882" if at == place else "01882"}) for at in range(3)]
    other = [a_line({"code": "H2"}), a_line({"code": "H2", "commune": "01873"})]
    groups = [len(list(group)) for _, group in groupby([*lines, *other], keys_along())]
    assert groups == [3, 1, 1]


HEAD, CHILD = {"number": 2}, {"code": "", "commune": "", "relation": "Con", "number": 3}


@pytest.mark.parametrize(
    ("second", "codes"),
    [
        ([CHILD, CHILD | {"number": 4}], ["H1", "H1", "H1"]),
        ([CHILD | {"commune": "01882"}], ["H1", "H1"]),  # only the code is left empty
        ([CHILD | {"commune": "01873"}], ["H1", ""]),  # of another commune
        ([CHILD | {"number": 4}], ["H1", ""]),  # a row lies between
        ([CHILD | {"relation": ""}], ["H1", ""]),  # what it is to the head is not said
        ([CHILD | {"relation": "Chủ hộ"}], ["H1", ""]),  # another household's head
        ([CHILD | {"code": "H1"}, CHILD | {"number": 4}], ["H1", "H1", ""]),  # codes are repeated
    ],
)
def test_a_line_without_a_code_goes_with_the_head_above_it_or_with_nobody(
    second: list[dict[str, Any]], codes: list[str]
) -> None:
    cells = [HEAD, *second]
    lines = [replace(a_line(one), number=one["number"]) for one in cells]
    filled = list(with_codes(lines))
    assert [line.cells[READ.index("code")] for line in filled] == codes
    taken = [line for line in filled if line.cells[READ.index("code")]]
    assert all(line.cells[READ.index("commune")] in ("01882", "") for line in taken)


def test_columns_of_a_review_are_known_and_named_and_nothing_is_taken_from_them() -> None:
    header = "Mã hộ,Mã xã,Họ tên,Quan hệ,Năm sinh,Giới tính,Dân tộc,STT thành viên"
    header += ",Điểm B1,Tổng điểm B2,Phân loại"
    file = io.BytesIO(f"{header}\nH1,01882,Lý A,Chủ hộ,1980,nam,tay,1,120,40,Hộ nghèo".encode())
    ignored: list[tuple[str, str]] = []
    [page] = pages_of(file, b"k", ignored=ignored)
    assert ignored == [
        ("member_number", "STT thành viên"),
        ("b1", "Điểm B1"),
        ("b2", "Tổng điểm B2"),
        ("class", "Phân loại"),
    ]
    assert {"b1", "b2", "class"} <= IN_REVIEWS, "of those the officer is told"
    assert "120" not in page.lines[0].cells
    assert "Điểm B1" not in FORM.titles, "no export and no report has them"


@pytest.mark.parametrize("text", ["20/05/1980", "1980-05-20", "20-5-1980", "20.05.1980"])
def test_days_are_read_day_first(text: str) -> None:
    assert row_of(birth=text).birth_date == date(1980, 5, 20)


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        ({"birth": "05/20/1980"}, "/birth", "day.unreadable"),  # month first
        ({"birth": "29346"}, "/birth", "day.unreadable"),  # a day as Excel counts it
        ({"birth": ""}, "/birth", "cell.missing"),
        ({"code": ""}, "/code", "code.missing"),
        ({"commune": "1882"}, "/commune", "commune.form"),  # Excel has dropped the zero
        ({"ethnicity": "Klingon"}, "/ethnicity", "word.unknown"),
        ({"relation": "hàng xóm"}, "/relation", "word.unknown"),
        ({"UIN": "12345"}, "/UIN", "identifier.form"),
        ({"name": "Lý 2"}, "/name", "name.form"),
        ({"person_id": "7"}, "/person_id", "id.unreadable"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(cells: dict[str, str], column: str, rule: str) -> None:
    row, errors = read_row(a_line(cells), DAY, TODAY)
    assert row is None
    assert [(error.pointer, error.rule) for error in errors] == [(column, rule)]


def test_every_fault_of_a_line_is_said_once() -> None:
    line = a_line({"name": "", "sex": "?"}, (("name", "cell.formula"),))
    _, errors = read_row(line, DAY, TODAY)
    assert {error.pointer for error in errors} == {"/name", "/sex"}


def test_our_own_ids_stand_for_code_and_name() -> None:
    one = "01a22913-0fcf-703b-bf6a-4eb6fc555a47"
    row = row_of(code="", household_id=one, name="", person_id=one)
    assert (row.code, row.name) == (None, None)


def test_each_of_the_54_ethnicities_has_its_name() -> None:
    assert ETHNICITY_NAMES.keys() == ETHNICITIES
    assert all(meant("ethnicity", name) == slug for slug, name in ETHNICITY_NAMES.items())
    assert meant("ethnicity", "H'Mông") == "mong"
    assert meant("employment", written(Employment.FARMING)) is Employment.FARMING


@given(st.lists(st.integers(1, 5), min_size=1, max_size=40))
def test_pages_hold_whole_households_and_every_line_once(sizes: list[int]) -> None:
    header = "Mã hộ,Mã xã,Họ và tên,Quan hệ,Năm sinh,Giới tính,Dân tộc\n"
    rows = [
        f"H{place},01882,A,con,1980,nam,tay"
        for place, size in enumerate(sizes)
        for _ in range(size)
    ]
    file = io.BytesIO((header + "\n".join(rows)).encode())
    pages = list(pages_of(file, b"k", lines=7))
    assert [line.number for page in pages for line in page.lines] == list(range(2, len(rows) + 2))
    keys = [key for page in pages for key in page.keys]
    assert len(keys) == len(set(keys)) == len(sizes)
    assert all(unpacked(packed(page.lines)) == page.lines for page in pages)

"""Tables as offices send them: what is right is read exactly, what is wrong is named."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from libs.common.files.layout import Column, Kind, Layout
from libs.common.files.reading import Line, read_table
from libs.common.files.rows import Limits
from libs.common.problems import Problem

LAYOUT = Layout(
    "thử",
    (
        Column("no", "STT", is_read=False),
        Column("id", "Mã giới thiệu", Kind.ID, is_needed=True),
        Column("day", "Ngày giải ngân", Kind.DAY),
        Column("amount", "Số tiền giải ngân", Kind.WHOLE),
        Column("contract", "Số hợp đồng"),
    ),
)
TITLES = [column.title for column in LAYOUT.columns]
ROW: list[Any] = [1, "A", "25/05/2022", "35.000.000", "HD-1"]
CELLS = ("A", "25/05/2022", "35.000.000", "HD-1")


def a_csv(*rows: list[Any], encoding: str = "utf-8", mark: str = ",") -> bytes:
    return "\r\n".join(mark.join(str(cell) for cell in row) for row in rows).encode(encoding)


def an_xlsx(*rows: list[Any], change: Callable[[Any], None] = lambda sheet: None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    change(book.active)
    book.save(file := io.BytesIO())
    return file.getvalue()


def read(content: bytes, limits: Limits | None = None) -> list[Line]:
    return list(read_table(content, LAYOUT, limits))


def refused(content: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Problem) as caught:
        read(content, limits)
    assert caught.value.status == 422
    return caught.value.errors[0].rule


@pytest.mark.parametrize(
    "content",
    [
        a_csv(TITLES, ROW),
        a_csv(TITLES, ROW, encoding="utf-8-sig"),
        a_csv(TITLES, ROW, mark=";"),
        a_csv(TITLES, ROW, mark="\t"),
        a_csv(TITLES, ROW).replace(b"\r\n", b"\n") + b"\n",
        a_csv([title.upper() for title in TITLES], ROW),
        "MA GIOI THIEU,So hop dong;\n".replace(";", ",ngay giai ngan,so tien GIẢI NGÂN").encode()
        + b"A,HD-1,25/05/2022,35.000.000",
        an_xlsx(TITLES, ROW),
        an_xlsx(TITLES, ROW, [None] * 5, [None] * 3),
    ],
    ids="utf-8 bom semicolon tab newline case order xlsx empty-rows".split(),
)
def test_a_table_is_read_however_it_was_saved(content: bytes) -> None:
    assert read(content) == [Line(2, CELLS)]


def test_titles_may_stand_above_the_header_and_lines_keep_their_numbers() -> None:
    rows = [["DANH SÁCH 03/TD"], [], TITLES, ROW, ["", "", "", "", ""], ROW]
    for content in (a_csv(*rows), an_xlsx(*rows)):
        assert [line.number for line in read(content)] == [4, 6]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (a_csv(TITLES, ROW, encoding="utf-16"), "file.utf16"),
        (a_csv(TITLES, ROW, encoding="utf-16-le"), "file.utf16"),
        (a_csv(TITLES, ROW).replace("ã".encode(), b"\xb7"), "file.tcvn3"),
        (a_csv(TITLES, ROW, ["", "Nguyễn"]).replace("ễ".encode(), b"e\xe3"), "file.vni"),
        (a_csv(TITLES, ROW).replace("ã".encode(), b"a\xde"), "file.encoding"),
        (an_xlsx(["M· giíi thiÖu", "Sè tiÒn"], ROW), "file.tcvn3"),
        (an_xlsx(["Maõ giôùi thieäu"], ROW), "file.vni"),
        (a_csv(TITLES, *[[]] * 10_002, ROW), "file.blank"),
        (a_csv(["Mã hé", "STT"], ROW), "header.missing"),
        (a_csv([*TITLES, "Ngày giải ngan 2"], ROW), "header.unknown"),
        (a_csv([*TITLES, "so hop dong"], ROW), "header.twice"),
        (a_csv(TITLES), "file.empty"),
        (b"", "header.missing"),
        (b"PK\x03\x04 no archive", "file.broken"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "file.old_excel"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_in_clear_words(content: bytes, rule: str) -> None:
    assert refused(content) == rule


def test_a_bad_line_does_not_reach_the_next_one() -> None:
    """A quotation mark too many would else swallow everything up to the next one."""
    content = a_csv(TITLES, ROW) + b'\r\n2,"B,25/05/2022,1,HD-2\r\n' + a_csv(ROW, [*ROW, "x"])
    assert read(content) == [
        Line(2, CELLS),
        Line(3, ("", "", "", ""), (("", "line.quotes"),)),
        Line(4, CELLS),
        Line(5, CELLS, (("", "line.width"),)),
    ]


def test_a_cell_of_excel_is_read_exactly_or_refused() -> None:
    def change(sheet: Any) -> None:
        sheet["B2"] = "=A2"
        sheet["C3"] = date(2022, 5, 25)
        sheet["E3"] = date(2022, 1, 1)  # what Excel makes of 01/2022
        sheet["D4"] = 35_000_000.0
        sheet["E4"] = 123
        sheet["E4"].number_format = "00000"
        sheet["D5"] = 35_000_000.5
        sheet["E5"] = 9_704_000_000_000_001_234
        sheet["E6"] = "#N/A"

    lines = read(an_xlsx(TITLES, *[ROW] * 5, change=change))
    assert [line.faults for line in lines] == [
        (("id", "cell.formula"),),
        (("contract", "cell.became_day"),),
        (),
        (("contract", "cell.digits"),),
        (("contract", "cell.error"),),
    ]
    assert lines[1].cells[1] == "2022-05-25"
    assert lines[2].cells[2:] == ("35000000", "00123")
    assert lines[3].cells[2] == "35000000.5"


def test_cells_merged_among_the_lines_are_refused_and_above_the_header_are_not() -> None:
    rows = [["DANH SÁCH"], TITLES, ROW, ROW]
    assert len(read(an_xlsx(*rows, change=lambda sheet: sheet.merge_cells("A1:E1")))) == 2
    merged = an_xlsx(*rows, change=lambda sheet: sheet.merge_cells("C3:C4"))
    assert refused(merged) == "file.merged"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Nguyễn Văn Thừa", None),
        ("Hoàng Thị Thuý, Hoà Huế, toán", None),
        ("Anna Müller", None),
        ("Xã Nghiên Loan · thôn 3", None),
        ("NguyÔn V¨n Thõa", "cell.tcvn3"),
        ("Ph¹m ThÞ H­¬ng", "cell.tcvn3"),
        ("Lª §øc Thä", "cell.tcvn3"),
        ("Nguyeãn Vaên Thöøa", "cell.vni"),
        ("Traàn Thò Höôøng", "cell.vni"),
        ("Ñaëng Vuõ", "cell.vni"),
    ],
)
def test_old_encodings_are_named_and_nothing_is_guessed(text: str, rule: str | None) -> None:
    (line,) = read(an_xlsx(TITLES, [1, "A", "", "", text]))
    assert line.faults == ((("contract", rule),) if rule else ())


def test_what_we_neutralised_comes_back_as_it_was() -> None:
    assert read(a_csv(TITLES, [1, "A", "", "", "'-1"]))[0].cells[3] == "-1"


def test_limits_hold_for_lines_columns_letters_and_what_an_archive_unpacks_to() -> None:
    plain = an_xlsx(TITLES, ROW, ROW, ROW)
    assert refused(plain, Limits(rows=2)) == "file.long"
    assert refused(a_csv(TITLES, ROW, ROW, ROW), Limits(rows=2)) == "file.long"
    assert refused(a_csv(TITLES, ROW), Limits(columns=3)) == "file.wide"
    assert refused(plain, Limits(inflated=1_000)) == "file.inflates"
    long = read(a_csv(TITLES, [1, "A", "", "", "x" * 20]), Limits(letters=10))
    assert long == [Line(2, ("A", "", "", "x" * 10), (("contract", "cell.long"),))]


def rezipped(content: bytes, path: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same archive with one part changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    parts[path] = change(parts.get(path, b""))
    with zipfile.ZipFile(file := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def test_an_archive_that_lies_about_its_size_is_refused() -> None:
    """The size is declared in the directory; what is really unpacked is counted."""
    few = Limits(inflated=1_000_000)
    bomb = rezipped(an_xlsx(TITLES, ROW), "xl/media/x.png", lambda _: b"\0" * 3_000_000)
    assert refused(bomb, few) == "file.inflates"
    place = bomb.rindex(b"PK\x01\x02", 0, bomb.rindex(b"xl/media/x.png"))
    liar = bytearray(bomb)
    liar[place + 24 : place + 28] = (10).to_bytes(4, "little")
    assert refused(bytes(liar), few) in ("file.inflates", "file.broken")


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("path", "old", "new", "rule"),
    [
        # Rows out of their order are never given, and yet would all be kept.
        (SHEET, b"</sheetData>", b'<row r="1"/>' * 3_000 + b"</sheetData>", "file.long"),
        (SHEET, b"</row>", b"<c/>" * 600_000 + b"</row>", "file.wide"),
        (SHEET, b"<sheetData>", b"<!--<row>--><sheetData>", "file.broken"),
        ("xl/styles.xml", b"<cellXfs", b"<x/>" * 20_000 + b"<cellXfs", "file.inflates"),
        (SHEET, b"<worksheet", b"<?xml version='1.0' encoding='cp037'?><worksheet", "file.broken"),
    ],
)
def test_a_small_archive_does_not_become_a_large_tree(
    path: str, old: bytes, new: bytes, rule: str
) -> None:
    content = rezipped(an_xlsx(TITLES, ROW), path, lambda part: part.replace(old, new, 1))
    assert refused(content, Limits(rows=1_000, tags=10_000, blank=100)) == rule


def test_entities_are_not_expanded() -> None:
    """The billion laughs: defusedxml refuses to begin."""
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet xmlns='
    content = rezipped(
        an_xlsx(TITLES, ROW),
        SHEET,
        lambda sheet: sheet.replace(b"<worksheet xmlns=", laughs).replace(b"HD-1", b"&b;"),
    )
    assert refused(content) == "file.broken"


WHOLE = [an_xlsx(TITLES, ROW), a_csv(TITLES, ROW)]


@given(st.data())
def test_whatever_is_damaged_is_read_or_refused(data: st.DataObject) -> None:
    """A byte here and there, or an end that is missing: never a failure of ours."""
    content = bytearray(data.draw(st.sampled_from(WHOLE)))
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)) | st.just(len(content)))
    with suppress(Problem):
        read(bytes(content[:cut]))

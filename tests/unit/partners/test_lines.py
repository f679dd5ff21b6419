"""A page of a list: each line by itself, whatever it holds, and never said back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.partners.reconciling.intake import CSV, JSON, parse
from libs.common.partners.reconciling.lines import (
    MOST_LINES,
    Unreadable,
    copied,
    page_and_line,
    place_of,
    reader_of,
)
from libs.common.problems import Problem
from services.eligibility.reconciling.store import ROLL

PERSON, HOUSEHOLD = "0198a7c2-0000-7000-8000-000000000001", "0198a7c2-0000-7000-8000-000000000002"
LAYOUT = ROLL.layout(["household_id", "group", "until"])
HEADING = "person_id,household_id,group,until"
LINE = f"{PERSON},{HOUSEHOLD},HN,2022-12-31"


def read(text: str) -> Any:
    return reader_of(LAYOUT).csv(text)


def test_a_line_as_it_should_be_is_kept_as_it_came() -> None:
    page = read(f"{HEADING}\n{LINE}\n")
    assert [tuple(one) for one in page.lines] == [(1, PERSON, f"{HOUSEHOLD},HN,2022-12-31")]
    assert page.unreadable == []


@pytest.mark.parametrize(
    "row",
    [
        f"{PERSON.upper()},{HOUSEHOLD},HN,2022-12-31",
        f" {PERSON} ,{HOUSEHOLD}, HN,2022-12-31\r",
        f'"{PERSON}","{HOUSEHOLD}","HN","2022-12-31"',
    ],
)
def test_what_is_easily_tidied_is_the_same_line(row: str) -> None:
    assert read(f"{HEADING}\r\n{row}\n").lines == read(f"{HEADING}\n{LINE}\n").lines


def test_columns_may_come_in_another_order_and_be_parted_by_semicolons() -> None:
    page = read(f"\ufeffuntil;group;household_id;person_id\n2022-12-31;HN;{HOUSEHOLD};{PERSON}")
    assert page.lines == read(f"{HEADING}\n{LINE}").lines


def test_an_end_may_be_left_open() -> None:
    [line] = read(f"{HEADING}\n{PERSON},{HOUSEHOLD},HN,\n").lines
    assert line.fields == f"{HOUSEHOLD},HN,"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (f"{PERSON},{HOUSEHOLD},HN,31/12/2022", "until"),
        (f"{PERSON},{HOUSEHOLD},,2022-12-31", "group"),
        (f",{HOUSEHOLD},HN,2022-12-31", "person_id"),
        (f'{PERSON},"Nguyễn, A",HN,2022-12-31', "household_id"),
        (f"{PERSON},{HOUSEHOLD},HN", None),
        (f'{PERSON},"{HOUSEHOLD},HN,2022-12-31', None),
        ("", None),
        ("\x00\t\\N", None),
    ],
)
def test_one_bad_line_is_reported_by_its_column_and_the_others_count(
    row: str, field: str | None
) -> None:
    page = read(f"{HEADING}\n{LINE}\n{row}\n{LINE}\n")
    assert [one.line for one in page.lines] == [1, 3]
    assert page.unreadable == [Unreadable(2, field)]


def test_a_byte_that_is_no_text_spoils_its_own_line_alone() -> None:
    body = f"{HEADING}\n{LINE}\n".encode() + b"\xff\xfe," * 3 + f"\n{LINE}".encode()
    page, _ = parse(LAYOUT, "text/csv; charset=utf-8", body)
    assert ([one.line for one in page.lines], page.size) == ([1, 3], 3)


def test_json_says_the_same() -> None:
    values = dict(zip(HEADING.split(","), LINE.split(","), strict=True))
    rows = [values, {**values, "name": "Nguyễn Thị A"}, {**values, "group": 7.5}, None, values]
    page, _ = parse(LAYOUT, JSON, json.dumps({"lines": rows}).encode())
    assert [one.fields for one in page.lines] == [read(f"{HEADING}\n{LINE}").lines[0].fields] * 2
    assert page.unreadable == [Unreadable(2, None), Unreadable(3, "group"), Unreadable(4, None)]


@pytest.mark.parametrize(
    ("media", "body", "status"),
    [
        ("application/xml", b"<a/>", 415),
        (JSON, b"{", 400),
        (JSON, b"[" * 40 + b"]" * 40, 422),
        (JSON, b'{"lines": {}}', 422),
        (CSV, b"person_id,name\n", 422),
        (CSV, HEADING.encode() + b"\n" * (MOST_LINES + 2), 422),
        (CSV, b"\n" * 1_000_000, 422),
        (JSON, b'{"lines": [' + b"{}," * MOST_LINES + b"{}]}", 422),
        (JSON, b'{"lines": [' + b"1," * 1_000_000 + b"1]}", 422),
    ],
)
def test_what_is_no_page_is_refused_whole(media: str, body: bytes, status: int) -> None:
    with pytest.raises(Problem) as refused:
        parse(LAYOUT, media, body)
    assert refused.value.status == status


@given(st.lists(st.text(max_size=60), max_size=8))
def test_every_line_is_either_read_or_reported_and_none_breaks_out(rows: list[str]) -> None:
    rows = [row.replace("\n", " ") for row in rows] + [LINE]
    page = read("\n".join([HEADING, *rows]))
    lines = sorted([one.line for one in page.lines] + [one.line for one in page.unreadable])
    assert lines == list(range(1, len(rows) + 1))
    written = copied("id", 7, page.lines).decode().split("\n")
    assert [row.count("\t") for row in written[:-1]] == [3] * len(page.lines)
    assert [page_and_line(int(row.split("\t")[1])) for row in written[:-1]] == [
        (7, one.line) for one in page.lines
    ]


@given(st.integers(1, 10_000), st.integers(1, MOST_LINES))
def test_a_place_says_page_and_line(page: int, line: int) -> None:
    assert page_and_line(place_of(page, line)) == (page, line)

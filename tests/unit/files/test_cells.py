"""What a cell's text means: exactly, or not at all."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.files.cells import day_of, id_of, whole_of


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2022-05-25", date(2022, 5, 25)),
        ("25/05/2022", date(2022, 5, 25)),
        ("5/6/2022", date(2022, 6, 5)),  # the day first, always
        ("25.5.2022", date(2022, 5, 25)),
        ("25-05-2022", date(2022, 5, 25)),
        ("05/25/2022", None),
        ("25/05/22", None),
        ("30/02/2022", None),
        ("44706", None),
        ("2022-05-25T10:00:00", None),
        ("0001-01-01", None),
        ("", None),
    ],
)
def test_a_day_is_read_one_way_only(text: str, day: date | None) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("35000000", 35_000_000),
        ("35.000.000", 35_000_000),
        ("35,000,000", 35_000_000),
        ("35 000 000", 35_000_000),
        ("0", 0),
        ("35.000,00", None),
        ("35.000,000", None),
        ("1.5", None),
        ("35.00", None),
        ("-5", None),
        ("3,5E+07", None),
        ("35 triệu", None),
        ("", None),
    ],
)
def test_a_number_is_whole_or_none(text: str, number: int | None) -> None:
    assert whole_of(text) == number


@given(st.integers(0, 10**15))
def test_grouping_changes_no_number(number: int) -> None:
    for mark in ".,":
        assert whole_of(f"{number:,}".replace(",", mark)) == number


@given(st.uuids())
def test_an_id_is_read_as_it_was_written(one: object) -> None:
    assert id_of(str(one)) == one
    assert id_of(f"{{{one}}}") is None

"""The official flow tables: which column a household belongs to, and that the sums hold."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.indicators.domain import (
    NEAR_POOR,
    POOR,
    Course,
    Movement,
    denominator_year,
    flow_table,
    movement,
    rate_percent,
)

CLASSES = ["", "poor", "near_poor", "average_living", "none"]


def a_course(
    start: str | None, end: str | None, entry: str = "", before: frozenset[str] = frozenset()
) -> Course:
    return Course(start, end, entry, before, persons_start=4, persons_end=4, persons_both=4)


@pytest.mark.parametrize(
    ("course", "poor", "near_poor"),
    [
        (a_course("poor", "poor"), Movement.STAYED, None),
        (a_course("poor", "near_poor"), Movement.TO_OTHER, Movement.FROM_OTHER),
        (a_course("poor", "average_living"), Movement.ROSE, None),
        (a_course("poor", "none"), Movement.ROSE, None),
        (a_course("poor", ""), Movement.ROSE, None),
        (a_course("poor", None), Movement.OTHER_DECREASE, None),
        (a_course("near_poor", "poor"), Movement.FROM_OTHER, Movement.TO_OTHER),
        (a_course("near_poor", "none"), None, Movement.ROSE),
        (a_course("near_poor", None), None, Movement.OTHER_DECREASE),
        (a_course("none", "poor"), Movement.NEW, None),
        (a_course("", "poor"), Movement.NEW, None),
        (a_course("none", "poor", before=frozenset({"poor"})), Movement.AGAIN, None),
        (a_course("none", "poor", before=frozenset({"near_poor"})), Movement.NEW, None),
        (a_course("none", "near_poor", before=frozenset({"near_poor"})), None, Movement.AGAIN),
        (a_course(None, "poor", entry="poor"), Movement.OTHER_INCREASE, None),
        (a_course(None, "poor", entry="near_poor"), Movement.OTHER_INCREASE, None),
        (a_course(None, "near_poor", entry="poor"), None, Movement.OTHER_INCREASE),
        (a_course(None, "poor", entry=""), Movement.NEW, None),
        (a_course(None, "poor", "none", frozenset({"poor"})), Movement.AGAIN, None),
        (a_course("none", "average_living"), None, None),
        (a_course(None, None), None, None),
    ],
)
def test_column_of_a_household(
    course: Course, poor: Movement | None, near_poor: Movement | None
) -> None:
    assert movement(course, POOR) == poor
    assert movement(course, NEAR_POOR) == near_poor


def test_members_who_joined_or_left_count_as_other() -> None:
    course = Course("poor", "poor", "", frozenset(), 5, 4, 3)
    persons = flow_table([course], POOR).persons
    assert persons.start == 5
    assert persons.columns[Movement.OTHER_DECREASE] == 2
    assert persons.columns[Movement.OTHER_INCREASE] == 1
    assert persons.end == persons.computed_end == 4


@st.composite
def courses(draw: st.DrawFn) -> Course:
    start, end = (draw(st.sampled_from([None, *CLASSES])) for _ in range(2))
    both = draw(st.integers(0, 5))
    return Course(
        start=start,
        end=end,
        entry=draw(st.sampled_from(CLASSES)),
        before=draw(st.frozensets(st.sampled_from(CLASSES))),
        persons_start=both + draw(st.integers(0, 5)),
        persons_end=both + draw(st.integers(0, 5)),
        persons_both=both,
    )


@given(st.lists(courses()))
def test_nine_is_one_less_decreases_plus_increases(found: list[Course]) -> None:
    poor, near_poor = flow_table(found, POOR), flow_table(found, NEAR_POOR)
    for table in (poor, near_poor):
        assert table.households.end == table.households.computed_end
        assert table.persons.end == table.persons.computed_end


@given(st.lists(courses()))
def test_what_one_table_gives_to_the_other_the_other_takes(found: list[Course]) -> None:
    poor, near_poor = flow_table(found, POOR), flow_table(found, NEAR_POOR)
    for row in ("households", "persons"):
        one, other = getattr(poor, row).columns, getattr(near_poor, row).columns
        assert one[Movement.TO_OTHER] == other[Movement.FROM_OTHER]
        assert one[Movement.FROM_OTHER] == other[Movement.TO_OTHER]


@pytest.mark.parametrize(
    ("part", "whole", "rate"),
    [
        (21_946, 81_493, "26.93"),
        (7_935, 81_493, "9.74"),
        (1, 800, "0.13"),  # 0.125 rounds up
        (0, 10, "0.00"),
    ],
)
def test_rates_have_two_decimals_half_up(part: int, whole: int, rate: str) -> None:
    assert rate_percent(part, whole) == Decimal(rate)


@pytest.mark.parametrize("whole", [None, 0])
def test_no_rate_without_a_denominator(whole: int | None) -> None:
    assert rate_percent(3, whole) is None


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2022, 1, 1), 2021),
        (date(2021, 12, 31), 2021),
        (date(2021, 12, 30), 2020),
        (date(2022, 12, 30), 2021),
    ],
)
def test_denominator_is_the_year_end_nearest_on_or_before(day: date, year: int) -> None:
    assert denominator_year(day) == year

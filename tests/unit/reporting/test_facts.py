"""Class and residence over time, from what was said."""

from datetime import date, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.facts.domain import (
    Residence,
    Said,
    class_on,
    class_steps,
    outside,
    residences,
)

JAN, JUN, DEC = date(2022, 1, 1), date(2022, 6, 1), date(2022, 12, 1)


def test_adjoining_periods_make_one_step_each_and_a_gap_is_no_class() -> None:
    steps = class_steps([(JUN, DEC, "near_poor"), (JAN, JUN, "poor")])
    assert steps == ([JAN, JUN, DEC], ["poor", "near_poor", ""])


def test_a_class_confirmed_again_is_one_spell() -> None:
    assert class_steps([(JAN, JUN, "poor"), (JUN, None, "poor")]) == ([JAN], ["poor"])


@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.integers(0, 9), st.sampled_from(["poor", "none"])),
        max_size=6,
    ),
    st.integers(-5, 300),
)
def test_steps_say_the_same_as_the_periods(spans: list[tuple[int, int, str]], day: int) -> None:
    periods, at = [], JAN
    for length, gap, name in spans:
        periods.append((at, at + timedelta(days=length), name))
        at += timedelta(days=length + gap)
    asked = JAN + timedelta(days=day)
    wanted = [name for start, end, name in periods if start <= asked < end]
    assert class_on(class_steps(periods), asked) == (wanted[0] if wanted else "")


def test_what_held_while_a_household_was_closed_is_cut_out() -> None:
    away = [(JAN, JUN), (DEC, date(2023, 2, 1))]
    assert outside((JUN, DEC), away) == [(JUN, DEC)]
    assert outside((JAN, JUN), away) == []
    assert outside((date(2021, 1, 1), None), away) == [
        (date(2021, 1, 1), JAN),
        (JUN, DEC),
        (date(2023, 2, 1), None),
    ]


def said(version: int, commune: str, lives_from: date, closed_on: date | None = None) -> Said:
    return Said(version, commune, lives_from, JAN, closed_on)


def test_a_move_ends_the_residence_before_it() -> None:
    moved = [said(1, "A", JAN), said(2, "B", JUN, closed_on=DEC)]
    assert residences(moved) == {
        1: [Residence("A", JAN, JAN, None)],
        2: [Residence("A", JAN, JAN, JUN), Residence("B", JUN, JUN, DEC)],
    }


def test_a_later_version_may_take_a_move_back() -> None:
    taken_back = [said(1, "A", JAN), said(2, "B", JUN), said(3, "A", JAN)]
    assert residences(taken_back)[3] == [Residence("A", JAN, JAN, None)]


def test_order_of_arrival_does_not_matter() -> None:
    facts = [said(1, "A", JAN), said(2, "B", JUN), said(3, "C", DEC)]
    answers = [residences(order) for order in permutations(facts)]
    assert all(answer == answers[0] for answer in answers)

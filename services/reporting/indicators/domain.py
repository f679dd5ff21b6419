"""Rates and the official flow tables of poor and near-poor households. Pure.

The tables are those of the yearly review report: 1 at start; 2 to the other class; 3 rose above
near-poor; 4 other decrease; 5 from the other class; 6 again (tái nghèo); 7 new (phát sinh mới);
8 other increase; 9 at end = 1-2-3-4+5+6+7+8. The store counts the same with one set query; tests
hold the two together.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum

POOR = "poor"
NEAR_POOR = "near_poor"
OTHER_CLASS = {POOR: NEAR_POOR, NEAR_POOR: POOR}


class Movement(IntEnum):
    """What became of a household between start and end; the value is the table's column."""

    STAYED = 0
    TO_OTHER = 2
    ROSE = 3
    OTHER_DECREASE = 4
    FROM_OTHER = 5
    AGAIN = 6
    NEW = 7
    OTHER_INCREASE = 8


@dataclass(frozen=True, slots=True)
class Course:
    """One household between two days, seen from an area under one standard.

    Attributes:
        start: class on the first day; '' without class; None while it does not live in the area.
        end: the same on the last day.
        entry: class on the day on which it came into the area; read only where `start` is None.
        before: the classes it ever had before the spell that holds on the last day began.
        persons_start: members on the first day. persons_end: members on the last day.
        persons_both: members on both days.
    """

    start: str | None
    end: str | None
    entry: str
    before: frozenset[str]
    persons_start: int
    persons_end: int
    persons_both: int


@dataclass
class Flow:
    """One row of a flow table: nine columns, for households or for persons."""

    start: int = 0
    end: int = 0
    columns: dict[Movement, int] = field(
        default_factory=lambda: {movement: 0 for movement in Movement if movement}
    )

    @property
    def computed_end(self) -> int:
        """1-2-3-4+5+6+7+8."""
        return self.start + sum(
            count if movement >= Movement.FROM_OTHER else -count
            for movement, count in self.columns.items()
        )

    def add(self, movement: Movement, count: int) -> None:
        if movement is not Movement.STAYED:
            self.columns[movement] += count


@dataclass
class FlowTable:
    """The changes of one class: a row for households, a row for persons."""

    households: Flow = field(default_factory=Flow)
    persons: Flow = field(default_factory=Flow)


def movement(course: Course, target: str) -> Movement | None:
    """Which column a household belongs to in the table of `target` (poor or near-poor).

    A household that came into the area with one of the two classes is another increase: the area
    did not see it fall. One that got its class after it came is new, or again.

    Returns:
        None when it has the class on neither day.
    """
    other = OTHER_CLASS[target]
    if course.start == target:
        if course.end is None:
            return Movement.OTHER_DECREASE
        if course.end == target:
            return Movement.STAYED
        return Movement.TO_OTHER if course.end == other else Movement.ROSE
    if course.end != target:
        return None
    if course.start is None and course.entry in OTHER_CLASS:
        return Movement.OTHER_INCREASE
    if course.start == other:
        return Movement.FROM_OTHER
    return Movement.AGAIN if target in course.before else Movement.NEW


def flow_table(courses: Iterable[Course], target: str) -> FlowTable:
    """The table of one class over all households that touch it.

    Persons go with their household; who joined or left a household that stayed in the area counts
    as other increase or other decrease.
    """
    table = FlowTable()
    for course in courses:
        kind = movement(course, target)
        if kind is None:
            continue
        table.households.add(kind, 1)
        if course.start == target:
            table.households.start += 1
            table.persons.start += course.persons_start
        if course.end == target:
            table.households.end += 1
            table.persons.end += course.persons_end
        if course.start is None:
            table.persons.add(kind, course.persons_end)
        elif course.end is None:
            table.persons.add(kind, course.persons_start)
        else:
            table.persons.add(kind, course.persons_both)
            if course.start == target:
                left = course.persons_start - course.persons_both
                table.persons.add(Movement.OTHER_DECREASE, left)
            if course.end == target:
                joined = course.persons_end - course.persons_both
                table.persons.add(Movement.OTHER_INCREASE, joined)
    return table


def rate_percent(part: int, whole: int | None) -> Decimal | None:
    """Share in percent to two decimals, half up; None without a whole to divide by."""
    if not whole:
        return None
    return (Decimal(part * 100) / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def denominator_year(day: date) -> int:
    """The year whose end is nearest on or before the day: 1/1/2022 counts on the end of 2021."""
    return day.year if (day.month, day.day) == (12, 31) else day.year - 1

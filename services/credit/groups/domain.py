"""What a savings-and-credit group may be. Pure: days and limits are arguments."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from uuid import UUID

from libs.common.policy import Book, load_book
from libs.common.problems import FieldError, Problem, Text

_TITLE = Text("Thay đổi của Tổ không hợp lệ.", "This cannot be done to the group.")


class Union(StrEnum):
    """The entrusted unions that run the groups."""

    WOMEN = "women"  # Hội Liên hiệp Phụ nữ
    FARMERS = "farmers"  # Hội Nông dân
    VETERANS = "veterans"  # Hội Cựu chiến binh
    YOUTH = "youth"  # Đoàn Thanh niên


class Grade(StrEnum):
    GOOD = "good"  # Tốt
    FAIR = "fair"  # Khá
    AVERAGE = "average"  # Trung bình
    WEAK = "weak"  # Yếu


@dataclass(frozen=True, slots=True)
class Size:
    """How many members a group has, and by which document."""

    least: int
    most: int
    document: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A group as it is on a day; `members` are those of that day."""

    group_id: UUID
    commune: str
    village: str
    union: Union
    founded_on: date
    members: int
    grade: Grade | None = None
    graded_on: date | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A household in a group over `[joined_on, left_on)`; None is open."""

    household_id: UUID
    person_id: UUID | None
    joined_on: date
    left_on: date | None

    def __post_init__(self) -> None:
        if self.left_on is not None and self.left_on <= self.joined_on:
            raise ValueError("a member leaves after joining")


@cache
def groups_book() -> Book:
    """The rule tables on groups, read once."""
    return load_book(Path(__file__).parent / "law")


def size_on(day: date, book: Book) -> Size:
    """The size by the rule of a day; before the first known rule, the first."""
    table = book.find("group.size", day) or book.versions("group.size")[0]
    benefit = table.rows[0].benefit
    return Size(
        int(str(benefit["least_members"])),
        int(str(benefit["most_members"])),
        table.source.document,
        table.source.is_confirmed,
    )


def is_complete(members: int, size: Size) -> bool:
    """Whether a group may vote on loans."""
    return members >= size.least


def check_join(
    most_at_once: int, joined_on: date, founded_on: date, today: date, size: Size
) -> None:
    """Whether one more may join.

    Args:
        most_at_once: the largest number of members on any day from `joined_on` on.

    Raises:
        Problem: 409 the group is full; 422 wrong day.
    """
    if not founded_on <= joined_on <= today:
        raise Problem(422, "group.refused", _TITLE, [_day("/joined_on")])
    if most_at_once < size.most:
        return
    message = Text(
        f"Tổ đã đủ {size.most} tổ viên ({size.document}).",
        f"The group has all its {size.most} members ({size.document}).",
    )
    fix = Text("Chọn Tổ khác hoặc lập Tổ mới.", "Choose another group or found one.")
    raise Problem(
        409, "group.full", _TITLE, [FieldError("/household_id", "group.full", message, fix)]
    )


def check_leave(member: Member, left_on: date, today: date) -> None:
    """Whether a member may leave on a day.

    Raises:
        Problem: 422 wrong day.
    """
    if not member.joined_on < left_on <= today:
        raise Problem(422, "group.refused", _TITLE, [_day("/query/left_on")])


def check_day(pointer: str, day: date, founded_on: date, today: date) -> None:
    """Whether something can have been done with the group on a day.

    Raises:
        Problem: 422 wrong day.
    """
    if not founded_on <= day <= today:
        raise Problem(422, "group.refused", _TITLE, [_day(pointer)])


def check_review_year(year: int, done_on: date) -> None:
    """A year's review is done in that year or in the next.

    Raises:
        Problem: 422 wrong year.
    """
    if done_on.year not in (year, year + 1):
        message = Text("Năm kiểm tra không khớp ngày.", "The year does not fit the day.")
        fix = Text("Kiểm tra lại năm và ngày.", "Check the year and the day.")
        error = FieldError("/done_on", "group.review_year", message, fix)
        raise Problem(422, "group.refused", _TITLE, [error])


def conflict(pointer: str, rule: str, message: Text) -> Problem:
    """Something else is already recorded."""
    fix = Text("Đọc lại Tổ và đối chiếu.", "Read the group again and compare.")
    return Problem(409, rule, _TITLE, [FieldError(pointer, rule, message, fix)])


def _day(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "group.day",
        Text(
            "Ngày phải từ ngày lập Tổ (hoặc sau ngày vào Tổ) đến hôm nay.",
            "The day must lie between the founding, or the day after joining, and today.",
        ),
        Text("Kiểm tra lại ngày.", "Check the day."),
    )

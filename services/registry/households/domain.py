"""What a household must be to be registered: every rule, each with the field that breaks it.

Pure: the day is an argument. Messages never repeat the value that broke a rule.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.problems import FieldError, Text
from libs.common.vocabulary import (
    ETHNICITIES,
    Disability,
    Employment,
    Relation,
    Schooling,
    Sex,
)

OLDEST_YEARS = 130


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """A person while in the household, over `[joined_on, left_on)`."""

    person_id: UUID
    birth_date: date | None
    birth_year: int | None
    sex: Sex
    ethnicity: str
    relation: Relation
    disability: Disability
    schooling: Schooling
    employment: Employment
    has_pension: bool
    joined_on: date
    left_on: date | None
    is_low_income_worker: bool = False

    @property
    def year(self) -> int:
        """The year of birth, from whichever of the two facts is known."""
        if self.birth_date is not None:
            return self.birth_date.year
        return self.birth_year or 0


@dataclass(frozen=True, slots=True)
class HouseholdFacts:
    """A household as an officer states it. It lives in `commune` from `lives_there_from` on.

    `village` is the name of the village (thôn), where it is known.
    """

    household_id: UUID
    registered_on: date
    commune: str
    lives_there_from: date
    is_farm_household: bool
    members: tuple[MemberFacts, ...]
    village: str | None = None

    @property
    def recorded_day(self) -> date:
        """The day on which the commune's code must have been a unit's code."""
        return max(self.registered_on, self.lives_there_from)


def check_household(facts: HouseholdFacts, today: date, pointer: str = "") -> list[FieldError]:
    """Every broken rule of one household.

    Args:
        facts: the household.
        today: the day in Vietnam.
        pointer: JSON pointer of the household in the request, e.g. `/households/3`.
    """
    errors: list[FieldError] = []
    if facts.registered_on > today:
        errors.append(_future(f"{pointer}/registered_on"))
    if facts.lives_there_from > today:
        errors.append(_future(f"{pointer}/residence/from_day"))
    heads = sum(m.relation is Relation.HEAD and m.left_on is None for m in facts.members)
    if heads != 1:
        errors.append(_heads(f"{pointer}/members", heads))
    seen = Counter(member.person_id for member in facts.members)
    for place, member in enumerate(facts.members):
        at = f"{pointer}/members/{place}"
        if seen[member.person_id] > 1:
            errors.append(_twice(f"{at}/person_id"))
        errors.extend(_check_birth(member, today, at))
        errors.extend(_check_membership(member, today, at))
        if member.ethnicity not in ETHNICITIES:
            errors.append(_unknown_ethnicity(f"{at}/ethnicity"))
    return errors


def changed_members(
    before: Sequence[MemberFacts], after: Sequence[MemberFacts]
) -> tuple[list[UUID], list[int]]:
    """What a correction changes.

    Returns:
        The persons whose known row no longer holds, and the places in `after` to be written.
    """
    known = {member.person_id: (place, member) for place, member in enumerate(before)}
    kept: set[UUID] = set()
    written: list[int] = []
    for place, member in enumerate(after):
        if known.get(member.person_id) == (place, member):
            kept.add(member.person_id)
        else:
            written.append(place)
    return [member.person_id for member in before if member.person_id not in kept], written


def _check_birth(member: MemberFacts, today: date, at: str) -> Iterator[FieldError]:
    if member.birth_date is None and member.birth_year is None:
        yield FieldError(
            f"{at}/birth_year",
            "birth.missing",
            Text("Thiếu ngày sinh hoặc năm sinh.", "Birth date or birth year is missing."),
            Text("Nhập ngày sinh, hoặc chỉ năm sinh.", "Give the birth date or only the year."),
        )
        return
    field = "birth_date" if member.birth_date is not None else "birth_year"
    if member.year > today.year or (member.birth_date is not None and member.birth_date > today):
        yield FieldError(
            f"{at}/{field}",
            "birth.future",
            Text("Ngày sinh ở tương lai.", "The birth lies in the future."),
            Text("Kiểm tra lại ngày, tháng, năm sinh.", "Check day, month and year."),
        )
    elif member.year < today.year - OLDEST_YEARS:
        yield FieldError(
            f"{at}/{field}",
            "birth.implausible",
            Text("Năm sinh quá xa.", "The birth lies too far back."),
            Text("Kiểm tra lại năm sinh.", "Check the year of birth."),
        )
    if member.birth_year is not None and member.birth_year != member.year:
        yield FieldError(
            f"{at}/birth_year",
            "birth.mismatch",
            Text("Năm sinh khác với ngày sinh.", "The birth year is not that of the birth date."),
            Text("Sửa một trong hai, hoặc bỏ năm sinh.", "Mend one, or leave the year out."),
        )


def _check_membership(member: MemberFacts, today: date, at: str) -> Iterator[FieldError]:
    if member.joined_on > today:
        yield _future(f"{at}/joined_on")
    if member.birth_date is not None and member.joined_on < member.birth_date:
        yield FieldError(
            f"{at}/joined_on",
            "membership.before_birth",
            Text("Vào hộ trước khi sinh.", "Joined the household before being born."),
            Text("Sửa ngày vào hộ hoặc ngày sinh.", "Mend the day of joining or of birth."),
        )
    if member.left_on is None:
        return
    if member.left_on > today:
        yield _future(f"{at}/left_on")
    if member.left_on <= member.joined_on:
        yield FieldError(
            f"{at}/left_on",
            "membership.left_before_joined",
            Text("Ngày rời hộ phải sau ngày vào hộ.", "Leaving must come after joining."),
            Text("Sửa ngày vào hộ hoặc ngày rời hộ.", "Mend one of the two days."),
        )


def _future(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "day.future",
        Text("Ngày ở tương lai.", "The day lies in the future."),
        Text("Nhập ngày không sau hôm nay.", "Give a day that is not after today."),
    )


def _heads(pointer: str, heads: int) -> FieldError:
    if heads == 0:
        return FieldError(
            pointer,
            "head.missing",
            Text("Hộ không có chủ hộ.", "The household has no head."),
            Text("Chọn một thành viên làm chủ hộ.", "Name one present member as head."),
        )
    return FieldError(
        pointer,
        "head.several",
        Text("Hộ có nhiều hơn một chủ hộ.", "The household has more than one head."),
        Text("Chỉ giữ một chủ hộ.", "Keep one head only."),
    )


def _twice(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "person.twice",
        Text("Một người được ghi hai lần trong hộ.", "The person stands twice in the household."),
        Text("Bỏ một dòng.", "Remove one of the lines."),
    )


def _unknown_ethnicity(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "ethnicity.unknown",
        Text("Dân tộc không có trong danh mục.", "The ethnicity is not in the official list."),
        Text("Dùng mã trong danh mục 54 dân tộc.", "Use a code of the list of 54."),
    )

"""What a household must be to be registered: every rule, each with the field that breaks it.

Pure: the day is an argument. Messages never repeat the value that broke a rule.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from uuid import UUID

from libs.common.problems import FieldError, Text
from libs.common.vocabulary import (
    ETHNICITIES,
    Disability,
    Employment,
    LeftReason,
    Relation,
    Schooling,
    Sex,
)

OLDEST_YEARS = 130
LONGEST_VILLAGE = 100

Stay = tuple[UUID, date]  # a person and the day of joining: one membership of a household


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
    left_reason: LeftReason | None = None

    @property
    def stay(self) -> "Stay":
        """What tells this membership from others of the same household."""
        return self.person_id, self.joined_on

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
    if error := check_head(facts.members, f"{pointer}/members"):
        errors.append(error)
    twice = _at_the_same_time(facts.members)
    for place, member in enumerate(facts.members):
        at = f"{pointer}/members/{place}"
        if member.person_id in twice:
            errors.append(_twice(f"{at}/person_id"))
        errors.extend(check_member(member, today, at))
    return errors


def check_member(member: MemberFacts, today: date, at: str) -> Iterator[FieldError]:
    """Every broken rule of one member, who stands at `at` in the request."""
    yield from _check_birth(member, today, at)
    yield from _check_membership(member, today, at)
    if member.ethnicity not in ETHNICITIES:
        yield _unknown_ethnicity(f"{at}/ethnicity")


def check_head(members: Sequence[MemberFacts], pointer: str) -> FieldError | None:
    """Whether exactly one present member is the head."""
    heads = sum(m.relation is Relation.HEAD and m.left_on is None for m in members)
    return None if heads == 1 else _heads(pointer, heads)


def changed_members(
    before: Sequence[MemberFacts], after: Sequence[MemberFacts]
) -> tuple[list[Stay], list[int]]:
    """What an act changes.

    Returns:
        The stays whose known row no longer holds, and the places in `after` to be written.
    """
    known = {member.stay: (place, member) for place, member in enumerate(before)}
    kept: set[Stay] = set()
    written: list[int] = []
    for place, member in enumerate(after):
        if known.get(member.stay) == (place, member):
            kept.add(member.stay)
        else:
            written.append(place)
    return [member.stay for member in before if member.stay not in kept], written


def _at_the_same_time(members: Sequence[MemberFacts]) -> set[UUID]:
    """Who stands twice over the same days; who left and came back does not."""
    ordered = sorted(members, key=lambda member: member.stay)
    return {
        one.person_id
        for one, later in pairwise(ordered)
        if one.person_id == later.person_id
        and (one.left_on is None or later.joined_on < one.left_on)
    }


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
        if member.left_reason is not None:
            yield FieldError(
                f"{at}/left_reason",
                "membership.reason_without_day",
                Text("Có lý do rời hộ nhưng thiếu ngày.", "A reason to leave without its day."),
                Text("Nhập ngày rời hộ, hoặc bỏ lý do.", "Give the day of leaving or no reason."),
            )
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

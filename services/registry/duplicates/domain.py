"""How alike two records of persons are, and what may be done about it.

Pure. The score is a sum of points, each with its reason, so that whoever decides sees why two
records were put side by side. Reasons name facts and never their values.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from uuid import UUID

from libs.common.problems import FieldError, Problem, Text, same_person
from libs.common.vocabulary import Sex
from services.registry.areas.domain import fold
from services.registry.vault.domain import IdentifierType

LEAST_SCORE = 65  # from which two records are put side by side
MOST_SCORE = 100
_NEARLY = 0.85  # of letters that agree
_MIXED = 2 / 3  # of words that agree


class Clue(StrEnum):
    """Why two records may, or may not, be one person's."""

    NAME_SAME = "name.same"
    NAME_UNMARKED = "name.unmarked"
    NAME_REORDERED = "name.reordered"
    NAME_NEAR = "name.near"
    NAME_SHORTER = "name.shorter"
    NAME_SURNAME = "name.surname"
    NAME_PARTLY = "name.partly"
    NAME_COMMON = "common.name"
    BIRTH_SAME = "birth.same"
    BIRTH_YEAR = "birth.year"
    BIRTH_SWAPPED = "birth.swapped"
    BIRTH_NEAR = "birth.near"
    BIRTH_OTHER = "birth.other"
    SEX_SAME = "sex.same"
    SEX_OTHER = "sex.other"
    ETHNICITY_SAME = "ethnicity.same"
    ETHNICITY_OTHER = "ethnicity.other"
    COMMUNE_SAME = "commune.same"
    NUMBER_SAME = "number.same"
    NUMBER_NEAR = "number.near"
    NUMBER_OTHER = "number.other"


_POINTS: Mapping[Clue, int] = {
    Clue.NAME_SAME: 45,
    Clue.NAME_UNMARKED: 40,
    Clue.NAME_REORDERED: 36,
    Clue.NAME_NEAR: 32,
    Clue.NAME_SHORTER: 30,
    Clue.NAME_SURNAME: 26,
    Clue.NAME_PARTLY: 24,
    Clue.NAME_COMMON: -12,
    Clue.BIRTH_SAME: 30,
    Clue.BIRTH_YEAR: 20,
    Clue.BIRTH_SWAPPED: 24,
    Clue.BIRTH_NEAR: 16,
    Clue.BIRTH_OTHER: -30,
    Clue.SEX_SAME: 5,
    Clue.SEX_OTHER: -25,
    Clue.ETHNICITY_SAME: 5,
    Clue.ETHNICITY_OTHER: -5,
    Clue.COMMUNE_SAME: 15,
    Clue.NUMBER_SAME: 70,
    Clue.NUMBER_NEAR: 15,
    Clue.NUMBER_OTHER: -60,
}
CLUES: Mapping[Clue, Text] = {
    Clue.NAME_SAME: Text("Họ tên giống hệt", "The same name"),
    Clue.NAME_UNMARKED: Text("Họ tên giống khi bỏ dấu", "The same name without marks"),
    Clue.NAME_REORDERED: Text("Họ tên cùng chữ, khác thứ tự", "The same words in another order"),
    Clue.NAME_NEAR: Text("Họ tên gần giống", "Nearly the same name"),
    Clue.NAME_SHORTER: Text("Một bên thiếu chữ đệm", "One name lacks a middle word"),
    Clue.NAME_SURNAME: Text("Chỉ khác họ", "Only the family name differs"),
    Clue.NAME_PARTLY: Text("Họ tên giống phần lớn", "Most words of the name are the same"),
    Clue.NAME_COMMON: Text(
        "Khác xã, còn người khác mang tên như vậy, sinh cùng năm",
        "Other communes, and others of such a name were born in that year",
    ),
    Clue.BIRTH_SAME: Text("Cùng ngày sinh", "The same birth date"),
    Clue.BIRTH_YEAR: Text(
        "Cùng năm sinh, một bên không rõ ngày", "The same year; a date is unknown"
    ),
    Clue.BIRTH_SWAPPED: Text("Ngày và tháng sinh đổi chỗ", "Day and month of birth are swapped"),
    Clue.BIRTH_NEAR: Text(
        "Ngày sinh lệch một chữ số, một ngày hoặc một năm",
        "The birth dates differ in one digit, by a day or by a year",
    ),
    Clue.BIRTH_OTHER: Text("Ngày sinh khác nhau", "The birth dates differ"),
    Clue.SEX_SAME: Text("Cùng giới tính", "The same sex"),
    Clue.SEX_OTHER: Text("Khác giới tính", "Another sex"),
    Clue.ETHNICITY_SAME: Text("Cùng dân tộc", "The same ethnicity"),
    Clue.ETHNICITY_OTHER: Text("Khác dân tộc", "Another ethnicity"),
    Clue.COMMUNE_SAME: Text("Cùng xã", "The same commune"),
    Clue.NUMBER_SAME: Text("Trùng số định danh", "The same number"),
    Clue.NUMBER_NEAR: Text("Số định danh lệch một chữ số", "The numbers differ in one digit"),
    Clue.NUMBER_OTHER: Text("Số định danh khác nhau", "The numbers differ"),
}


class PairState(StrEnum):
    """Where two records that look alike stand."""

    OPEN = "open"
    SAME = "same"  # one person: one record is kept
    DIFFERENT = "different"  # two persons
    VOID = "void"  # the data have changed, nothing is alike any more


class Step(StrEnum):
    """What is done with a pair: one proposes, another one confirms, or the first one withdraws."""

    PROPOSE_SAME = "propose_same"
    PROPOSE_DIFFERENT = "propose_different"
    PROPOSE_UNDO = "propose_undo"
    SAME = "same"
    DIFFERENT = "different"
    UNDO = "undo"
    WITHDRAW = "withdraw"


CONFIRMS: Mapping[Step, Step] = {
    Step.PROPOSE_SAME: Step.SAME,
    Step.PROPOSE_DIFFERENT: Step.DIFFERENT,
    Step.PROPOSE_UNDO: Step.UNDO,
}


@dataclass(frozen=True, slots=True)
class Profile:
    """What is compared of a person; values stay in memory."""

    person_id: UUID
    household_id: UUID
    commune: str
    name: str
    birth_date: date | None
    birth_year: int
    sex: Sex
    ethnicity: str
    numbers: Mapping[IdentifierType, str]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two records are: `score` from 0 to 100, and the clues that made it."""

    score: int
    clues: tuple[Clue, ...]

    @property
    def is_suspicious(self) -> bool:
        """Whether somebody should look at it."""
        return self.score >= LEAST_SCORE


def points_of(clue: Clue) -> int:
    """What a clue adds to the score."""
    return _POINTS[clue]


def likeness(one: Profile, other: Profile, same_number: bool = False) -> Likeness:
    """How alike two records are; the order does not matter.

    Args:
        one: a record.
        other: another one.
        same_number: somebody brought a number for one that the other bears.
    """
    return _summed(tuple(_clues(one, other, same_number)))


def with_common_name(found: Likeness) -> Likeness:
    """The likeness, where such a name is nothing rare."""
    return _summed((*found.clues, Clue.NAME_COMMON))


def _summed(clues: tuple[Clue, ...]) -> Likeness:
    named = any(clue.startswith("name.") for clue in clues) or Clue.NUMBER_SAME in clues
    total = sum(_POINTS[clue] for clue in clues) if named else 0
    return Likeness(max(0, min(MOST_SCORE, total)), clues)


def are_siblings(one: Profile, other: Profile, found: Likeness) -> bool:
    """Twins of one household are alike in all but the name: only the same name is a doubt there."""
    told_apart = Clue.NAME_SAME not in found.clues and Clue.NUMBER_SAME not in found.clues
    return one.household_id == other.household_id and told_apart


def _clues(one: Profile, other: Profile, same_number: bool) -> Iterator[Clue]:
    if (name := _name_clue(one.name, other.name)) is not None:
        yield name
    yield _birth_clue(one, other)
    yield Clue.SEX_SAME if one.sex is other.sex else Clue.SEX_OTHER
    yield Clue.ETHNICITY_SAME if one.ethnicity == other.ethnicity else Clue.ETHNICITY_OTHER
    if one.commune == other.commune:
        yield Clue.COMMUNE_SAME
    if same_number:
        yield Clue.NUMBER_SAME
    elif (number := _number_clue(one.numbers, other.numbers)) is not None:
        yield number


def _name_clue(one: str, other: str) -> Clue | None:
    if one.casefold() == other.casefold():
        return Clue.NAME_SAME
    first, second = fold(one).split(), fold(other).split()
    if first == second:
        return Clue.NAME_UNMARKED
    if sorted(first) == sorted(second):
        return Clue.NAME_REORDERED
    if _one_lacks_a_middle(first, second):
        return Clue.NAME_SHORTER
    if len(first) == len(second) > 2 and first[1:] == second[1:]:
        return Clue.NAME_SURNAME
    if _one_slip(first, second):
        return Clue.NAME_NEAR
    if SequenceMatcher(None, " ".join(first), " ".join(second)).ratio() >= _NEARLY:
        return Clue.NAME_PARTLY
    shared = len(set(first) & set(second))
    if shared >= 2 and shared >= _MIXED * max(len(first), len(second)):
        return Clue.NAME_PARTLY
    return None


def _one_slip(one: Sequence[str], other: Sequence[str]) -> bool:
    """All words but one are the same, and in that one a letter is another, missing or too many; or
    two have changed places.
    """
    if len(one) != len(other):
        return False
    differ = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    if len(differ) != 1:
        return False
    short, long = sorted(differ[0], key=len)
    place = next((i for i, letter in enumerate(short) if letter != long[i]), len(short))
    if len(short) == len(long):
        swapped = long[place + 1 : place + 2] + long[place] + long[place + 2 :]
        return short[place + 1 :] == long[place + 1 :] or short[place:] == swapped
    return short[place:] == long[place + 1 :]


def _one_lacks_a_middle(one: Sequence[str], other: Sequence[str]) -> bool:
    """Family and given name are the same, and of the longer name's middle words some are left."""
    short, long = sorted((one, other), key=len)
    ends_agree = len(short) > 1 and (short[0], short[-1]) == (long[0], long[-1])
    return ends_agree and len(short) < len(long) and set(short) <= set(long)


def _birth_clue(one: Profile, other: Profile) -> Clue:
    if one.birth_date is None or other.birth_date is None:
        return Clue.BIRTH_YEAR if one.birth_year == other.birth_year else Clue.BIRTH_OTHER
    if one.birth_date == other.birth_date:
        return Clue.BIRTH_SAME
    first, second = one.birth_date, other.birth_date
    if first.year == second.year and (first.month, first.day) == (second.day, second.month):
        return Clue.BIRTH_SWAPPED
    return Clue.BIRTH_NEAR if _nearly(first, second) else Clue.BIRTH_OTHER


def _nearly(one: date, other: date) -> bool:
    """A year apart on the same day, a day apart, or another digit of day or month."""
    if (one.month, one.day) == (other.month, other.day):
        return abs(one.year - other.year) == 1
    if abs((one - other).days) == 1:
        return True
    return one.year == other.year and _one_digit(f"{one:%m%d}", f"{other:%m%d}")


def _number_clue(
    one: Mapping[IdentifierType, str], other: Mapping[IdentifierType, str]
) -> Clue | None:
    """By the numbers of a type that both bear: one that is the same says more than another."""
    found: set[Clue] = set()
    for kind in one.keys() & other.keys():
        if one[kind] == other[kind]:
            found.add(Clue.NUMBER_SAME)
        else:
            near = _one_digit(one[kind], other[kind])
            found.add(Clue.NUMBER_NEAR if near else Clue.NUMBER_OTHER)
    order = (Clue.NUMBER_SAME, Clue.NUMBER_NEAR, Clue.NUMBER_OTHER)
    return next((clue for clue in order if clue in found), None)


def _one_digit(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def state_after_search(state: PairState, found: Likeness) -> PairState:
    """Where a pair stands once it was compared again: what people decided stays decided."""
    if state in (PairState.SAME, PairState.DIFFERENT):
        return state
    return PairState.OPEN if found.is_suspicious else PairState.VOID


def pending(steps: Sequence[Step]) -> Step | None:
    """What is proposed and waits for another person; None: nothing."""
    return steps[-1] if steps and steps[-1] in CONFIRMS else None


def check_proposal(step: Step, state: PairState) -> None:
    """Refuse what cannot be proposed: a decision on what is not open, undoing what was not decided.

    Raises:
        Problem: 409.
    """
    is_decided = state in (PairState.SAME, PairState.DIFFERENT)
    if step is Step.PROPOSE_UNDO and not is_decided:
        raise _refused(
            "duplicate.undecided",
            Text("Cặp này chưa được quyết định.", "The pair has not been decided."),
            Text("Chỉ hủy quyết định đã có.", "Only a decision can be undone."),
        )
    if step is not Step.PROPOSE_UNDO and state is not PairState.OPEN:
        raise _refused(
            "duplicate.settled",
            Text("Cặp trùng này đã được xử lý.", "The pair has been settled."),
            Text("Đọc lại cặp để biết kết quả.", "Read the pair to see how."),
        )


def check_confirmation(
    steps: Sequence[Step], proposed_by: str | None, claimed_by: str | None, by: str
) -> Step:
    """What the confirmation carries out.

    Args:
        steps: of the pair, in order.
        proposed_by: who proposed the last one.
        claimed_by: who claimed the number by which the pair was found.
        by: who confirms.

    Raises:
        Problem: 409, nothing is proposed; 403, by whom must not confirm it.
    """
    proposed = pending(steps)
    if proposed is None:
        raise _not_proposed(Text("Đề xuất trước.", "Propose it first."))
    if by in (proposed_by, claimed_by):
        raise same_person(
            Text("Cần người thứ hai xác nhận.", "It takes a second person."),
            Text(
                "Nhờ người khác, không phải người đề xuất hay người báo số.",
                "Ask somebody who neither proposed it nor claimed the number.",
            ),
        )
    return CONFIRMS[proposed]


def check_withdrawal(steps: Sequence[Step], proposed_by: str | None, by: str) -> None:
    """Refuse to withdraw what is not proposed, or what somebody else proposed.

    Raises:
        Problem: 409.
    """
    if pending(steps) is None:
        raise _not_proposed(Text("Đọc lại cặp.", "Read the pair again."))
    if by != proposed_by:
        raise _refused(
            "duplicate.of_another",
            Text("Người khác đã đề xuất.", "Somebody else proposed it."),
            Text(
                "Chỉ người đề xuất được rút; người khác đề xuất lại.",
                "Only who proposed it withdraws it; others make another proposal.",
            ),
        )


def _not_proposed(fix: Text) -> Problem:
    title = Text("Chưa có đề xuất nào chờ xác nhận.", "Nothing waits for a confirmation.")
    return _refused("duplicate.not_proposed", title, fix)


def _refused(code: str, title: Text, fix: Text) -> Problem:
    return Problem(409, code, title, [FieldError("", code, title, fix)])

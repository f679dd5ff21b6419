"""Which household and which persons a file means: explicit rules, each with its reason. Pure.

Nothing is guessed. A household is found by the first of these that says something: (1) our own id,
(2) the province's code in its commune, (3) its members' numbers, (4) the name, birth and sex of its
head among the commune's households that have no code there. One household is a match, several are
refused, none is a new household. A number of somebody who is in no household of the import's
communes is refused, and who or where is not said. What was found may not contradict the numbers,
and somebody of the household must be known in it. A person is found by (1) our id, (2) a number,
(3) name, birth and sex among the household's members.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from libs.common.problems import FieldError, Text
from libs.common.vocabulary import Relation, Sex
from services.registry.vault.domain import IdentifierType


class ImportState(StrEnum):
    """How far an import is (tình trạng)."""

    SENDING = "sending"  # parts are being sent
    READING = "reading"  # all parts are there, rows are read
    CHECKING = "checking"  # every row is checked, nothing is written
    CHECKED = "checked"  # waits for a person to confirm
    TAKING = "taking"  # confirmed: households are written
    DONE = "done"
    REFUSED = "refused"  # the file as a whole
    CANCELLED = "cancelled"


ENDED = frozenset({ImportState.DONE, ImportState.REFUSED, ImportState.CANCELLED})


class Settled(StrEnum):
    """What comes of a line; in a dry run, what would come of it."""

    REGISTERED = "registered"  # đăng ký mới
    CORRECTED = "corrected"  # cập nhật
    UNCHANGED = "unchanged"  # không đổi
    REFUSED = "refused"  # từ chối


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who bears a number: the person, and the household where it is a member now."""

    person_id: UUID
    household_id: UUID | None
    died_in: UUID | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the register knows of a household of the file.

    Attributes:
        lines: of its rows.
        stated: the id that the file names.
        existing: of the ids in question, those of households that may be seen.
        by_code: whose code it is.
        by_number: by line, who bears the number that stands there.
        by_name: households of the commune with a member of the head's name, birth and sex.
    """

    lines: Sequence[int]
    stated: UUID | None = None
    existing: Collection[UUID] = frozenset()
    by_code: UUID | None = None
    by_number: Mapping[int, Bearer] = field(default_factory=dict)
    by_name: Collection[UUID] = frozenset()


Refusals = dict[int, list[FieldError]]
NO_DOUBTS: Mapping[int, list[FieldError]] = {}


def find_household(evidence: Evidence) -> tuple[UUID | None, Refusals]:
    """The household that is meant, None for a new one; or why it is refused, by line."""
    lines = evidence.lines
    unseen = [
        n for n, one in evidence.by_number.items() if one.household_id not in evidence.existing
    ]
    if unseen:
        return None, _all(unseen, IdentifierType.UIN, ELSEWHERE)
    found = evidence.stated or evidence.by_code
    if evidence.stated is not None:
        if evidence.by_code not in (None, evidence.stated):
            return None, _all(lines, "code", CONTRADICTION)
        if evidence.stated not in evidence.existing:
            return None, _all(lines, "household_id", UNKNOWN)
    elif found is not None and found not in evidence.existing:
        return None, _all(lines, "code", UNKNOWN)
    now = {bearer.household_id for bearer in evidence.by_number.values()}
    if found is None and len(now) > 1:
        return None, _all(evidence.by_number, IdentifierType.UIN, SEVERAL)
    if found is None and now:
        [found] = now
    if found is not None and now - {found}:
        elsewhere = [n for n, one in evidence.by_number.items() if one.household_id != found]
        return None, _all(elsewhere, IdentifierType.UIN, ELSEWHERE)
    if found is None and evidence.by_name:
        if len(evidence.by_name) > 1:
            return None, _all(lines, "name", SEVERAL)
        [found] = evidence.by_name
    return found, {}


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A present member of a known household; `name` folded, None where none is recorded."""

    person_id: UUID
    name: str | None
    birth_date: date | None
    birth_year: int
    sex: Sex
    relation: Relation


@dataclass(frozen=True, slots=True)
class StatedPerson:
    """A person of the file; `bearer` is who bears its number, `name` is folded."""

    line: int
    person_id: UUID | None
    bearer: UUID | None
    name: str
    birth_date: date | None
    birth_year: int
    sex: Sex
    relation: Relation


def find_persons(
    stated: Sequence[StatedPerson],
    known: Sequence[KnownPerson],
    dead: Collection[KnownPerson] = (),
) -> tuple[dict[int, UUID | None], Refusals]:
    """Who is meant by each line, None for somebody new; or why it is refused, by line.

    Args:
        stated: the rows of a household.
        known: its present members; nobody for a new one.
        dead: who died as a member of it: a list that was not brought up to date still has them.
    """
    members = {one.person_id: one for one in known}
    found: dict[int, UUID | None] = {}
    refused: Refusals = {}
    for one in stated:
        if one.person_id is not None and one.person_id not in members:
            refused |= _all([one.line], "person_id", NOT_A_MEMBER)
        elif one.person_id is not None and one.bearer not in (None, one.person_id):
            refused |= _all([one.line], IdentifierType.UIN, CONTRADICTION)
        elif person_id := one.person_id or one.bearer:
            found[one.line] = person_id
    taken = {person_id for person_id in found.values() if person_id}
    free = [one for one in known if one.person_id not in taken]
    for one in stated:
        if one.line in found or one.line in refused:
            continue
        alike = [other.person_id for other in free if _is_same(one, other)]
        if len(alike) > 1:
            refused |= _all([one.line], "name", SEVERAL_PERSONS)
        elif not alike and any(other.name and _is_same(one, other) for other in dead):
            refused |= _all([one.line], "name", DIED)
        found[one.line] = alike[0] if len(alike) == 1 else None
    meant = Counter(person_id for person_id in found.values() if person_id)
    for line, person_id in found.items():
        if person_id and meant[person_id] > 1:
            refused |= _all([line], "name", SEVERAL_PERSONS)
    if known and not refused and not any(found[one.line] in members for one in stated):
        refused = _all([one.line for one in stated], "code", NOBODY_KNOWN)
    return found, refused


def find_nobody(
    stated: Mapping[int, UUID | None], lines: Sequence[int]
) -> tuple[dict[int, UUID | None], Refusals]:
    """The same of a new household: `find_persons` with nobody known. Nobody there bears a number:
    whoever did would have been found with a household.

    Args:
        stated: by line, the id that it names.
        lines: the household's.
    """
    named = [line for line in lines if stated[line] is not None]
    return dict.fromkeys(lines), _all(named, "person_id", NOT_A_MEMBER)


def _is_same(stated: StatedPerson, known: KnownPerson) -> bool:
    """By name, birth and sex; of whom no name is recorded, by birth, sex and relation."""
    if stated.sex is not known.sex or stated.birth_year != known.birth_year:
        return False
    days = {stated.birth_date, known.birth_date} - {None}
    if len(days) > 1:
        return False
    if known.name is None:
        return stated.relation is known.relation
    return stated.name == known.name


def settle_household(
    lines: Sequence[int],
    refused: Refusals,
    otherwise: Settled,
    doubts: Mapping[int, list[FieldError]] = NO_DOUBTS,
) -> dict[int, tuple[Settled, list[FieldError]]]:
    """A household is taken whole or not at all: one refused line refuses its neighbours too.

    `doubts` are said of what is taken all the same.
    """
    if not any(refused.get(line) for line in lines):
        return {line: (otherwise, doubts.get(line, [])) for line in lines}
    first = min(line for line in lines if refused.get(line))
    with_it = FieldError(
        "",
        "household.other_line",
        Text(f"Dòng {first} cùng hộ bị từ chối.", f"Line {first} of this household is refused."),
        Text("Sửa dòng đó rồi gửi lại cả hộ.", "Mend that line and send the household again."),
    )
    return {line: (Settled.REFUSED, refused.get(line) or [with_it]) for line in lines}


LOOK = Text("Kiểm tra lại; dòng vẫn được ghi.", "Check it; the line is taken all the same.")
_Words = tuple[str, Text, Text]
UNKNOWN: _Words = (
    "household.unknown",
    Text("Không có hộ này trong phạm vi được phép.", "No such household within your areas."),
    Text("Kiểm tra mã hộ; hộ mới thì để trống mã An Sinh.", "Check the id, or leave it empty."),
)
CONTRADICTION: _Words = (
    "match.contradiction",
    Text("Các mã trên dòng chỉ hai hộ hoặc hai người khác nhau.", "The ids name different ones."),
    Text("Sửa mã sai, hoặc để trống.", "Mend the wrong one, or leave it empty."),
)
SEVERAL: _Words = (
    "match.several_households",
    Text("Có nhiều hộ khớp với dòng này.", "Several households match."),
    Text("Ghi mã hộ An Sinh của hộ đúng.", "Give the An Sinh id of the household meant."),
)
SEVERAL_PERSONS: _Words = (
    "match.several_persons",
    Text("Có nhiều người trong hộ khớp với dòng này.", "Several members match."),
    Text("Ghi mã người An Sinh hoặc số định danh.", "Give the person's id or number."),
)
ELSEWHERE: _Words = (
    "person.elsewhere",
    Text(
        "Số này đã ghi cho người ngoài hộ này.", "The number is of somebody outside the household."
    ),
    Text("Lập đề nghị thay đổi, hoặc sửa số.", "Make a change request, or mend the number."),
)
DIED: _Words = (
    "person.died",
    Text("Người này đã được ghi là đã chết.", "This person is recorded as having died."),
    Text("Bỏ dòng này; nếu ghi nhầm thì hủy đề nghị đó.", "Remove the line, or reverse the death."),
)
NOT_A_MEMBER: _Words = (
    "person.not_a_member",
    Text("Người này không thuộc hộ.", "The person is no member of the household."),
    Text("Sửa mã người, hoặc để trống nếu là người mới.", "Mend the id, or leave it empty."),
)
NOBODY_KNOWN: _Words = (
    "match.nobody_known",
    Text("Mã hộ đã có, nhưng không ai trong hộ khớp.", "The code is known, but nobody matches."),
    Text("Kiểm tra mã hộ, họ tên và ngày sinh.", "Check the code, the names and the births."),
)
MOVED: _Words = (
    "household.moved",
    Text("Hộ đang ở xã khác.", "The household lives in another commune."),
    Text("Làm thủ tục chuyển hộ; tệp không chuyển hộ.", "Move it by its own act, not by a file."),
)
OVERLAPS: _Words = (
    "residence.overlap",
    Text("Nơi cư trú chồng thời gian với nơi trước đó.", "It overlaps the residence before it."),
    Text("Để trống ô này, hoặc ghi ngày muộn hơn.", "Leave it empty, or give a later day."),
)
CLOSED: _Words = (
    "household.closed",
    Text("Hộ đã đóng, không sửa được nữa.", "The household is closed."),
    Text("Xem hộ mà nó đã nhập vào, hoặc mở lại hộ.", "See what it went to, or reopen it."),
)
TWICE: _Words = (
    "household.twice",
    Text("Hộ này nằm ở hai chỗ trong tệp.", "The household stands in two places of the file."),
    Text("Xếp các dòng của hộ liền nhau.", "Put its lines one after the other."),
)
SHARED: _Words = (
    "match.shared",
    Text("Hai hộ của tệp khớp với cùng một hộ.", "Two households of the file match the same one."),
    Text("Ghi mã hộ An Sinh của hộ đúng; xem lại số định danh.", "Give its id; check the numbers."),
)
NUMBER_TWICE: _Words = (
    "number.twice",
    Text("Số này có ở hai dòng của tệp.", "The number stands on two lines of the file."),
    Text("Sửa hoặc bỏ một trong hai.", "Mend or remove one of them."),
)
NUMBERS_DIFFER: _Words = (
    "number.two_persons",
    Text("Hai số trên dòng là của hai người.", "The line's numbers are two persons'."),
    Text("Kiểm tra hai số trên giấy tờ.", "Check both numbers on the documents."),
)
DIFFERS: _Words = (
    "household.differs",
    Text("Các dòng của hộ ghi khác nhau ở cột này.", "The household's lines differ here."),
    Text("Ghi giống nhau ở mọi dòng, hoặc chỉ ở một dòng.", "Write the same on all, or on one."),
)
AREA_UNKNOWN: _Words = (
    "area.unknown",
    Text("Không có xã mang mã này vào ngày đó.", "No commune had this code on that day."),
    Text("Dùng mã xã 5 chữ số của danh mục hành chính.", "Use an official 5-digit code."),
)
OUTSIDE: _Words = (
    "scope.outside",
    Text("Xã ngoài phạm vi được phân công.", "The commune is outside your areas."),
    Text("Gửi cho cán bộ phụ trách xã đó.", "Hand it to the officer of that commune."),
)
LARGE: _Words = (
    "household.large",
    Text("Hộ có hơn 100 người.", "The household has more than 100 persons."),
    Text("Kiểm tra mã hộ của các dòng này.", "Check the code of these lines."),
)
TAKES_TWO: _Words = (
    "import.takes_two",
    Text("Cần người thứ hai", "It needs a second person"),
    Text(
        "Chủ tịch, không phải người gửi, xác nhận lần nhập; hoặc bỏ dòng, lập đề nghị thay đổi.",
        "A chairman who did not send it confirms; or leave it out and make a change request.",
    ),
)
FILE_FAILED: _Words = (
    "file.failed",
    Text("Hệ thống không đọc được tệp này.", "We could not read this file."),
    Text("Báo người vận hành, kèm mã lần nhập.", "Tell the operator, naming the import's id."),
)
PAGE_FAILED: _Words = (
    "page.failed",
    Text(
        "Một phần của tệp không xử lý được: dòng của phần đó bị từ chối, không có trong báo cáo.",
        "A part of the file could not be worked: its lines are refused, and not in the report.",
    ),
    Text(
        "Báo người vận hành, kèm mã lần nhập; rồi gửi lại tệp.",
        "Tell the operator, naming the import's id; then send the file again.",
    ),
)
FAILED: _Words = (
    "line.failed",
    Text("Hệ thống không xử lý được hộ này.", "We could not work this household."),
    Text("Báo người vận hành, kèm mã lần nhập.", "Tell the operator, naming the import's id."),
)


def error_of(column: str, words: _Words) -> FieldError:
    """A broken rule of a column; the empty column is the line itself."""
    rule, message, fix = words
    return FieldError(f"/{column}" if column else "", rule, message, fix)


def _all(lines: Collection[int], column: str, words: _Words) -> Refusals:
    return {line: [error_of(column, words)] for line in lines}

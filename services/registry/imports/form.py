"""The form that goes round: a line per person, grouped into households by commune and code. Pure.

An export leaves in it, comes back corrected as an import, and the report is the same form with what
came of each line. An empty cell states nothing: of somebody who is known, what is known stays.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from libs.common.files.cells import day_of, id_of
from libs.common.files.layout import Column, Kind, Layout
from libs.common.files.reading import Line
from libs.common.files.refusals import cell_error
from libs.common.files.writing import Value
from libs.common.problems import FieldError, Text
from libs.common.vocabulary import Disability, Employment, Relation, Schooling, Sex
from services.registry.households.domain import LONGEST_VILLAGE
from services.registry.imports.reasons import CODE_MISSING, error_of
from services.registry.imports.words import LISTED, meant
from services.registry.vault.domain import IdentifierType, Identity, check_identity, tidy

# What lists of a review have besides (TT 07/2021/TT-BLĐTBXH, forms B1 and B2; titles as in use, not
# confirmed). Nothing is taken from them: a class comes from a decision, which names its households.
REVIEW = (
    ("b1", "Điểm B1", "B1", "Tổng điểm B1", "Số điểm B1"),
    ("b2", "Điểm B2", "B2", "Tổng điểm B2", "Số điểm B2"),
    ("class", "Phân loại hộ", "Phân loại", "Kết quả phân loại", "Kết quả rà soát", "Loại hộ"),
    ("class_before", "Phân loại đầu kỳ", "Phân loại đầu năm"),
    ("class_after", "Phân loại cuối kỳ", "Phân loại cuối năm"),
    ("reviewed_on", "Ngày rà soát"),
    ("reviewer", "Người rà soát", "Rà soát viên", "Điều tra viên"),
    ("quick", "Nhận dạng nhanh", "Kết quả nhận dạng nhanh"),
)
IN_REVIEWS = frozenset(name for name, *_ in REVIEW)
# Of a member within its household; the relation says the same, and more.
MEMBER_NUMBER = ("member_number", "Số thứ tự thành viên", "STT thành viên", "STT trong hộ")
FORM = Layout(
    "ho-gia-dinh",
    (
        Column("number", "STT", is_read=False, aliases=("TT", "Số thứ tự")),
        Column("household_id", "Mã hộ An Sinh", Kind.ID),
        Column("person_id", "Mã người An Sinh", Kind.ID),
        Column("code", "Mã hộ", is_needed=True, aliases=("Số hộ", "Mã số hộ", "Hộ số")),
        Column("commune", "Mã xã", is_needed=True, aliases=("Mã xã, phường", "Mã đơn vị")),
        Column("registered_on", "Ngày đăng ký", Kind.DAY),
        Column("from_day", "Ngày chuyển đến", Kind.DAY),
        Column("village", "Thôn/bản", aliases=("Thôn", "Tổ dân phố", "Thôn, bản, tổ dân phố")),
        Column("is_farm_household", "Hộ làm nông nghiệp", aliases=("Hộ nông, lâm, ngư nghiệp",)),
        Column("name", "Họ và tên", is_needed=True, aliases=("Họ tên", "Họ, chữ đệm và tên")),
        Column("relation", "Quan hệ với chủ hộ", is_needed=True, aliases=("Quan hệ", "QH chủ hộ")),
        Column(
            "birth",
            "Ngày sinh",
            Kind.DAY,
            is_needed=True,
            aliases=("Năm sinh", "Ngày, tháng, năm sinh", "Ngày tháng năm sinh"),
        ),
        Column("sex", "Giới tính", is_needed=True, aliases=("Nam/nữ",)),
        Column("ethnicity", "Dân tộc", is_needed=True),
        Column(
            "UIN",
            "Số định danh cá nhân",
            aliases=("Số CCCD", "CCCD", "Số CMND/CCCD", "Số định danh"),
        ),
        Column("INSURANCE_NUMBER", "Mã số BHXH", aliases=("Số BHXH", "Mã số BHYT", "Mã BHXH")),
        Column("address", "Địa chỉ", aliases=("Nơi ở hiện nay",)),
        Column("disability", "Khuyết tật", aliases=("Mức độ khuyết tật",)),
        Column("schooling", "Đi học", aliases=("Tình trạng đi học", "Trình độ đang học")),
        Column("employment", "Việc làm", aliases=("Tình trạng việc làm", "Nghề nghiệp")),
        Column("has_pension", "Lương hưu, trợ cấp", aliases=("Hưởng lương hưu", "Lương hưu")),
        Column("is_low_income_worker", "Lao động thu nhập thấp"),
        Column("joined_on", "Ngày vào hộ", Kind.DAY),
        Column("result", "Kết quả", is_read=False),
        Column("why", "Lý do", is_read=False),
        Column("fix", "Cách sửa", is_read=False),
        Column("rule", "Mã lỗi", is_read=False),
        *(
            Column(name, title, is_read=False, is_written=False, aliases=tuple(aliases))
            for name, title, *aliases in (MEMBER_NUMBER, *REVIEW)
        ),
    ),
)
READ = tuple(column.name for column in FORM.read)
TITLES = {column.name: column.title for column in FORM.written}
NUMBERS = (IdentifierType.UIN, IdentifierType.INSURANCE_NUMBER)
_NEEDED = frozenset(column.name for column in FORM.read if column.is_needed)
# What our own id stands for.
_UNLESS = {"code": "household_id", "name": "person_id"}
_YEAR = re.compile(r"\d{4}")
_COMMUNE = re.compile(r"\d{5}")
_LISTS = {
    "sex": "sex",
    "relation": "relation",
    "ethnicity": "ethnicity",
    "disability": "disability",
    "schooling": "schooling",
    "employment": "employment",
    "is_farm_household": "answer",
    "has_pension": "answer",
    "is_low_income_worker": "answer",
}
# What is longer among names and addresses is refused by their own rules.
_LONGEST = {"code": 40, "village": LONGEST_VILLAGE}


class RowFacts(NamedTuple):
    """What a line states of a person and its household; None: nothing. A tuple: of a large file
    they are made by the million.
    """

    line: int
    household_id: UUID | None
    person_id: UUID | None
    code: str | None
    commune: str
    registered_on: date | None
    from_day: date | None
    village: str | None
    is_farm_household: bool | None
    name: str | None
    relation: Relation
    birth_date: date | None
    birth_year: int
    sex: Sex
    ethnicity: str
    numbers: Mapping[IdentifierType, str]
    address: str | None
    disability: Disability | None
    schooling: Schooling | None
    employment: Employment | None
    has_pension: bool | None
    is_low_income_worker: bool | None
    joined_on: date | None


def key_of(line: Line) -> tuple[str, str]:
    """Which household a line belongs to: its commune and the province's own code, else our id."""
    cells = line.cells
    return cells[_COMMUNE_AT], cells[_CODE_AT] or cells[_HOUSEHOLD_AT]


def keys_along() -> Callable[[Line], tuple[str, str]]:
    """`key_of`, line after line: one whose commune cannot be read belongs to the household of the
    same code beside it, so that this is refused as a whole and not taken without a member.
    """
    last = ("", "")

    def key(line: Line) -> tuple[str, str]:
        nonlocal last
        here = key_of(line)
        if here != last:
            is_same_code = here[1] == last[1] != ""
            if not (is_same_code and not (_is_commune(here[0]) and _is_commune(last[0]))):
                last = here
        return last

    return key


def with_codes(lines: Iterable[Line]) -> Iterator[Line]:
    """Lines with the code and the commune that provinces write once, on the head's line, and leave
    empty below it.

    A line without code and id belongs to the household above it where that household's first line
    is its head's and has a code, every line between is without one too, no row is left out, and the
    line says another relation than the head's and no other commune. Any other stays as it is, and
    is refused: nobody knows whose it is.
    """
    head, last, before = None, 0, ("", "")
    for line in lines:
        cells = line.cells
        if cells[_CODE_AT] or cells[_HOUSEHOLD_AT]:
            here = key_of(line)
            begins = here != before and _is_head(line) and not line.faults
            head, before = line if begins and cells[_CODE_AT] else None, here
        elif head is not None and line.number == last + 1 and _goes_with(line, head):
            filled = list(cells)
            for at in (_COMMUNE_AT, _CODE_AT):
                filled[at] = head.cells[at]
            line = Line(line.number, tuple(filled), line.faults)
        else:
            head, before = None, ("", "")
        last = line.number
        yield line


def _is_head(line: Line) -> bool:
    return meant("relation", line.cells[_RELATION_AT]) is Relation.HEAD


def _goes_with(line: Line, head: Line) -> bool:
    says_commune = line.cells[_COMMUNE_AT] not in ("", head.cells[_COMMUNE_AT])
    return bool(line.cells[_RELATION_AT]) and not _is_head(line) and not says_commune


def _is_commune(text: str) -> bool:
    return _COMMUNE.fullmatch(text) is not None


_COMMUNE_AT, _CODE_AT, _HOUSEHOLD_AT, _RELATION_AT = map(
    READ.index, ("commune", "code", "household_id", "relation")
)


def read_row(
    line: Line, effective_on: date, today: date
) -> tuple[RowFacts | None, list[FieldError]]:
    """What a line states, or every cell of it that cannot be read.

    Days are read day first (`25/05/2022`) or as `2022-05-25`, never month first; a birth may be a
    year alone.

    Args:
        line: as it was read.
        effective_on: the day from which the list counts, where a line names none.
        today: the day in Vietnam.
    """
    errors = [cell_error(f"/{name}" if name else "", rule) for name, rule in line.faults]
    faulty = {name for name, _ in line.faults}
    values: dict[str, Any] = dict(_NOTHING)
    for (name, read), text in zip(_READERS, line.cells, strict=True):
        if not text:
            if name in _NEEDED and name not in faulty and not _stands_for(name, line):
                errors.append(
                    error_of(name, CODE_MISSING)
                    if name == "code"
                    else cell_error(f"/{name}", "cell.missing")
                )
        elif name not in faulty:
            values[name] = text if read is None else read(name, text, errors)
    birth = values.pop("birth")
    numbers = {kind: number for kind in NUMBERS if (number := values.pop(kind))}
    stated = Identity(values["name"], numbers, values["address"])
    errors += [
        FieldError(error.pointer.replace("/numbers", ""), error.rule, error.message, error.fix)
        for error in check_identity(stated, effective_on, today)
        if not any(known.pointer == error.pointer for known in errors)
    ]
    if errors:
        return None, errors
    birth_date = birth if isinstance(birth, date) else None
    return RowFacts(
        line=line.number,
        birth_date=birth_date,
        birth_year=birth if birth_date is None else birth_date.year,
        numbers=numbers,
        **values,
    ), []


def _stands_for(name: str, line: Line) -> bool:
    """Whether our own id stands on the line in the place of that cell."""
    own = _UNLESS.get(name)
    return own is not None and line.cells[READ.index(own)] != ""


_NOTHING: Mapping[str, None] = dict.fromkeys(READ)


def _word(name: str, text: str, errors: list[FieldError]) -> object | None:
    found = meant(_LISTS[name], text)
    if found is None:
        listed = LISTED[_LISTS[name]]
        errors.append(
            FieldError(
                f"/{name}",
                "word.unknown",
                Text("Không hiểu nội dung ô.", "The word is not understood."),
                Text(f"Ghi một trong: {listed}.", f"Write one of: {listed}."),
            )
        )
    return found


def _day(name: str, text: str, errors: list[FieldError]) -> date | None:
    day = day_of(text)
    if day is None:
        errors.append(cell_error(f"/{name}", "day.unreadable"))
    return day


def _birth(name: str, text: str, errors: list[FieldError]) -> date | int | None:
    return int(text) if _YEAR.fullmatch(text) else _day(name, text, errors)


def _id(name: str, text: str, errors: list[FieldError]) -> UUID | None:
    found = id_of(text)
    if found is None:
        errors.append(cell_error(f"/{name}", "id.unreadable"))
    return found


def _commune(name: str, text: str, errors: list[FieldError]) -> str:
    if not _is_commune(text):
        message = Text("Không phải mã xã.", "It is no commune's code.")
        fix = Text("Ghi mã xã 5 chữ số, cả số 0 ở đầu.", "Write 5 digits, leading zeros too.")
        errors.append(FieldError(f"/{name}", "commune.form", message, fix))
    return text


def _text(name: str, text: str, errors: list[FieldError]) -> str:
    if len(text) > _LONGEST.get(name, len(text)):
        errors.append(cell_error(f"/{name}", "cell.long"))
    return tidy(text) if name == "village" else text


_Reader = Callable[[str, str, list[FieldError]], object]
_OWN: dict[str, _Reader] = {
    "household_id": _id,
    "person_id": _id,
    "commune": _commune,
    "birth": _birth,
    "registered_on": _day,
    "from_day": _day,
    "joined_on": _day,
}
_LIMITED = dict.fromkeys(_LONGEST, _text)
# By column, in the order of a line's cells; None: the text as it stands.
_READERS: list[tuple[str, _Reader | None]] = [
    (name, _OWN.get(name) or (_word if name in _LISTS else _LIMITED.get(name))) for name in READ
]


def cells_of(values: Mapping[str, Value]) -> Sequence[Value]:
    """A line of the form, in the order of its columns."""
    return [values.get(column.name) for column in FORM.written]

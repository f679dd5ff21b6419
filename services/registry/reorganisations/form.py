"""The form of a reorganisation: what its columns are, a line read into an entry. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from libs.common.files.layout import Column, Layout, fold
from libs.common.files.reading import Line
from libs.common.files.writing import Value
from libs.common.vocabulary import AreaKind, AreaLevel, Designation
from services.registry.areas.domain import tidy
from services.registry.reorganisations.domain import DIGITS, Entry, Fault
from services.registry.reorganisations.names import WORDS

FORM = Layout(
    "sap-xep-DVHC",
    (
        Column("level", "Cấp", is_needed=True),
        Column("old_code", "Mã cũ", is_needed=True),
        Column("old_name", "Tên cũ", is_read=False),
        Column("new_code", "Mã mới", is_needed=True),
        Column("name", "Tên mới"),
        Column("kind", "Loại mới"),
        Column("parent", "Mã cấp trên mới"),
        Column("village", "Thôn"),
        Column("document", "Văn bản"),
        Column("designations", "Diện"),
        Column("why", "Lý do", is_read=False),
        Column("fix", "Cách sửa", is_read=False),
    ),
)
READ = tuple(column.name for column in FORM.read)
TITLES = {column.name: column.title for column in FORM.columns}
LEVELS = {AreaLevel.PROVINCE: "tỉnh", AreaLevel.COMMUNE: "xã"}
_LEVELS = {fold(word): level for level, word in LEVELS.items()}
_NONE = fold("không")
_DESIGNATIONS = {
    "xã nghèo": Designation.POOR_COMMUNE,
    "huyện nghèo": Designation.POOR_DISTRICT,
    "vùng khó khăn": Designation.DIFFICULT,
    "xã đặc biệt khó khăn": Designation.EXTREMELY_DIFFICULT,
    "xã đảo": Designation.ISLAND,
}
_BY_WORD = {fold(word): one for word, one in _DESIGNATIONS.items()}
_KINDS = {fold(word): kind for kind, word in WORDS.items()}


def read_entries(lines: Sequence[Line]) -> tuple[list[Entry], list[Fault]]:
    """The lines as entries, and every cell that cannot be read; such a line is no entry."""
    entries, faults = [], []
    for line in lines:
        found = [Fault(line.number, column, rule) for column, rule in line.faults]
        entry = _entry(line, named(line.cells), found)
        faults += found
        if entry is not None and not found:
            entries.append(entry)
    return entries, faults


def named(cells: Sequence[str]) -> dict[str, str]:
    """A line's cells by their columns; one that was kept by an older form lacks the last ones."""
    return dict(zip_longest(READ, cells, fillvalue=""))


def filled(units: Iterable[Mapping[str, Any]]) -> list[list[Value]]:
    """The form's lines of units of the day before, with what each is known to become."""
    lines = []
    for unit in units:
        values: dict[str, Value] = dict(unit) | {
            "level": LEVELS[AreaLevel(unit["level"])],
            "kind": WORDS[AreaKind(unit["kind"])] if unit["kind"] else None,
        }
        lines.append([values.get(column.name) for column in FORM.columns])
    return lines


def _entry(line: Line, cells: Mapping[str, str], faults: list[Fault]) -> Entry | None:
    if any(not column for column, _ in line.faults):
        return None  # the line as a whole cannot be read
    unreadable = {column for column, _ in line.faults}

    def fault(column: str, rule: str) -> None:
        if column not in unreadable:
            faults.append(Fault(line.number, column, rule))

    level, kind = _LEVELS.get(fold(cells["level"])), _KINDS.get(fold(cells["kind"]))
    if level is None:
        fault("level", "level.word" if cells["level"] else "cell.missing")
    if cells["kind"] and kind is None:
        fault("kind", "kind.word")
    for column in ("old_code", "new_code"):
        if not cells[column]:
            fault(column, "cell.missing")
        elif level is not None and not _is_code(cells[column], DIGITS[level]):
            fault(column, "code.digits")
    if cells["parent"] and not any(_is_code(cells["parent"], digits) for digits in (2, 3)):
        fault("parent", "parent.digits")
    words = [fold(word) for word in cells["designations"].split(";") if word.strip()]
    if any(word not in _BY_WORD and (word != _NONE or len(words) > 1) for word in words):
        fault("designations", "designation.word")
    elif words and level is not AreaLevel.COMMUNE:
        fault("designations", "designation.level")
    if level is None:
        return None
    return Entry(
        line.number,
        level,
        cells["old_code"],
        cells["new_code"],
        name=tidy(cells["name"]) or None,
        kind=kind,
        parent=cells["parent"] or None,
        village=tidy(cells["village"]) or None,
        designations=tuple(sorted({_BY_WORD[word] for word in words if word in _BY_WORD}))
        if words
        else None,
        document=tidy(cells["document"]) or None,
    )


def _is_code(text: str, digits: int) -> bool:
    return len(text) == digits and text.isascii() and text.isdigit()

"""The form of a reorganisation: what its columns are, a line read into an entry. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from libs.common.files.layout import Column, Layout, fold
from libs.common.files.reading import Line
from libs.common.files.writing import Value
from libs.common.vocabulary import AreaKind, AreaLevel
from services.registry.areas.domain import tidy
from services.registry.reorganisations.domain import DIGITS, WORDS, Entry, Fault

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
        Column("why", "Lý do", is_read=False),
        Column("fix", "Cách sửa", is_read=False),
    ),
)
READ = tuple(column.name for column in FORM.read)
TITLES = {column.name: column.title for column in FORM.columns}
LEVELS = {AreaLevel.PROVINCE: "tỉnh", AreaLevel.COMMUNE: "xã"}
_LEVELS = {fold(word): level for level, word in LEVELS.items()}
_KINDS = {fold(word): kind for kind, word in WORDS.items()}


def read_entries(lines: Sequence[Line]) -> tuple[list[Entry], list[Fault]]:
    """The lines as entries, and every cell that cannot be read; such a line is no entry."""
    entries, faults = [], []
    for line in lines:
        found = [Fault(line.number, column, rule) for column, rule in line.faults]
        entry = _entry(line, dict(zip(READ, line.cells, strict=True)), found)
        faults += found
        if entry is not None and not found:
            entries.append(entry)
    return entries, faults


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
    )


def _is_code(text: str, digits: int) -> bool:
    return len(text) == digits and text.isascii() and text.isdigit()

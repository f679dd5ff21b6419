"""A table from the bytes of a CSV or an XLSX, line by line, in bounded memory.

What is wrong with the file as a whole is one refusal; what is wrong with a cell stays with its line
and its neighbours are read all the same. Cells come as text: exactly as written, or with a fault.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import BinaryIO
from unicodedata import category, normalize

from libs.common.files.csv_rows import HEADER_ROWS, csv_rows
from libs.common.files.encodings import legacy_of
from libs.common.files.layout import Column, Kind, Layout, passed_over
from libs.common.files.refusals import no_header, refused
from libs.common.files.rows import Limits, Mark, Row

_ZIP, _OLD_EXCEL = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
_PASSWORD, _MOST_SEARCHED = "EncryptedPackage".encode("utf-16-le"), 64 * 1024 * 1024
LINE = ""  # in the place of a column's name: the fault is the line's own
_CONTROL = ("Cc", "Cs", "Co", "Cn")  # no text of an office; Cf holds joiners that languages need
_NEUTRALISED = ("'=", "'+", "'-", "'@")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table.

    Attributes:
        number: of the row in the file, from 1, as an editor or Excel shows it.
        cells: the text of each column that the layout reads; empty where there is none.
        faults: column name (empty: the line itself) and the rule that it breaks.
    """

    number: int
    cells: tuple[str, ...]
    faults: tuple[tuple[str, str], ...] = ()


def read_table(
    content: bytes | BinaryIO,
    layout: Layout,
    limits: Limits | None = None,
    ignored: list[tuple[str, str]] | None = None,
) -> Iterator[Line]:
    """The lines below the header; empty rows are passed over.

    Args:
        content: the file whole, or open where it can be read anywhere; it is not closed.
        layout: which columns it has.
        limits: how much it may hold.
        ignored: takes name and title of the columns that nobody reads, with the first line.

    Raises:
        Problem: 422 while it is read: wrong encoding, no table, no header, too much of something.
    """
    limits = limits or Limits()
    rows = _rows(BytesIO(content) if isinstance(content, bytes) else content, layout, limits)
    header = _header(rows, layout)
    width = _width(header)
    if width > limits.columns:
        raise refused("file.wide")
    places = layout.places(header.cells, header.number)
    if ignored is not None:
        ignored += passed_over(layout, header.cells)
    wanted = [(column, places.get(column.name)) for column in layout.read]
    count, last = 0, header.number
    for row in rows:
        if not row.marks and not any(cell.strip() for cell in row.cells):
            if row.number - last > limits.blank:
                raise refused("file.blank", place=last + 1)
            continue
        last = row.number
        count += 1
        if count > limits.rows:
            raise refused("file.long")
        yield _line(row, wanted, width, limits.letters)
    if not count:
        raise refused("file.empty")


def _rows(file: BinaryIO, layout: Layout, limits: Limits) -> Iterator[Row]:
    beginning = file.read(len(_OLD_EXCEL))
    if beginning == _OLD_EXCEL:
        # An .xlsx with a password comes in the same container as an old .xls.
        has_password = _PASSWORD in beginning + file.read(_MOST_SEARCHED)
        raise refused("file.protected" if has_password else "file.old_excel")
    file.seek(0)
    if beginning.startswith(_ZIP):
        # Its library takes megabytes, in processes that may never read such a file.
        from libs.common.files.xlsx_rows import xlsx_rows

        return xlsx_rows(file, layout, limits)
    return csv_rows(file, layout)


def _header(rows: Iterator[Row], layout: Layout) -> Row:
    legacy = None
    for row in islice(rows, HEADER_ROWS):
        if layout.is_header(row.cells):
            return row
        legacy = legacy or legacy_of(" ".join(row.cells))
    if legacy:
        raise refused(f"file.{legacy}")
    raise no_header([column.title for column in layout.columns if column.is_needed])


def _width(header: Row) -> int:
    return max((place for place, cell in enumerate(header.cells, 1) if cell.strip()), default=0)


def _line(row: Row, wanted: Sequence[tuple[Column, int | None]], width: int, longest: int) -> Line:
    if row.rule is not None:
        return Line(row.number, ("",) * len(wanted), ((LINE, row.rule),))
    cells, faults = [], []
    for column, place in wanted:
        if place is None or place >= len(row.cells):
            cells.append("")
            continue
        text = _tidy(row.cells[place])
        if place in row.marks or not _is_plain(text, longest):
            rule = _fault(text, row.marks.get(place), column.kind, longest)
            if rule is not None:
                faults.append((column.name, rule))
            text = _shown(text, longest)
        cells.append(text)
    if any(cell.strip() for cell in row.cells[width:]):
        faults.append((LINE, "line.width"))
    return Line(row.number, tuple(cells), tuple(faults))


def _is_plain(text: str, longest: int) -> bool:
    """Whether nothing can be wrong with it, as with nearly every number and word of a list."""
    return text.isascii() and len(text) <= longest and text.isprintable()


def _tidy(text: str) -> str:
    """One spelling of what looks the same; a mark by which we neutralised a formula goes again."""
    tidy = text.strip()
    if not tidy.isascii():
        tidy = normalize("NFC", tidy.replace("\u00a0", " "))
    return tidy[1:] if tidy.startswith(_NEUTRALISED) else tidy


def _fault(text: str, mark: Mark | None, kind: Kind, longest: int) -> str | None:
    if mark is not None:
        is_right = (mark is Mark.DAY and kind is Kind.DAY) or (
            mark is Mark.DIGITS and kind is Kind.WHOLE
        )
        if not is_right:
            return mark.value
    if len(text) > longest:
        return "cell.long"
    if not text.isprintable() and any(category(letter) in _CONTROL for letter in text):
        return "cell.control"
    legacy = legacy_of(text)
    return f"cell.{legacy}" if legacy else None


def _shown(text: str, longest: int) -> str:
    """As it can be kept and sent back: without what PostgreSQL and XML cannot hold."""
    kept = text[:longest]
    if kept.isprintable():
        return kept
    return "".join(" " if category(letter) in _CONTROL else letter for letter in kept)

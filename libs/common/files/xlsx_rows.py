"""Rows of the first visible sheet of an XLSX. Formulas are not evaluated, but refused by cell.

The archive is unpacked once to nowhere first: what it says of its sizes is not believed, and cells
that are merged among the lines are found, of which the library shows only the first.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from openpyxl import DEFUSEDXML, load_workbook
from openpyxl.utils.cell import range_boundaries

from libs.common.files.layout import Layout
from libs.common.files.refusals import refused
from libs.common.files.rows import Limits, Mark, Row
from libs.common.problems import Problem

if not DEFUSEDXML:  # the library parses with it only where it is there, and says nothing if not
    raise RuntimeError("defusedxml is not in use")

_MOST_PARTS = 500
_PIECE = 256 * 1024
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_OTHER_ENCODING = re.compile(rb"encoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE)
_HIDING = (b"<!--", b"<![CDATA[")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z0-9:]{2,30})[\"']")
_LONGEST_TAG, _LONGEST_ROW = 200, 2 * 1024 * 1024
_MOST_MERGED = 1_000
_MOST_DIGITS = 10**15
_ZEROS = re.compile(r"0{2,40}")
_SPARE_ROWS = 1_000  # titles above the header, empty rows among the lines


def xlsx_rows(file: BinaryIO, layout: Layout, limits: Limits) -> Iterator[Row]:
    """Every row, numbered as Excel numbers it.

    Raises:
        Problem: 422, no XLSX, damaged, too much unpacked, cells merged among the lines.
    """
    try:
        merged = _look(file, limits)
        yield from _rows(file, layout, limits, merged)
    except Problem:
        raise
    except Exception:  # whatever the library stumbles upon in a damaged file
        raise refused("file.broken") from None


def _rows(
    file: BinaryIO, layout: Layout, limits: Limits, merged: dict[str, list[str]]
) -> Iterator[Row]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that it passes over
        book = load_workbook(file, read_only=True, keep_links=False)
    with closing(book):
        sheet = next((one for one in book.worksheets if one.sheet_state == "visible"), None)
        if sheet is None:
            raise refused("file.broken")
        sheet.reset_dimensions()  # what a file says of its size is not believed either
        ranges = merged.get(sheet._worksheet_path.lstrip("/"), [])
        has_header = False
        most = limits.rows + limits.blank + _SPARE_ROWS
        for number, cells in enumerate(sheet.iter_rows(max_col=limits.columns + 1), 1):
            if number > most:
                raise refused("file.long")
            row = _row(number, cells)
            if not has_header and layout.is_header(row.cells):
                has_header = True
                _refuse_merged(ranges, number)
            yield row


def _row(number: int, cells: tuple[Any, ...]) -> Row:
    texts, marks = [], {}
    for place, cell in enumerate(cells):
        text, mark = _text(cell)
        texts.append(text)
        if mark is not None:
            marks[place] = mark
    return Row(number, tuple(texts), marks=marks)


def _text(cell: Any) -> tuple[str, Mark | None]:
    """What is written in a cell, exactly, and what the text does not tell."""
    value = cell.value
    match value:
        case None:
            return "", None
        case _ if cell.data_type == "f":
            return "", Mark.FORMULA
        case _ if cell.data_type == "e":
            return str(value), Mark.ERROR
        case str():
            return value, None
        case bool():
            return ("TRUE" if value else "FALSE"), None
        case datetime():
            whole = value.time() == time.min
            return (value.date() if whole else value).isoformat(), Mark.DAY
        case date() | time() | timedelta():
            return str(value), Mark.DAY
        case int() | float():
            return _number(value, cell.number_format)
    return str(value), Mark.ERROR


def _number(value: int | float, number_format: str) -> tuple[str, Mark | None]:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    mark = Mark.DIGITS if abs(value) >= _MOST_DIGITS else None
    if isinstance(value, int) and _ZEROS.fullmatch(number_format):
        return str(value).zfill(len(number_format)), mark  # as it is shown: 00123
    return repr(value), mark


def _refuse_merged(ranges: list[str], header: int) -> None:
    for place in ranges:
        _, _, _, last = range_boundaries(place)
        if last is not None and last > header:
            raise refused("file.merged", place=place)


def _look(file: BinaryIO, limits: Limits) -> dict[str, list[str]]:
    """Unpack every part, counting; the merged ranges of each sheet."""
    merged: dict[str, list[str]] = {}
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        declared = sum(part.file_size for part in parts)
        if len(parts) > _MOST_PARTS or declared > limits.inflated:
            raise refused("file.inflates")
        left = limits.inflated
        for part in parts:
            if part.flag_bits & 1:
                raise refused("file.protected")
            is_sheet = _SHEET.fullmatch(part.filename) is not None
            look = _Sheet(limits) if is_sheet else _Part(limits)
            with archive.open(part) as source:
                while piece := source.read(_PIECE):
                    left -= len(piece)
                    if left < 0:
                        raise refused("file.inflates")
                    if part.filename.endswith((".xml", ".rels")):
                        look.take(piece)
            if isinstance(look, _Sheet):
                merged[part.filename] = list(dict.fromkeys(look.merged))
    return merged


class _Part:
    """Looks at the bytes of one part: what the library would make of them must fit in memory.

    An emptied element costs twenty times its bytes, so that tags are counted. That a tag can be
    seen in the bytes, another encoding, comments and CDATA are refused: no office program writes
    them.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.tags = 0
        self.tail = b""

    def take(self, piece: bytes) -> None:
        seen = self.tail + piece
        if not self.tail and _OTHER_ENCODING.search(piece[:_LONGEST_TAG]):
            raise refused("file.broken")
        if b"\0" in piece or any(mark in seen for mark in _HIDING):
            raise refused("file.broken")
        self.count(seen, piece)
        self.tail = seen[-_LONGEST_TAG:]

    def count(self, seen: bytes, piece: bytes) -> None:
        self.tags += piece.count(b"<")
        if self.tags > self.limits.tags:
            raise refused("file.inflates")


class _Sheet(_Part):
    """A sheet is read row by row: how many there are, how long each is, what is merged."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.rows = self.since = 0
        self.merged: list[str] = []

    def count(self, seen: bytes, piece: bytes) -> None:
        starts = [match.start() for match in _ROW.finditer(seen)]
        self.rows += len(starts) - len(_ROW.findall(self.tail))
        longest = self.since + (starts[0] - len(self.tail) if starts else len(piece))
        self.since = len(seen) - starts[-1] if starts else longest
        if self.rows > self.limits.rows + self.limits.blank + _SPARE_ROWS:
            raise refused("file.long")
        if max(longest, self.since) > _LONGEST_ROW:
            raise refused("file.wide")
        if len(self.merged) < _MOST_MERGED:
            self.merged += [match.group(1).decode() for match in _MERGED.finditer(seen)]

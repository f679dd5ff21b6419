"""Rows of a CSV in UTF-8, each by itself: what is wrong with one does not reach the next."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

from libs.common.files.layout import Layout
from libs.common.files.refusals import refused
from libs.common.files.rows import Row

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ",;\t"
HEADER_ROWS = 20


def csv_rows(content: bytes, layout: Layout) -> Iterator[Row]:
    """Every row, numbered as an editor numbers its lines.

    A cell does not go over the end of its line: else one quotation mark too many would swallow all
    lines to the next one.

    Raises:
        Problem: 422, another encoding than UTF-8.
    """
    if content.startswith(_UTF16) or b"\0" in content[:1_000]:
        raise refused("file.utf16")
    lines = _lines(content)
    head = list(islice(lines, HEADER_ROWS))
    delimiter = _delimiter(head, layout)
    for number, line in enumerate(head, 1):
        yield _row(number, line, delimiter)
    for number, line in enumerate(lines, len(head) + 1):
        yield _row(number, line, delimiter)


def _lines(content: bytes) -> Iterator[str]:
    # Decoded as it is read; \n, \r\n and \r alone end a line, so that numbers are an editor's.
    with io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline=None) as text:
        try:
            for line in text:
                yield line.rstrip("\n")
        except UnicodeDecodeError:
            raise refused("file.encoding") from None


def _delimiter(head: list[str], layout: Layout) -> str:
    """The one by which a header is recognised; else the comma."""
    for delimiter in _DELIMITERS:
        if any(layout.is_header(_row(1, line, delimiter).cells) for line in head):
            return delimiter
    return ","


def _row(number: int, line: str, delimiter: str) -> Row:
    try:
        cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return Row(number, (line,), rule="line.quotes")
    return Row(number, tuple(cells))

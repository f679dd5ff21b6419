"""Rows of a CSV in UTF-8, each by itself: what is wrong with one does not reach the next."""

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import BinaryIO

from libs.common.files.encodings import legacy_of
from libs.common.files.layout import Layout
from libs.common.files.refusals import refused
from libs.common.files.rows import Row

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ",;\t"
HEADER_ROWS = 20


def csv_rows(file: BinaryIO, layout: Layout) -> Iterator[Row]:
    """Every row, numbered as an editor numbers its lines.

    A cell does not go over the end of its line: else one quotation mark too many would swallow all
    lines to the next one.

    Raises:
        Problem: 422, another encoding than UTF-8.
    """
    beginning = file.read(1_000)
    file.seek(0)
    if beginning.startswith(_UTF16) or b"\0" in beginning:
        raise refused("file.utf16")
    lines = _lines(file)
    head = list(islice(lines, HEADER_ROWS))
    delimiter = _delimiter(head, layout)
    for number, line in enumerate(head, 1):
        yield _row(number, line, delimiter)
    for number, line in enumerate(lines, len(head) + 1):
        yield _row(number, line, delimiter)


def _lines(file: BinaryIO) -> Iterator[str]:
    # Decoded as it is read; \n, \r\n and \r alone end a line, so that numbers are an editor's.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline=None)
    try:
        for line in text:
            yield line.rstrip("\n")
    except UnicodeDecodeError as error:
        legacy = legacy_of(_as_it_was(error.object))
        raise refused(f"file.{legacy}" if legacy else "file.encoding") from None
    finally:
        with suppress(ValueError):  # thrown away half read, it may be closed already
            text.detach()  # the file is the caller's


def _as_it_was(content: bytes) -> str:
    """What is no UTF-8, byte by byte as Latin-1, in which old encodings are told."""
    text = bytes(content).decode("utf-8", "surrogateescape")
    return "".join(chr(ord(c) - 0xDC00) if "\udc80" <= c <= "\udcff" else c for c in text)


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

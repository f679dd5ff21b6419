"""Tables as CSV or XLSX, written page by page to a temporary file: memory does not grow with them.

CSV is UTF-8 with a byte-order mark, by which Excel knows it, and commas. A text that a spreadsheet
would take for a formula leaves as text: in a CSV with an apostrophe before it.
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date
from enum import StrEnum
from tempfile import TemporaryFile
from typing import IO, Any, Protocol
from uuid import UUID

from fastapi import Response

from libs.common.files.refusals import refused

Value = str | int | date | UUID | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Format(StrEnum):
    """How a table is asked for."""

    XLSX = "xlsx"
    CSV = "csv"


MEDIA_TYPES = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv",
}
# What is written well within the time of one request; a line of XLSX takes longer.
MOST_LINES = {Format.XLSX: 50_000, Format.CSV: 100_000}
# Of a route that answers with a file, in its description.
BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
DOWNLOAD: dict[int | str, dict[str, Any]] = {
    200: {"content": {media: BINARY for media in MEDIA_TYPES.values()}}
}


class _Writer(Protocol):
    def add(self, rows: Iterable[Sequence[Value]]) -> None: ...

    def finish(self) -> None: ...

    def abandon(self) -> None: ...


async def table_file(
    form: Format, name: str, titles: Sequence[str], pages: AsyncIterator[Sequence[Sequence[Value]]]
) -> bytes:
    """The whole file; formatting goes on beside the event loop, page by page.

    Args:
        name: of the sheet, at most 31 letters.
        titles: the header row.
        pages: rows in the order of the titles.

    Raises:
        Problem: 422, more lines than one file of this kind may have.
    """
    with TemporaryFile() as file:
        await write_pages(form, file, name, titles, pages, MOST_LINES[form])
        file.seek(0)
        return file.read()


async def write_pages(
    form: Format,
    file: IO[bytes],
    name: str,
    titles: Sequence[str],
    pages: AsyncIterator[Sequence[Sequence[Value]]],
    most: int,
) -> None:
    """Write a whole table into a file, beside the event loop.

    Raises:
        Problem: 422, more than `most` lines.
    """
    lines = 0
    writer = await asyncio.to_thread(_writer, form, file, name, titles)
    try:
        async for page in pages:
            lines += len(page)
            if lines > most:
                raise refused("file.answer", most=most)
            await asyncio.to_thread(writer.add, page)
        await asyncio.to_thread(writer.finish)
    except BaseException:
        writer.abandon()
        raise


def as_download(form: Format, name: str, content: bytes) -> Response:
    """The answer that carries a file; `name` in ASCII, without its ending."""
    headers = download_headers(form, name)
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


def download_headers(form: Format, name: str) -> dict[str, str]:
    """Under which name a browser keeps the file, and that nobody else keeps it."""
    disposition = f'attachment; filename="{name}.{form}"'
    return {"Content-Disposition": disposition, "Cache-Control": "no-store"}


def _writer(form: Format, file: IO[bytes], name: str, titles: Sequence[str]) -> _Writer:
    if form is Format.CSV:
        return CsvWriter(file, titles)
    # Here, since it knows this module.
    from libs.common.files.xlsx_writing import XlsxWriter

    return XlsxWriter(file, name, titles)


class CsvWriter:
    """Rows to a CSV, as they come."""

    def __init__(self, file: IO[bytes], titles: Sequence[str]) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._text, lineterminator="\r\n")
        self._rows.writerow(titles)

    def add(self, rows: Iterable[Sequence[Value]]) -> None:
        self._rows.writerows([_plain(value) for value in row] for row in rows)

    def flush(self) -> None:
        """What was added stands in the file."""
        self._text.flush()

    def finish(self) -> None:
        self._text.flush()
        self._text.detach()  # the file is the caller's

    def abandon(self) -> None:
        """Nothing is left of it."""


def _plain(value: Value) -> str:
    if isinstance(value, str):
        text = one_line(value)
        return f"'{text}" if text.startswith(_FORMULA) else text
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def one_line(text: str) -> str:
    """A cell on one line; without what XML cannot hold."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else " " for letter in text)

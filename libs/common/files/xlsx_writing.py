"""Tables as XLSX; see `writing`."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import IO
from uuid import UUID

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from libs.common.files.writing import Value, one_line

_WIDEST = 40


class XlsxWriter:
    """Rows to an XLSX of one sheet, whose header stays in sight."""

    def __init__(self, file: IO[bytes], name: str, titles: Sequence[str]) -> None:
        self._file = file
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(name[:31])
        self._sheet.freeze_panes = "A2"
        for place, title in enumerate(titles, 1):
            letter = get_column_letter(place)
            self._sheet.column_dimensions[letter].width = min(len(title) + 4, _WIDEST)
        header = [WriteOnlyCell(self._sheet, title) for title in titles]
        for cell in header:
            cell.font = Font(bold=True)
        self._sheet.append(header)

    def add(self, rows: Iterable[Sequence[Value]]) -> None:
        for row in rows:
            self._sheet.append([self._cell(value) for value in row])

    def finish(self) -> None:
        self._book.save(self._file)

    def abandon(self) -> None:
        """Nothing is left of it: the library keeps a sheet in a file of its own till then."""
        with suppress(Exception):  # a page may be at work still, where a request was cut off
            self._sheet.close()
            self._sheet._writer.cleanup()

    def _cell(self, value: Value) -> object:
        if isinstance(value, UUID):
            return str(value)
        if not isinstance(value, str):
            return value
        text = one_line(value)
        if not text.startswith(("=", "#")):
            return text
        cell = WriteOnlyCell(self._sheet, text)
        cell.data_type = "s"  # a text, whatever it looks like
        return cell

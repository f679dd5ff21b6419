"""Tables as XLSX; see `writing`.

Written here and not by `openpyxl`, which takes a millisecond for a line of an official form: a book
of one sheet, its cells numbers, days and inline texts, so that no text can be taken for a formula.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from typing import IO
from uuid import UUID
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from libs.common.files.writing import Value, one_line

_WIDEST = 40
_DAY_ZERO = date(1899, 12, 30).toordinal()  # of a spreadsheet's days
_QUICKLY = 2  # of zlib's levels; the text repeats itself enough
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET = "xl/worksheets/sheet1.xml"
_BOLD, _DAY = 1, 2  # places among the styles
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/{_SHEET}" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>",
}


class XlsxWriter:
    """Rows to an XLSX of one sheet, whose header stays in sight."""

    def __init__(self, file: IO[bytes], name: str, titles: Sequence[str]) -> None:
        self._book = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_QUICKLY)
        for part, text in {**_PARTS, "xl/workbook.xml": _workbook(name[:31])}.items():
            self._book.writestr(part, _XML + text)
        self._letters = [_letters(place) for place in range(len(titles))]
        self._rows = 1
        self._sheet = self._book.open(_SHEET, "w", force_zip64=True)
        widths = "".join(
            f'<col min="{place}" max="{place}" width="{min(len(title) + 4, _WIDEST)}" '
            'customWidth="1"/>'
            for place, title in enumerate(titles, 1)
        )
        header = "".join(
            _text(f"{letter}1", title, f' s="{_BOLD}"')
            for letter, title in zip(self._letters, titles, strict=True)
        )
        self._write(
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
            f"</sheetView></sheetViews><cols>{widths}</cols><sheetData>"
            f'<row r="1">{header}</row>'
        )

    def add(self, rows: Iterable[Sequence[Value]]) -> None:
        written = []
        for row in rows:
            self._rows += 1
            number = str(self._rows)
            cells = [
                _cell(letter + number, value)
                for letter, value in zip(self._letters, row, strict=True)
                if value is not None
            ]
            written.append(f'<row r="{number}">{"".join(cells)}</row>')
        self._write("".join(written))

    def finish(self) -> None:
        self._write("</sheetData></worksheet>")
        self._sheet.close()
        self._book.close()

    def abandon(self) -> None:
        """Nothing is left of it but the caller's file."""
        with suppress(Exception):  # a page may be at work still, where a request was cut off
            self._sheet.close()
            self._book.close()

    def _write(self, text: str) -> None:
        self._sheet.write(text.encode())


def _cell(place: str, value: Value) -> str:
    if isinstance(value, str):
        return _text(place, one_line(value))
    if isinstance(value, date):
        return f'<c r="{place}" s="{_DAY}"><v>{value.toordinal() - _DAY_ZERO}</v></c>'
    if isinstance(value, UUID):
        return _text(place, str(value))
    return f'<c r="{place}"><v>{value}</v></c>'


def _text(place: str, text: str, style: str = "") -> str:
    return (
        f'<c r="{place}"{style} t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is>'
        "</c>"
    )


def _workbook(name: str) -> str:
    quoted = escape(name, {'"': "&quot;"})
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{quoted}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _letters(place: int) -> str:
    """A column's letters, from 0: A … Z, AA …"""
    above, last = divmod(place, 26)
    return (_letters(above - 1) if above else "") + chr(ord("A") + last)

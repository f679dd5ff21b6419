"""The spreadsheets of the chapter: written, and their reports read and mended."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from ansinh.demo.register.households import COLUMNS, HEADER
from services.registry.imports.form import TITLES

_NAMES = {title: name for name, title in TITLES.items()}
_AT = {name: place for place, name in enumerate(COLUMNS)}
# What a machine can do by itself; for everything else somebody looks at the papers.
_DIGITS = {"Gồm 12 chữ số.": 12, "Ghi mã xã 5 chữ số, cả số 0 ở đầu.": 5}
_FROM_PAPERS = (
    "Ghi ngày dạng",
    "Ghi giá trị vào ô này.",
    "Ghi một trong:",
    "Sửa hoặc bỏ một trong hai.",
    "Chỉ giữ một chủ hộ.",
    "Dán giá trị thay cho công thức.",
    "Chuyển mã sang Unicode",
)
Papers = Mapping[int, Sequence[str]]


def write_sheet(path: Path, households: Iterable[Iterable[Sequence[str]]]) -> None:
    """An XLSX under the header; nothing is held."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for household in households:
        for line in household:
            sheet.append(line)
    book.save(path)


def mended(report: Path, papers: Papers) -> Iterator[list[list[str]]]:
    """The households of a report as they are to be sent again: each cell that the report names is
    mended by what the report says is to be done; a remedy that is unknown leaves it as it is.

    Args:
        report: the downloaded report, an XLSX.
        papers: what is right, by row of the file that was sent.
    """
    for _, group in groupby(read_report(report), key=lambda line: (line["commune"], line["code"])):
        lines = list(group)
        # "Keep one head" stands on one line, and may mean another: a household is looked at whole.
        named = {name for line in lines for name in _named(line["why"])}
        fixes = " ".join(line["fix"] for line in lines)
        yield [
            [
                _cell(line[name], papers[int(line["number"])][_AT[name]], fixes)
                if name in named
                else line[name]
                for name in COLUMNS
            ]
            for line in lines
        ]


def read_report(report: Path) -> Iterator[dict[str, str]]:
    """The lines of a report, by the names of the form's columns."""
    book = load_workbook(report, read_only=True)
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        names = [_NAMES[str(title)] for title in next(rows)]
        for row in rows:
            yield {name: _text(value) for name, value in zip(names, row, strict=True)}
    finally:
        book.close()


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _named(why: str) -> list[str]:
    """The columns that a reason names."""
    return [name for title, name in _NAMES.items() if f"{title}: " in why]


def _cell(text: str, paper: str, fixes: str) -> str:
    for remedy, digits in _DIGITS.items():
        if remedy in fixes:
            return text.zfill(digits) if text else text
    return paper if any(remedy in fixes for remedy in _FROM_PAPERS) else text

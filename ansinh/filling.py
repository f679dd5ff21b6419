"""`ansinh files fill FILE`: names and numbers into an official file that our services gave out.

List 03/TD and D03-TS leave with ids alone, because names never ride the bus. The office that hands
the paper over fills it: the registry is asked for the persons of a page at once, for a purpose that
its audit trail keeps. A line of 03/TD names a household: its head stands there as the borrower.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import httpx

from ansinh.importing import call
from ansinh.ops.client import Unanswered
from libs.common.files.cells import day_of, id_of, whole_of
from libs.common.files.layout import Column, Kind, Layout
from libs.common.files.reading import Line, read_table
from libs.common.files.writing import CsvWriter, Value
from libs.common.files.xlsx_writing import XlsxWriter
from libs.common.problems import Problem, Text
from libs.common.web.description import PURPOSE_HEADER
from services.credit.files.form import FORM as LIST_03_TD
from services.credit.files.lists import COLUMNS
from services.eligibility.files.form import FORM as D03_TS

PAGE = 1_000  # as many as the registry answers at once
_ANSWERED = {
    "full_name": "name",
    "personal_number": "personal_number",
    "insurance_number": "insurance_number",
}


@dataclass(frozen=True, slots=True)
class Form:
    """A file that is filled.

    Attributes:
        layout: every column as it was given out, each read.
        key: the column by which persons are asked for; `asked` is its name in the question.
    """

    layout: Layout
    key: str
    asked: str


def _form(name: str, columns: Sequence[Column], key: str, needed: str, asked: str) -> Form:
    read = (replace(one, is_read=True, is_needed=one.name in (key, needed)) for one in columns)
    return Form(Layout(name, tuple(read)), key, asked)


FORMS = (
    _form(LIST_03_TD.name, COLUMNS, "household_id", "referral_id", "household_ids"),
    _form(D03_TS.name, D03_TS.columns, "person_id", "group_now", "person_ids"),
)


async def fill_file(client: httpx.AsyncClient, path: Path, target: Path, purpose: str) -> int:
    """Write the same file with names and numbers, page by page.

    Args:
        client: at the registry's public API.
        path: 03/TD or D03-TS as it was given out, CSV or XLSX.
        target: where it is written, in the form that its name says; appears when it is whole.
        purpose: why; the office's own, as `GET /v1/purposes` lists them.

    Returns:
        The exit code: 0 filled, 1 of somebody no name is known, or may be said.

    Raises:
        Unanswered: the file is none of ours, or the registry refuses.
    """
    half_done = target.with_name(f"{target.name}.part")
    try:
        with path.open("rb") as source, half_done.open("w+b") as file:
            half_done.chmod(0o600)
            lines, named = await _fill(client, source, file, target, purpose)
        half_done.replace(target)
    except Problem as problem:
        details = tuple(text for one in problem.errors for text in (one.message, one.fix))
        raise Unanswered(path.name, problem.status, problem.title, details) from None
    finally:
        half_done.unlink(missing_ok=True)
    print(f"{target}: {named:,} / {lines:,} dòng có họ tên / lines with a name")
    return int(named < lines)


async def _fill(
    client: httpx.AsyncClient, source: BinaryIO, file: BinaryIO, target: Path, purpose: str
) -> tuple[int, int]:
    form, lines = await asyncio.to_thread(_recognised, source)
    names = [column.name for column in form.layout.columns]
    name_at = names.index("full_name")
    is_csv = target.suffix.lower() == ".csv"
    titles = form.layout.titles
    writer = CsvWriter(file, titles) if is_csv else XlsxWriter(file, form.layout.name, titles)
    counted = named = 0
    while page := await asyncio.to_thread(_page, lines, form):
        known = await _ask(client, form, page, purpose)
        rows = [_filled(line, names, known.get(str(line[names.index(form.key)]))) for line in page]
        await asyncio.to_thread(writer.add, rows)
        counted += len(rows)
        named += sum(bool(row[name_at]) for row in rows)
    await asyncio.to_thread(writer.finish)
    return counted, named


def _recognised(source: BinaryIO) -> tuple[Form, Iterator[Line]]:
    """Which form it is, and its lines.

    Raises:
        Problem: 422, it is none of them, or one that cannot be read.
    """
    *others, last = FORMS
    for form in others:
        source.seek(0)
        lines = read_table(source, form.layout)
        try:
            return form, chain([next(lines)], lines)
        except Problem as problem:
            if any(one.rule != "header.missing" for one in problem.errors):
                raise
    source.seek(0)
    return last, read_table(source, last.layout)


def _page(lines: Iterator[Line], form: Form) -> list[list[Value]]:
    return [_values(line, form.layout) for line in islice(lines, PAGE)]


def _values(line: Line, layout: Layout) -> list[Value]:
    """A line as it was given out.

    Raises:
        Unanswered: it was changed in a way that does not come back as it is.
    """
    values = [_value(one, text) for one, text in zip(layout.columns, line.cells, strict=True)]
    if line.faults:
        title = Text(f"Dòng {line.number} không đọc được.", f"Line {line.number} is unreadable.")
        fix = Text("Tải lại tệp rồi điền.", "Fetch the file again, then fill it.")
        raise Unanswered(layout.name, 422, title, (fix,))
    return values


def _value(column: Column, text: str) -> Value:
    """Days and numbers as such, so that they leave as they came; what is none stays a text."""
    value: Value = None
    match column.kind:
        case Kind.DAY:
            value = day_of(text)
        case Kind.WHOLE:
            value = whole_of(text)
        case Kind.ID:
            value = id_of(text)
        case Kind.TEXT:
            pass
    return value if value is not None else text or None


async def _ask(
    client: httpx.AsyncClient, form: Form, page: Sequence[Sequence[Value]], purpose: str
) -> Mapping[str, Mapping[str, Any]]:
    """What is known of the persons of a page, by the key of their lines."""
    at = [column.name for column in form.layout.columns].index(form.key)
    ids = sorted({str(line[at]) for line in page if isinstance(line[at], UUID)})
    if not ids:
        return {}
    # As bytes: what does not belong in a header is for the service to refuse.
    headers = {PURPOSE_HEADER.encode(): purpose.encode()}
    answer = await call(client, "POST", "persons/print", json={form.asked: ids}, headers=headers)
    return {item[form.key]: item for item in answer["items"]}


def _filled(
    line: Sequence[Value], names: Sequence[str], known: Mapping[str, Any] | None
) -> list[Value]:
    if known is None:
        return list(line)
    return [
        known[_ANSWERED[name]] or value if name in _ANSWERED else value
        for name, value in zip(names, line, strict=True)
    ]

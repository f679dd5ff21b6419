"""A page's lines, read: JSON objects, or CSV with a heading. Pure.

Each line is readable or not by itself. One that is written as it should be costs one match of one
pattern, whatever it holds; only others are looked at value by value. A value that cannot be read is
never said back, only its column: a line may hold anything.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from libs.common.partners.reconciling.domain import Layout
from libs.common.problems import FieldError, Problem, Text

MOST_LINES = 10_000
_PLACES = 100_000  # of a page, more than its lines
_DELIMITERS = ",;\t"


class Line(NamedTuple):
    """A readable line: its place in the page, from 1, its key, and all else as canonical text."""

    line: int
    key: str
    fields: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that cannot be read, by the first column that is to blame; None: the line as such."""

    line: int
    field: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """What a page holds."""

    lines: list[Line]
    unreadable: list[Unreadable]

    @property
    def size(self) -> int:
        return len(self.lines) + len(self.unreadable)


class Reader:
    """Reads the lines of one layout."""

    def __init__(self, layout: Layout) -> None:
        self._names = layout.names
        self._whole = re.compile(layout.pattern).fullmatch
        self._each = [re.compile(one.matched).fullmatch for one in layout.all_columns]

    def csv(self, text: str) -> Page:
        """CSV with a heading of the columns' names, in any order; commas, semicolons or tabs.

        Raises:
            Problem: 422, the heading does not name exactly these columns, or too many lines.
        """
        refuse_many(text.count("\n"), MOST_LINES + 2)
        heading, _, rest = text.removeprefix("\ufeff").partition("\n")
        rows = rest.split("\n")
        if rows and not rows[-1].strip():
            rows.pop()
        refuse_many(len(rows))
        delimiter, order = self._heading(heading.rstrip("\r"))
        is_plain = delimiter == "," and order == list(range(len(order)))
        page = Page([], [])
        good, whole = page.lines.append, self._whole
        for number, row in enumerate(rows, 1):
            match = whole(row) if is_plain else None
            if match is not None:
                good(Line(number, match[1], match[2]))
            else:
                self._take(page, number, _cells(row, delimiter, order))
        return page

    def objects(self, rows: Sequence[Any]) -> Page:
        """Objects with the columns' names, as JSON gives them.

        Raises:
            Problem: 422, too many lines.
        """
        refuse_many(len(rows))
        page = Page([], [])
        names, known = self._names, set(self._names)
        for number, row in enumerate(rows, 1):
            if not isinstance(row, Mapping) or not known.issuperset(row):
                page.unreadable.append(Unreadable(number, None))
            else:
                self._take(page, number, [_text(row.get(name)) for name in names])
        return page

    def _take(self, page: Page, number: int, values: Sequence[str | None] | None) -> None:
        if values is None:
            page.unreadable.append(Unreadable(number, None))
            return
        match = None
        if None not in values:
            match = self._whole(",".join(values))  # type: ignore[arg-type]
        if match is not None:
            page.lines.append(Line(number, match[1], match[2]))
        else:
            page.unreadable.append(Unreadable(number, self._culprit(values)))

    def _culprit(self, values: Sequence[str | None]) -> str | None:
        for name, matches, value in zip(self._names, self._each, values, strict=True):
            if value is None or matches(value) is None:
                return name
        return None

    def _heading(self, heading: str) -> tuple[str, list[int]]:
        """The delimiter, and where each of our columns stands."""
        for delimiter in _DELIMITERS:
            names = [one.strip().strip('"') for one in heading.split(delimiter)]
            if sorted(names) == sorted(self._names):
                return delimiter, [names.index(name) for name in self._names]
        wanted = ",".join(self._names)
        title = Text("Dòng tiêu đề không đúng.", "The heading is not right.")
        fix = Text(f"Dòng đầu phải là: {wanted}", f"The first line has to be: {wanted}")
        error = FieldError("/heading", "reconciliation.heading", title, fix)
        raise Problem(422, "reconciliation.heading", title, [error])


@lru_cache(maxsize=64)
def reader_of(layout: Layout) -> Reader:
    """The reader of a layout, made once."""
    return Reader(layout)


def _cells(row: str, delimiter: str, order: Sequence[int]) -> list[str] | None:
    """A row's values in our order, tidied; None where it has more or fewer."""
    try:
        [cells] = csv.reader([row.rstrip("\r")], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):
        return None
    if len(cells) != len(order):
        return None
    return [_tidied(cells[at]) for at in order]


def _text(value: object) -> str | None:
    """Canonical where it is easy to see how; None where it cannot be one value."""
    if isinstance(value, str):
        return _tidied(value)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    return None


_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}").fullmatch


def _tidied(text: str) -> str:
    text = text.strip()
    return text.lower() if _UUID(text) else text


def refuse_many(count: int, most: int = MOST_LINES) -> None:
    """Refuse a page of too many lines; before it is taken apart by an upper bound."""
    if count <= most:
        return
    title = Text("Trang có quá nhiều dòng.", "The page has too many lines.")
    fix = Text(f"Nhiều nhất {MOST_LINES} dòng một trang.", f"{MOST_LINES} lines a page at most.")
    error = FieldError("/lines", "reconciliation.page_size", title, fix)
    raise Problem(422, "reconciliation.page_size", title, [error])


def place_of(page: int, line: int) -> int:
    """Where a line stands in all of its list."""
    return page * _PLACES + line


def page_and_line(place: int) -> tuple[int, int]:
    """The page and the line of a place."""
    return divmod(place, _PLACES)


def copied(reconciliation_id: object, page: int, lines: Iterable[Line]) -> bytes:
    """The lines as PostgreSQL's COPY takes them; no canonical text needs escaping."""
    before, id_text = page * _PLACES, f"{reconciliation_id}\t"
    return "".join(
        [f"{id_text}{before + number}\t{key}\t{fields}\n" for number, key, fields in lines]
    ).encode()

"""From the bytes of a file to its pages: whole households, some hundred lines each. No database.

A page is sealed as one text: cheaper than sealing rows, and nobody searches in it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import BinaryIO

from pydantic_core import from_json, to_json

from libs.common.files.reading import Line, read_table
from libs.common.files.rows import Limits
from services.registry.imports.form import FORM, NUMBERS, READ, keys_along, with_codes
from services.registry.vault.domain import digest

PAGE_LINES = 1_000
_MOST_TOGETHER = 2_000  # of one household: more is none, and is found to stand in two places
LIMITS = Limits(rows=1_000_000, inflated=2 * 1024**3, tags=8_000_000)
_PLACES = [(kind, READ.index(kind)) for kind in NUMBERS]


@dataclass(frozen=True, slots=True)
class Page:
    """Lines that belong together; `keys` and `numbers` are what may stand in a file once."""

    lines: Sequence[Line]
    keys: Sequence[int]
    numbers: Sequence[int]


def pages_of(
    file: BinaryIO,
    hash_key: bytes,
    lines: int = PAGE_LINES,
    ignored: list[tuple[str, str]] | None = None,
) -> Iterator[Page]:
    """The file's pages, the same for the same bytes.

    Args:
        file: a CSV or an XLSX.
        hash_key: what numbers are hashed under.
        lines: after which a page ends with its household.
        ignored: takes name and title of the columns from which nothing is taken.

    Raises:
        Problem: 422 while it is read, see `read_table`.
    """
    page: list[Line] = []
    keys: list[int] = []
    table = with_codes(read_table(file, FORM, LIMITS, ignored))
    for key, group in groupby(table, keys_along()):
        keys.append(key_hash(*key))
        for line in group:
            page.append(line)
            if len(page) == _MOST_TOGETHER:
                yield _page(page, keys, hash_key)
                page, keys = [], [keys[-1]]
        if len(page) >= lines:
            yield _page(page, keys, hash_key)
            page, keys = [], []
    if page:
        yield _page(page, keys, hash_key)


def key_hash(commune: str, code: str) -> int:
    """By which a household is known again within a file."""
    return _short(hashlib.blake2b(f"{commune}\0{code}".encode(), digest_size=8).digest())


def number_hash(hashed: bytes) -> int:
    """The same of a number, given its keyed hash."""
    return _short(hashed)


def packed(lines: Sequence[Line]) -> bytes:
    """Lines as one text, to be sealed."""
    return to_json([(line.number, line.cells, line.faults) for line in lines])


def unpacked(content: bytes) -> list[Line]:
    return [
        Line(number, tuple(cells), tuple((name, rule) for name, rule in faults))
        for number, cells, faults in from_json(content)
    ]


def _page(lines: Sequence[Line], keys: Sequence[int], hash_key: bytes) -> Page:
    numbers = [
        number_hash(digest(hash_key, kind, line.cells[place]))
        for line in lines
        for kind, place in _PLACES
        if line.cells[place]
    ]
    return Page(lines, keys, numbers)


def _short(hashed: bytes) -> int:
    return int.from_bytes(hashed[:8], signed=True)

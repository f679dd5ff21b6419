"""Which columns a table has, and its header recognised by their Vietnamese titles. Pure.

Titles are compared without accents, case and punctuation. A title that is not known is refused: a
column that was spelt wrong would else be passed over in silence.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from unicodedata import combining, normalize

from libs.common.files import refusals
from libs.common.problems import Problem

_NO_WORD = re.compile(r"[^0-9a-z]+")


class Kind(Enum):
    """What a column's cells hold."""

    TEXT = auto()
    ID = auto()
    DAY = auto()
    WHOLE = auto()  # a whole number: VND, months


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: for programs.
        title: for people, in Vietnamese.
        is_needed: a table without it is refused.
        is_read: false for what we write ourselves: known in a header and passed over.
        is_written: false for what offices' lists have and our own do not; it may be there twice.
        aliases: other titles by which offices know it.
    """

    name: str
    title: str
    kind: Kind = Kind.TEXT
    is_needed: bool = False
    is_read: bool = True
    is_written: bool = True
    aliases: tuple[str, ...] = ()

    @property
    def folded(self) -> frozenset[str]:
        """Every title, as titles are compared."""
        return frozenset(map(fold, (self.title, *self.aliases)))


@dataclass(frozen=True, slots=True)
class Layout:
    """A table's columns, in the order in which we write them."""

    name: str
    columns: tuple[Column, ...]

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(column.title for column in self.written)

    @property
    def written(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_written)

    @property
    def read(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_read)

    def is_header(self, cells: Sequence[str]) -> bool:
        """Whether a row holds every title that is needed."""
        found = {fold(cell) for cell in cells}
        return all(column.folded & found for column in self.columns if column.is_needed)

    def places(self, cells: Sequence[str], number: int) -> Mapping[str, int]:
        """Where each column that is read stands in a header row.

        Raises:
            Problem: 422, a title that is not known, or one that is there twice.
        """
        known = {title: column for column in self.columns for title in column.folded}
        found: dict[str, int] = {}
        errors = []
        for place, cell in enumerate(cells):
            folded = fold(cell)
            if not folded:
                continue
            column = known.get(folded)
            if column is None:
                errors.append(refusals.title_unknown(number, place, self.titles))
            elif column.name in found and column.is_written:
                errors.append(refusals.title_twice(number, place, column.title))
            else:
                found[column.name] = place
        if errors:
            raise Problem(422, "file.header", refusals.HEADER, errors)
        return {column.name: found[column.name] for column in self.read if column.name in found}


def passed_over(layout: Layout, cells: Sequence[str]) -> list[tuple[str, str]]:
    """Columns of a header from which nothing is taken and that are none of our own: the name of
    each, and the title that it has there.
    """
    strange = [column for column in layout.columns if not (column.is_read or column.is_written)]
    known = {title: column.name for column in strange for title in column.folded}
    return [(known[fold(cell)], cell.strip()) for cell in cells if fold(cell) in known]


def fold(title: str) -> str:
    """A title without accents, case and punctuation: `Số tiền (đồng)` is `so tien dong`."""
    bare = normalize("NFD", title.casefold().replace("đ", "d"))
    plain = "".join(letter for letter in bare if not combining(letter))
    return _NO_WORD.sub(" ", plain).strip()

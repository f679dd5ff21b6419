"""What the readers of both formats give: rows of texts, and what of them is not what it seems."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Mark(StrEnum):
    """Something that the text of a cell does not tell."""

    FORMULA = "cell.formula"
    ERROR = "cell.error"
    DAY = "cell.became_day"  # a date cell; right where a day is asked for
    DIGITS = "cell.digits"  # a number of more digits than Excel keeps


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file, as it is.

    Attributes:
        number: from 1.
        rule: that the row as a whole breaks; then its cells are its text, unparsed.
        marks: by place, from 0.
    """

    number: int
    cells: tuple[str, ...]
    rule: str | None = None
    marks: Mapping[int, Mark] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may hold.

    Attributes:
        rows: lines below the header.
        columns: of the header.
        letters: of a cell.
        inflated: bytes of an XLSX, unpacked.
        tags: of any part of an XLSX but its sheets.
        blank: empty rows, one after the other.
    """

    rows: int = 100_000
    columns: int = 60
    letters: int = 1_000
    inflated: int = 192 * 1024 * 1024
    tags: int = 2_000_000
    blank: int = 10_000

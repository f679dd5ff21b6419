"""All tables of one directory, and which of them are in force on a day, as known on a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from libs.common.policy.facts import Vocabulary
from libs.common.policy.model import Table
from libs.common.policy.reading import LawError


@dataclass(frozen=True)
class Book:
    """A closed set of checked tables."""

    vocabulary: Vocabulary
    tables: tuple[Table, ...]

    def in_force(self, day: date, known_on: date | None = None) -> tuple[Table, ...]:
        """The versions in force on `day`, as known on `known_on` (default: all that is known)."""
        return tuple(select_in_force(self.tables, day, known_on))

    def find(
        self, table_id: str, day: date, province: str | None = None, known_on: date | None = None
    ) -> Table | None:
        """The version of one table for a place: the province's overlay before the national rule."""
        versions = [table for table in self.in_force(day, known_on) if table.id == table_id]
        for table in versions:
            if province is not None and province in table.provinces:
                return table
        return next((table for table in versions if not table.provinces), None)

    def versions(self, table_id: str) -> tuple[Table, ...]:
        return tuple(
            sorted(
                (table for table in self.tables if table.id == table_id),
                key=lambda table: (sorted(table.provinces), table.effective, table.known_from),
            )
        )

    def of_programme(self, programme: str) -> tuple[Table, ...]:
        """Every version of every table that can give this programme."""
        return tuple(table for table in self.tables if programme in table.programmes)


def select_in_force(
    tables: Iterable[Table], day: date, known_on: date | None = None
) -> list[Table]:
    """Of the versions that cover `day` and are known, those no later-known one has superseded."""
    covering = [
        table
        for table in tables
        if table.is_in_force(day) and (known_on is None or table.known_from <= known_on)
    ]
    return [
        table
        for table in covering
        if not any(_takes_place(other, table) for other in covering if other is not table)
    ]


def _takes_place(later: Table, earlier: Table) -> bool:
    return (
        later.supersedes
        and later.id == earlier.id
        and later.provinces == earlier.provinces
        and later.known_from > earlier.known_from
    )


def check_overlaps(tables: Sequence[Table]) -> None:
    """Two versions of one table must not both be in force on a day.

    Raises:
        LawError: at the later one, naming the other.
    """
    for index, table in enumerate(tables):
        for other in tables[:index]:
            if table.id != other.id or not _overlap(table, other):
                continue
            if table.provinces != other.provinces and not table.provinces & other.provinces:
                continue
            if _takes_place(table, other) or _takes_place(other, table):
                continue
            raise LawError(
                table.file,
                table.line,
                f"{table.id} overlaps in time with {other.file}:{other.line}",
            )


def _overlap(one: Table, other: Table) -> bool:
    return (other.until is None or one.effective < other.until) and (
        one.until is None or other.effective < one.until
    )

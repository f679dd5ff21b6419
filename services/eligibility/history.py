"""Bitemporal sets of rows: what a household has, as known on any instant; nothing is overwritten.

A table of this kind has `household_id`, `commune`, a key inside the household, the values, and
`recorded_at`/`superseded_at`. `replace` makes the live rows of many households be the wanted ones
in three statements, whatever their number, and answers only what really changed. Live rows carry
the household's present commune; superseded ones keep the commune under which they were known.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from libs.common.database import Transaction

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

Row = tuple[Any, ...]

# Stands before every person in a keyset page.
NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Difference:
    """What became of one household's live rows: values in the order of `History.columns`."""

    gone: tuple[Row, ...]
    new: tuple[Row, ...]


@dataclass(frozen=True)
class History:
    """A bitemporal table.

    Attributes:
        table: its declaration.
        key: the columns that name a row inside a household, `from_day` among them.
        values: the other columns. JSON columns hold text: equal text is equal value.
    """

    table: type[SQLModel]
    key: tuple[str, ...]
    values: tuple[str, ...]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """What a row of `replace` consists of, in order."""
        return ("commune", *self.key, *self.values)

    @cached_property
    def name(self) -> str:
        return str(self.table.__tablename__)

    @cached_property
    def read_live(self) -> str:
        wanted = ", ".join(self._as_text(column) for column in self.columns)
        # Household by household through the primary key (OFFSET 0 keeps it so): while a table
        # grows faster than its statistics, a plan over the whole set reads every live row, and
        # "is live" within would read the whole index of live rows for each household (measured:
        # 350 ms for 1,000 households, growing with the table).
        return (
            f"SELECT household_id, recorded_at, {', '.join(self.columns)} "
            f"FROM unnest($1::uuid[]) AS asked(household) CROSS JOIN LATERAL ("
            f"SELECT household_id, recorded_at, superseded_at, {wanted} FROM {self.name} "
            "WHERE household_id = asked.household OFFSET 0) AS live WHERE superseded_at IS NULL"
        )

    @cached_property
    def supersede(self) -> str:
        key = ("household_id", "recorded_at", *self.key)
        casts = ", ".join(f"${n}::{self._type(c)}[]" for n, c in enumerate(key, start=2))
        same = " AND ".join(f"live.{column} = gone.{column}" for column in key)
        return (
            f"UPDATE {self.name} AS live SET superseded_at = $1 "
            f"FROM unnest({casts}) AS gone({', '.join(key)}) WHERE {same}"
        )

    def _type(self, column: str) -> str:
        return str(self._declared(column).type.compile(_DIALECT))

    def _as_text(self, column: str) -> str:
        is_json = isinstance(self._declared(column).type, JSON)
        return f"{column}::text AS {column}" if is_json else column

    def _declared(self, column: str) -> Any:
        return self.table.__table__.columns[column]  # type: ignore[attr-defined]


async def replace(
    tx: Transaction, history: History, wanted: Mapping[UUID, Sequence[Row]]
) -> dict[UUID, Difference]:
    """Make the live rows of these households be exactly the wanted ones.

    The caller holds the households' heads, so nobody else writes these rows meanwhile.

    Args:
        tx: the act's transaction.
        history: the table.
        wanted: for each household every row that it should have, in the order of `columns`.

    Returns:
        The difference of each household that changed; the others are left out.
    """
    stored: dict[UUID, dict[Row, Any]] = {household: {} for household in wanted}
    for record in await tx.fetch(history.read_live, list(wanted)):
        household, recorded_at, *row = record
        stored[household][tuple(row)] = recorded_at
    changes: dict[UUID, Difference] = {}
    superseded: list[Row] = []
    inserted: list[Row] = []
    width = 1 + len(history.key)
    for household, rows in wanted.items():
        before, after = stored[household], set(rows)
        if before.keys() == after:
            continue
        gone = tuple(row for row in before if row not in after)
        new = tuple(row for row in rows if row not in before)
        superseded += ((household, before[row], *row[1:width]) for row in gone)
        inserted += ((household, tx.recorded_at, *row) for row in new)
        changes[household] = Difference(gone, new)
    if superseded:
        await tx.execute(history.supersede, tx.recorded_at, *_columns(superseded))
    await tx.insert(history.table, ("household_id", "recorded_at", *history.columns), inserted)
    return changes


def _columns(rows: Iterable[Row]) -> list[Row]:
    return list(zip(*rows, strict=True))

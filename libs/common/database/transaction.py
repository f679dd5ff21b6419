"""One request or one micro-batch is one transaction; only the edge and the consumer open it.

Statements are SQL text with `$1` placeholders straight on asyncpg: everything here works on sets
(`unnest`), where a statement builder only adds cost. Tables are declared with SQLModel; `insert`
derives its statement, types included, from that declaration.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Transaction:
    """An open transaction and the instant at which its writes count as recorded.

    Attributes:
        connection: the asyncpg connection; its transaction is open until the edge ends it.
        recorded_at: aware UTC instant, the same for every row this transaction writes.
        wakes: channels to notify once the transaction has committed.
    """

    connection: asyncpg.Connection[asyncpg.Record]
    recorded_at: datetime
    wakes: set[str] = field(default_factory=set)

    async def fetch(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        return await self.connection.fetch(sql, *arguments)

    async def fetchrow(self, sql: str, *arguments: Any) -> asyncpg.Record | None:
        return await self.connection.fetchrow(sql, *arguments)

    async def fetchval(self, sql: str, *arguments: Any, seconds: float | None = None) -> Any:
        """One value; `seconds` where the statement may take longer than any usual one."""
        return await self.connection.fetchval(sql, *arguments, timeout=seconds)

    async def execute(self, sql: str, *arguments: Any) -> int:
        """Run a statement; answers how many rows it touched."""
        status = await self.connection.execute(sql, *arguments)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def insert(
        self,
        table: type[SQLModel],
        columns: tuple[str, ...],
        rows: Iterable[Sequence[Any]],
        *,
        on_conflict: str = "",
    ) -> int:
        """Insert a set of rows in one statement.

        Args:
            table: the SQLModel table; its declaration gives the column types.
            columns: the columns that each row fills, in order.
            rows: one sequence of values per row.
            on_conflict: an `ON CONFLICT ...` clause where repeats are expected.

        Returns:
            How many rows were inserted (or updated by the clause).
        """
        values = list(zip(*rows, strict=True))
        if not values:
            return 0
        return await self.execute(insert_statement(table, columns, on_conflict), *values)


@lru_cache(maxsize=512)
def insert_statement(table: type[SQLModel], columns: tuple[str, ...], on_conflict: str = "") -> str:
    """`INSERT INTO table (columns) SELECT * FROM unnest(...)`, typed by the table's declaration."""
    declared = table.__table__.columns  # type: ignore[attr-defined]
    casts = ", ".join(
        f"${position}::{declared[column].type.compile(_DIALECT)}[]"
        for position, column in enumerate(columns, start=1)
    )
    names = ", ".join(columns)
    name = table.__table__.name  # type: ignore[attr-defined]
    return f"INSERT INTO {name} ({names}) SELECT * FROM unnest({casts}) {on_conflict}".rstrip()

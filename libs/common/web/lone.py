"""A read that is one statement: it enters the caller's areas, reads, and puts itself on the audit
trail. The database commits it by itself: one way there and back, where an open transaction takes
five, and most of what a small read costs is the ways.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import asyncpg

from libs.common.database import Transaction
from libs.common.security.audit import AuditLine, line_values, note_line

# `entered` comes first: what is read is joined to it, behind a condition on it. Row-level security
# asks for the scope when it sees the first row, and sees none where no scope is set.
_LONE = """
WITH entered AS MATERIALIZED (SELECT set_config('ansinh.scope', ${scope}, true) AS scope),
found AS MATERIALIZED (
  SELECT asked.* FROM entered CROSS JOIN LATERAL (
    SELECT * FROM ({asked}) AS inner_one WHERE entered.scope IS NOT NULL OFFSET 0) AS asked
),
noted AS ({noted} WHERE EXISTS (SELECT FROM found))
SELECT * FROM found
"""


@dataclass(frozen=True)
class LoneRead(Transaction):
    """What an endpoint has for a transaction that may ask once and write nothing.

    Attributes:
        scope: the caller's areas.
        line: says what the trail is to hold, when the question is asked.
    """

    scope: str = ""
    line: Callable[[], AuditLine] | None = None
    _told: list[AuditLine] = field(default_factory=list)

    def require_told(self, lines: Sequence[AuditLine]) -> None:
        """Nothing was shown that is not on the trail: it holds these lines.

        Raises:
            RuntimeError: nothing was asked, or more was noted after it was.
        """
        if not self._told:
            raise RuntimeError("a lone read asked nothing")
        if self._told != list(lines):
            raise RuntimeError("what is noted after a lone read is not on the trail")

    async def fetch(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        if self._told or self.line is None:
            raise RuntimeError("a lone read asks once")
        self._told.append(self.line())
        noted = line_values(self.recorded_at, *self._told)
        return await self.connection.fetch(
            _lone(sql, len(arguments)), *arguments, self.scope, *noted
        )

    async def fetchrow(self, sql: str, *arguments: Any) -> asyncpg.Record | None:
        rows = await self.fetch(sql, *arguments)
        return rows[0] if rows else None

    async def fetchval(self, sql: str, *arguments: Any, seconds: float | None = None) -> Any:
        row = await self.fetchrow(sql, *arguments)
        return None if row is None else row[0]

    async def execute(self, sql: str, *arguments: Any) -> int:
        raise RuntimeError("a lone read writes nothing")


@lru_cache(maxsize=64)
def _lone(sql: str, arguments: int) -> str:
    return _LONE.format(scope=arguments + 1, asked=sql, noted=note_line(arguments + 2))

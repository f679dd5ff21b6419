"""From the area codes in a token to the commune codes whose rows its bearer may see.

Rows carry the commune code under which they were recorded, so a scope names codes of the present
and of the past. A commune that was divided belongs to the scope of each of its successors, until
its households are told apart.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from libs.common.areas.reach import REACH
from libs.common.database import EVERY_AREA, Transaction

_COMMUNE_DIGITS = 5
_EXPAND = f"""
{REACH}
SELECT DISTINCT unit.code FROM reached CROSS JOIN LATERAL (
  SELECT code FROM area_unit
  WHERE area_id = reached.area_id AND level = 'commune' OFFSET 0
) AS unit
ORDER BY unit.code
"""

_ENTER = "SELECT set_config('ansinh.scope', $1, true)"


async def expand(tx: Transaction, codes: Sequence[str], day: date) -> str:
    """The scope of area codes on a day, for `ansinh.scope`.

    A code means the unit that bears it on `day`, else the last one that did. The scope covers its
    communes, what they came from, and what they have become by `day`.

    Args:
        tx: any transaction; the area tables are open to every role.
        codes: 2 digits for a province, 3 for a district, 5 for a commune, or `*`.
        day: the day on which the bearer acts.

    Returns:
        Commune codes joined by commas, `*`, or nothing when no code is known.
    """
    if EVERY_AREA in codes:
        return EVERY_AREA
    return ",".join([row["code"] for row in await tx.fetch(_EXPAND, list(codes), day, day)])


class ScopeCache:
    """Remembers the scopes of callers for a short while: they change only when areas do.

    Args:
        lifetime: after which a scope is read again.
        largest: how many scopes are kept; beyond it the cache starts anew.
    """

    def __init__(self, lifetime: timedelta = timedelta(seconds=30), largest: int = 2000) -> None:
        self._lifetime = lifetime
        self._largest = largest
        self._known: dict[tuple[frozenset[str], date], tuple[datetime, str]] = {}

    async def enter(self, tx: Transaction, codes: Sequence[str], day: date) -> None:
        """Give the transaction the scope of a caller's codes: row-level security reads it."""
        scope = await self.of_caller(tx, codes, day)
        if scope:
            await tx.execute(_ENTER, scope)

    async def of_caller(self, tx: Transaction, codes: Sequence[str], day: date) -> str:
        """The scope of a token's codes, at most `lifetime` old by the transactions' own instants.

        A commune's code always covers the rows recorded under it, also where its unit is not known
        yet; provinces and districts cover nothing until they are.
        """
        if EVERY_AREA in codes:
            return EVERY_AREA
        key = frozenset(codes), day
        known = self._known.get(key)
        if known is not None and tx.recorded_at - known[0] < self._lifetime:
            return known[1]
        scope = await expand(tx, codes, day)
        communes = {code for code in codes if len(code) == _COMMUNE_DIGITS}
        scope = ",".join(sorted(communes.union(scope.split(",") if scope else ())))
        if scope:  # an empty one may only mean that the areas are still on their way
            if len(self._known) >= self._largest:
                self._known.clear()
            self._known[key] = tx.recorded_at, scope
        return scope

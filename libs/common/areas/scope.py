"""From the area codes in a token to the commune codes whose rows its bearer may see.

Rows carry the commune code under which they were recorded, so a scope names codes of the present
and of the past. A commune that was divided belongs to the scope of each of its successors, until
its households are told apart. A code whose unit has ended does not reach into a unit that took it
over together with others: whoever works there now needs a token that names the new unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from libs.common.areas.succession import Reached, reached
from libs.common.database import EVERY_AREA, Transaction

_COMMUNE_DIGITS = 5
_ENTER = "SELECT set_config('ansinh.scope', $1, true)"


@dataclass(frozen=True, slots=True)
class Known:
    """A caller's scope as it was read.

    Attributes:
        scope: for `ansinh.scope`.
        ended: what is said of codes whose units have ended; empty where all of them go on.
    """

    scope: str
    ended: str


async def expand(tx: Transaction, codes: Sequence[str], day: date) -> str:
    """The scope of area codes on a day, for `ansinh.scope`.

    A code means the unit that bears it on `day`, else the last one that did. The scope covers its
    communes, what they came from, and of what they have become by `day` the units that are made of
    nothing else.

    Args:
        tx: any transaction; the area tables are open to every role.
        codes: 2 digits for a province, 3 for a district, 5 for a commune, or `*`.
        day: the day on which the bearer acts.

    Returns:
        Commune codes joined by commas, `*`, or nothing when no code is known.
    """
    if EVERY_AREA in codes:
        return EVERY_AREA
    return ",".join(sorted(_covered(await reached(tx, codes, day))))


class ScopeCache:
    """Remembers the scopes of callers for a short while: they change only when areas do.

    Args:
        lifetime: after which a scope is read again.
        largest: how many scopes are kept; beyond it the cache starts anew.
    """

    def __init__(self, lifetime: timedelta = timedelta(seconds=30), largest: int = 2000) -> None:
        self._lifetime = lifetime
        self._largest = largest
        self._known: dict[tuple[frozenset[str], date], tuple[datetime, Known]] = {}

    async def enter(self, tx: Transaction, codes: Sequence[str], day: date) -> None:
        """Give the transaction the scope of a caller's codes: row-level security reads it."""
        scope = await self.of_caller(tx, codes, day)
        if scope:
            await tx.execute(_ENTER, scope)

    async def of_caller(self, tx: Transaction, codes: Sequence[str], day: date) -> str:
        """The scope of a token's codes; see `read`."""
        return (await self.read(tx, codes, day)).scope

    async def read(self, tx: Transaction, codes: Sequence[str], day: date) -> Known:
        """The scope of a token's codes, at most `lifetime` old by the transactions' own instants,
        and which of them have ended.

        A commune's code always covers the rows recorded under it, also where its unit is not known
        yet; provinces and districts cover nothing until they are.
        """
        if EVERY_AREA in codes:
            return Known(EVERY_AREA, "")
        key = frozenset(codes), day
        kept = self._known.get(key)
        if kept is not None and tx.recorded_at - kept[0] < self._lifetime:
            return kept[1]
        units = await reached(tx, codes, day)
        communes = {code for code in codes if len(code) == _COMMUNE_DIGITS}
        found = Known(",".join(sorted(communes | _covered(units))), _ended(units, day))
        if found.scope:  # an empty one may only mean that the areas are still on their way
            if len(self._known) >= self._largest:
                self._known.clear()
            self._known[key] = tx.recorded_at, found
        return found


def _covered(units: Sequence[Reached]) -> set[str]:
    return {one.code for one in units if one.is_commune and (one.is_earlier or one.is_whole)}


def _ended(units: Sequence[Reached], day: date) -> str:
    """For a header: `01873 until 2025-07-01`, one after the other."""
    ended = {
        (one.code, one.valid_until)
        for one in units
        if one.is_asked and one.valid_until is not None and one.valid_until <= day
    }
    return ", ".join(f"{code} until {until}" for code, until in sorted(ended))

"""Every statement on the day of the law and on the sweeps."""

from dataclasses import dataclass
from datetime import date, datetime

from libs.common.database import Transaction

# FOR SHARE: a sweep that moves the day waits for whoever is pricing by the old one, and so finds
# all that they wrote.
_HOLD_LAW_DAY = "SELECT day FROM law_day FOR SHARE"
_READ_LAW_DAY = "SELECT day FROM law_day"
_MOVE_LAW_DAY = "UPDATE law_day SET day = $1 WHERE day < $1"
_REQUEST = """
INSERT INTO sweep (day, requested_at, changed) VALUES ($1, $2, 0)
ON CONFLICT (day) DO UPDATE SET requested_at = excluded.requested_at, finished_at = NULL
WHERE sweep.finished_at IS NOT NULL
"""
_FIND = "SELECT day, requested_at, finished_at, changed FROM sweep"
_FIND_ONE = f"{_FIND} WHERE day = $1"
_LIST_OPEN = f"{_FIND} WHERE finished_at IS NULL ORDER BY day"
_ADVANCE = "UPDATE sweep SET changed = changed + $2 WHERE day = $1"
_FINISH = "UPDATE sweep SET finished_at = $2 WHERE day = $1 AND finished_at IS NULL"


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep that was asked for; `changed` referrals and loans took new terms."""

    day: date
    requested_at: datetime
    finished_at: datetime | None
    changed: int


async def hold_law_day(tx: Transaction) -> date:
    """The day of the law, which nobody moves before this transaction ends.

    `date.min` before the first sweep.
    """
    day: date = await tx.fetchval(_HOLD_LAW_DAY)
    return day


async def get_law_day(tx: Transaction) -> date:
    day: date = await tx.fetchval(_READ_LAW_DAY)
    return day


async def move_law_day(tx: Transaction, day: date) -> None:
    """Forward only; a past day leaves it where it is."""
    await tx.execute(_MOVE_LAW_DAY, day)


async def request_sweep(tx: Transaction, day: date) -> None:
    """Ask for a sweep; one that is still to be done is not asked for twice."""
    await tx.execute(_REQUEST, day, tx.recorded_at)


async def find_sweep(tx: Transaction, day: date) -> Sweep | None:
    row = await tx.fetchrow(_FIND_ONE, day)
    return None if row is None else Sweep(*row)


async def list_open_sweeps(tx: Transaction) -> list[Sweep]:
    return [Sweep(*row) for row in await tx.fetch(_LIST_OPEN)]


async def advance_sweep(tx: Transaction, day: date, changed: int) -> None:
    await tx.execute(_ADVANCE, day, changed)


async def finish_sweep(tx: Transaction, day: date) -> None:
    await tx.execute(_FINISH, day, tx.recorded_at)

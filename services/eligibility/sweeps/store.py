"""Every statement on the day of the law and on the sweeps."""

from dataclasses import dataclass
from datetime import date, datetime

from libs.common.database import Transaction

# Shared until the end of the transaction: while a batch decides as of this day, a sweep cannot
# move it, so whatever was decided as of the old day is visible to the sweep that moves on.
HOLD_LAW_DAY = "SELECT day, rules FROM law_day FOR SHARE"
READ_LAW_DAY = "SELECT day, rules FROM law_day"
SET_IF_ABSENT = """
INSERT INTO law_day (singleton, day, rules) VALUES (true, $1, '') ON CONFLICT DO NOTHING
"""
MOVE_LAW_DAY = "UPDATE law_day SET day = $1 WHERE day < $1"
SET_RULES = "UPDATE law_day SET rules = $1 WHERE rules <> $1"
REQUEST = """
INSERT INTO sweep (day, requested_at, households, changed) VALUES ($1, $2, 0, 0)
ON CONFLICT (day) DO UPDATE SET requested_at = excluded.requested_at, finished_at = NULL
WHERE sweep.finished_at IS NOT NULL
"""
FIND = "SELECT day, requested_at, started_at, finished_at, households, changed FROM sweep"
FIND_ONE = FIND + " WHERE day = $1"
LIST_OPEN = FIND + " WHERE finished_at IS NULL ORDER BY day"
START = "UPDATE sweep SET started_at = coalesce(started_at, $2) WHERE day = $1"
ADVANCE = "UPDATE sweep SET households = households + $2, changed = changed + $3 WHERE day = $1"
FINISH = "UPDATE sweep SET finished_at = $2 WHERE day = $1 AND finished_at IS NULL"


@dataclass(frozen=True)
class LawDay:
    """The day up to which time has been applied; `rules` is the digest of the rules applied."""

    day: date
    rules: str


@dataclass(frozen=True)
class Sweep:
    """One sweep and how far it came: households decided again, and those that changed."""

    day: date
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    households: int
    changed: int


async def set_law_day_if_absent(tx: Transaction, day: date) -> None:
    """Give the service its first day of the law; at every later start this does nothing."""
    await tx.execute(SET_IF_ABSENT, day)


async def find_law_day(tx: Transaction) -> LawDay | None:
    row = await tx.fetchrow(READ_LAW_DAY)
    return LawDay(*row) if row else None


async def hold_law_day(tx: Transaction) -> LawDay | None:
    """The day of the law, which nobody moves until this transaction ends."""
    row = await tx.fetchrow(HOLD_LAW_DAY)
    return LawDay(*row) if row else None


async def move_law_day(tx: Transaction, day: date) -> bool:
    """Move forward to `day`; a past day changes nothing. Waits for batches that hold the day."""
    return await tx.execute(MOVE_LAW_DAY, day) > 0


async def set_rules(tx: Transaction, rules: str) -> None:
    await tx.execute(SET_RULES, rules)


async def request_sweep(tx: Transaction, day: date) -> None:
    """Ask for a sweep to `day`; asking again after it finished runs it again, to no effect."""
    await tx.execute(REQUEST, day, tx.recorded_at)


async def find_sweep(tx: Transaction, day: date) -> Sweep | None:
    row = await tx.fetchrow(FIND_ONE, day)
    return Sweep(*row) if row else None


async def list_open_sweeps(tx: Transaction) -> list[Sweep]:
    return [Sweep(*row) for row in await tx.fetch(LIST_OPEN)]


async def start_sweep(tx: Transaction, day: date) -> None:
    await tx.execute(START, day, tx.recorded_at)


async def advance_sweep(tx: Transaction, day: date, households: int, changed: int) -> None:
    await tx.execute(ADVANCE, day, households, changed)


async def finish_sweep(tx: Transaction, day: date) -> None:
    await tx.execute(FINISH, day, tx.recorded_at)

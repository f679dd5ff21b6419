"""Whole households, put together from residence, members, decisions and the map of their day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from asyncpg import Record

from libs.common.clock import start_of_day
from libs.common.database import Transaction
from libs.common.problems import not_found
from services.registry.areas.store import CommuneFacts, commune_of, commune_on
from services.registry.households.store import ACTS, ALL_OF, READ, StoredHousehold, household_of
from services.registry.reviews.domain import Row, Timeline, derive_timeline
from services.registry.reviews.store import ROWS_OF_HOUSEHOLD, rows_of

_RECORDED_DAY = "greatest(household.registered_on, lower(fact.effective))"
_PARTS = f"""
{ACTS}, {ROWS_OF_HOUSEHOLD} AS decided, {commune_on("fact.residence", _RECORDED_DAY)} AS unit
"""
_ALL = READ.format(which=ALL_OF, parts=_PARTS)
# An array would be guessed to be longer, and the statement planned anew each time, which takes
# longer than to run it.
ONE = READ.format(which="= $1::uuid", parts=_PARTS)


@dataclass(frozen=True, slots=True)
class WholeHousehold:
    """A household with everything that was asked for."""

    household: StoredHousehold
    unit: CommuneFacts
    rows: tuple[Row, ...]
    timeline: Timeline


async def read_whole(
    tx: Transaction,
    household_ids: Sequence[UUID],
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[WholeHousehold]:
    """The visible ones of these households, in id order.

    Args:
        tx: any transaction.
        household_ids: any order.
        as_of: only what holds on this day; None is everything.
        known_at: only what was known at this instant; None is now.
    """
    found = await tx.fetch(_ALL, list(household_ids), known_at, as_of)
    return [_whole(row, as_of) for row in found]


async def get_whole(
    tx: Transaction, household_id: UUID, as_of: date | None, known_at: datetime | None
) -> WholeHousehold:
    """The household, or the problem that it is not there or not visible."""
    row = await tx.fetchrow(ONE, household_id, known_at, as_of)
    if row is None:
        raise not_found("household")
    return _whole(row, as_of)


def _whole(row: Record, as_of: date | None) -> WholeHousehold:
    rows = rows_of(row["decided"])
    timeline = derive_timeline(rows)
    if as_of is not None:
        timeline = timeline.on(as_of)
    return WholeHousehold(household_of(row), commune_of(row["unit"]), tuple(rows), timeline)


def end_of_knowledge(moment: datetime | date | None) -> datetime | None:
    """The instant meant by "as known on": for a day, that day's last in Vietnam."""
    if moment is None or isinstance(moment, datetime):
        return moment
    return start_of_day(moment + timedelta(days=1)) - timedelta(microseconds=1)

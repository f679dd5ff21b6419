"""Whole households, put together from residence, members, decisions and the map of their day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from libs.common.clock import start_of_day
from libs.common.database import Transaction
from libs.common.problems import not_found
from services.registry.areas.store import CommuneFacts
from services.registry.households.events import read_units
from services.registry.households.store import StoredHousehold, read_households
from services.registry.reviews.domain import Row, Timeline, derive_timeline
from services.registry.reviews.store import read_rows


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
    households = await read_households(tx, household_ids, known_at=known_at, as_of=as_of)
    rows = await read_rows(tx, [h.household_id for h in households], known_at)
    units = await read_units(tx, {(h.commune, h.recorded_day) for h in households}, or_last=True)
    whole = []
    for household in households:
        history = rows[household.household_id]
        timeline = derive_timeline(history)
        whole.append(
            WholeHousehold(
                household=household,
                unit=units[household.commune, household.recorded_day],
                rows=tuple(history),
                timeline=timeline if as_of is None else timeline.on(as_of),
            )
        )
    return whole


async def get_whole(
    tx: Transaction, household_id: UUID, as_of: date | None, known_at: datetime | None
) -> WholeHousehold:
    """The household, or the problem that it is not there or not visible."""
    found = await read_whole(tx, [household_id], as_of=as_of, known_at=known_at)
    if not found:
        raise not_found("household")
    return found[0]


def end_of_knowledge(moment: datetime | date | None) -> datetime | None:
    """The instant meant by "as known on": for a day, that day's last in Vietnam."""
    if moment is None or isinstance(moment, datetime):
        return moment
    return start_of_day(moment + timedelta(days=1)) - timedelta(microseconds=1)

"""Where households lived before, as their events say it."""

from collections.abc import Sequence
from uuid import UUID

from libs.common.contracts.household import HouseholdArea
from libs.common.database import Transaction
from services.registry.households import store
from services.registry.households.events import household_area, read_units

Earlier = dict[UUID, tuple[HouseholdArea, ...]]


async def read_earlier(tx: Transaction, household_ids: Sequence[UUID]) -> Earlier:
    """The areas of past residences, oldest first; households that never moved are absent."""
    rows = await store.read_earlier_residences(tx, household_ids)
    if not rows:
        return {}
    units = await read_units(tx, {(one.commune, one.recorded_day) for one in rows}, or_last=True)
    found: Earlier = {}
    for one in rows:
        area = household_area(units[one.commune, one.recorded_day], one.from_day)
        found[one.household_id] = (*found.get(one.household_id, ()), area)
    return found

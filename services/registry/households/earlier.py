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
    units = await read_units(tx, {(commune, recorded_day) for _, commune, _, recorded_day in rows})
    found: Earlier = {}
    for household_id, commune, from_day, recorded_day in rows:
        area = household_area(units[commune, recorded_day], from_day)
        found[household_id] = (*found.get(household_id, ()), area)
    return found

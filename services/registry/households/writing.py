"""Making what is held true of households another thing: shared by corrections and all acts."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from libs.common.database import Transaction
from services.registry.duplicates.marking import mark
from services.registry.households import members, store
from services.registry.households.domain import HouseholdFacts, changed_members
from services.registry.households.events import facts_of
from services.registry.households.store import Residence, StoredHousehold

_TICK = timedelta(microseconds=1)


async def after_what_is_known(tx: Transaction, household_ids: Sequence[UUID]) -> Transaction:
    """The transaction, recording after everything known: it may have waited for an older one."""
    known = await store.known_since(tx, household_ids)
    if known is None or known < tx.recorded_at:
        return tx
    return replace(tx, recorded_at=known + _TICK)


async def replace_facts(
    tx: Transaction,
    changes: Sequence[tuple[StoredHousehold, HouseholdFacts]],
    moved: Collection[UUID] = (),
) -> None:
    """Write what is another thing afterwards; what stays the same keeps its rows.

    Everything falls before anything is written, so that a person can go from one to another.

    Args:
        tx: the act's transaction.
        changes: households as they stand, and as they are to be.
        moved: those that live elsewhere in their commune from a later day on; where they lived
            until then stays.

    Raises:
        Problem: 409, a person is in a household that this act does not touch.
    """
    await _replace_residences(tx, changes, moved)
    gone, written = [], []
    for before, after in changes:
        fallen, places = changed_members(facts_of(before).members, after.members)
        gone += [(before.household_id, person_id, day) for person_id, day in fallen]
        written += [(after, place, after.members[place]) for place in places]
    await members.supersede_members(tx, gone)
    await members.insert_members(tx, written)
    touched = [person_id for _, person_id, _ in gone]
    await mark(tx, [*touched, *(member.person_id for _, _, member in written)])
    await members.refuse_overlaps(tx, list({member.person_id for _, _, member in written}))


async def _replace_residences(
    tx: Transaction,
    changes: Sequence[tuple[StoredHousehold, HouseholdFacts]],
    moved: Collection[UUID],
) -> None:
    communes: dict[UUID, str] = {}
    left: dict[UUID, str] = {}
    written: list[Residence] = []
    for before, after in changes:
        now = store.residence_of(after)
        held = replace(store.residence_of(facts_of(before)), present=after.commune)
        if held == now:
            continue
        communes[before.household_id] = after.commune
        if before.commune != after.commune:
            left[before.household_id] = after.commune
        is_move = before.commune != after.commune or before.household_id in moved
        if is_move and before.lives_there_from < after.lives_there_from:
            written.append(replace(held, until=after.lives_there_from))
        written.append(now)
    if communes:
        await store.supersede_residences(tx, communes)
        await store.follow_residences(tx, left)
        await store.insert_residences(tx, written)

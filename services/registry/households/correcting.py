"""Many households corrected at once, by the rules of one: what stays the same is not written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from libs.common.clock import start_of_day
from libs.common.contracts.household import CHANGED, HouseholdAct
from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.messaging.ledger import NewEvent
from services.registry.areas.store import CommuneFacts
from services.registry.households import sets, store
from services.registry.households.domain import HouseholdFacts, changed_members
from services.registry.households.events import (
    RecordedUnit,
    facts_of,
    household_data,
    stored,
    traced,
)
from services.registry.households.store import StoredHousehold
from services.registry.reviews.domain import derive_timeline
from services.registry.reviews.store import read_rows

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a household was known to be, and what it is to be known as; in the same commune."""

    before: StoredHousehold
    facts: HouseholdFacts
    correlation_id: UUID


def differs(before: StoredHousehold, facts: HouseholdFacts) -> bool:
    """Whether there is anything to correct."""
    return before != stored(facts, before.version)


async def correct_all(
    tx: Transaction,
    heads: dict[UUID, int],
    corrections: Sequence[Correction],
    units: dict[RecordedUnit, CommuneFacts],
    effective_on: date,
) -> None:
    """Correct households whose rules were checked and none of which moves.

    Args:
        tx: the act's transaction.
        heads: of these households, locked before they were read; advanced in place.
        corrections: each of another household, and each with a difference.
        units: of their residences.
        effective_on: the day from which the changes count.
    """
    if not corrections:
        return
    ids = [one.facts.household_id for one in corrections]
    known = await sets.known_since(tx, ids)
    if known is not None and known >= tx.recorded_at:  # it may have waited for an older one
        tx = replace(tx, recorded_at=known + _TICK)
    await _replace_residences(tx, corrections)
    await _replace_members(tx, corrections)
    rows = await read_rows(tx, ids)
    act = HouseholdAct.model_construct(
        kind="change", effective_on=effective_on, recorded_at=tx.recorded_at, decision_id=None
    )
    events = [
        NewEvent(
            subject=one.facts.household_id,
            type=CHANGED,
            time=start_of_day(effective_on),
            data=household_data(
                stored(one.facts, heads[one.facts.household_id] + 1),
                units[one.facts.commune, one.facts.recorded_day],
                rows[one.facts.household_id],
                derive_timeline(rows[one.facts.household_id]),
                act,
            ),
            correlation_id=one.correlation_id,
        )
        for one in corrections
    ]
    await ledger.append(tx, "registry", "household", heads, traced(events))


async def _replace_residences(tx: Transaction, corrections: Sequence[Correction]) -> None:
    changed = [
        one.facts
        for one in corrections
        if (one.before.is_farm_household, one.before.lives_there_from)
        != (one.facts.is_farm_household, one.facts.lives_there_from)
    ]
    await sets.supersede_residences(tx, [facts.household_id for facts in changed])
    if changed:
        await store.insert_residences(tx, [store.residence_of(facts) for facts in changed])


async def _replace_members(tx: Transaction, corrections: Sequence[Correction]) -> None:
    gone: list[tuple[UUID, UUID]] = []
    written = []
    for one in corrections:
        known = [facts_of(member) for member in one.before.members]
        left, places = changed_members(known, one.facts.members)
        gone += [(one.facts.household_id, person_id) for person_id in left]
        written += [(one.facts, place, one.facts.members[place]) for place in places]
    await sets.supersede_members(tx, gone)
    await store.insert_members(tx, written)

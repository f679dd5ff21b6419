"""Many households corrected at once, by the rules of one: what stays the same is not written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.clock import start_of_day
from libs.common.contracts.household import CHANGED, HouseholdAct
from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.messaging.ledger import NewEvent
from services.registry.areas.store import CommuneFacts
from services.registry.households.domain import HouseholdFacts
from services.registry.households.earlier import read_earlier
from services.registry.households.events import (
    RecordedUnit,
    household_data,
    stored,
    traced,
)
from services.registry.households.store import StoredHousehold
from services.registry.households.writing import after_what_is_known, replace_facts
from services.registry.reviews.domain import derive_timeline
from services.registry.reviews.store import read_rows


@dataclass(frozen=True, slots=True)
class Correction:
    """What a household was known to be, and what it is to be known as; in the same commune."""

    before: StoredHousehold
    facts: HouseholdFacts
    correlation_id: UUID


def differs(before: StoredHousehold, facts: HouseholdFacts) -> bool:
    """Whether there is anything to correct."""
    return before != stored(facts, before.version, before.lineage)


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
    tx = await after_what_is_known(tx, ids)
    await replace_facts(tx, [(one.before, one.facts) for one in corrections])
    rows, earlier = await read_rows(tx, ids), await read_earlier(tx, ids)
    act = HouseholdAct.model_construct(
        kind="change", effective_on=effective_on, recorded_at=tx.recorded_at, decision_id=None
    )
    events = [
        NewEvent(
            subject=one.facts.household_id,
            type=CHANGED,
            time=start_of_day(effective_on),
            data=household_data(
                stored(one.facts, heads[one.facts.household_id] + 1, one.before.lineage),
                units[one.facts.commune, one.facts.recorded_day],
                rows[one.facts.household_id],
                derive_timeline(rows[one.facts.household_id]),
                act,
                earlier.get(one.facts.household_id, ()),
            ),
            correlation_id=one.correlation_id,
        )
        for one in corrections
    ]
    await ledger.append(tx, "registry", "household", heads, traced(events))

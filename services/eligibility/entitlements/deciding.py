"""One road for all decisions on entitlements, of an event and of a sweep: determine a set of
households as of the day of the law, store what changed, say it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.common.clock import start_of_day
from libs.common.contracts.entitlement import CHANGED, EntitlementData
from libs.common.contracts.household import HouseholdData
from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.messaging.generations import is_owed
from libs.common.messaging.ledger import NewEvent
from services.eligibility.catalogue.domain import (
    Catalogue,
    Determination,
    determine_set,
)
from services.eligibility.entitlements import store
from services.eligibility.entitlements.domain import Stretch, changed_on
from services.eligibility.entitlements.facts import entitlement_of, facts_of
from services.eligibility.history import Difference, Row

STREAM = "entitlement"


@dataclass(frozen=True, slots=True)
class Case:
    """A household to decide on, and the act that asked for it.

    `occurred_at` None: time alone asked, so the event's time is the day on which what changed
    became true.
    """

    household: HouseholdData
    version: int
    correlation_id: UUID
    causation_id: UUID | None = None
    traceparent: str | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many households changed, and when time alone next changes each of them."""

    changed: int
    next_changes: Mapping[UUID, date | None]


async def decide(
    tx: Transaction,
    heads: dict[UUID, int],
    cases: Sequence[Case],
    as_of: date,
    catalogue: Catalogue,
) -> Outcome:
    """Determine, store and say.

    Args:
        tx: the act's transaction; it holds the day of the law.
        heads: the locked heads of the stream `entitlement`, of all the cases' households.
        cases: at most one per household.
        as_of: the day of the law.
        catalogue: the programmes.

    Returns:
        What came of it. Households whose entitlements did not change say nothing, unless a restore
        owes their subscribers a word.
    """
    determined = determine_set([facts_of(case.household) for case in cases], as_of, catalogue)
    if any(one.next_change_on and one.next_change_on <= as_of for one in determined):
        raise ValueError("a determination must not be due again on its own day")
    changes = await store.replace_entitlements(
        tx,
        {
            case.household.household_id: (case.household.area.commune, one.entitlements)
            for case, one in zip(cases, determined, strict=True)
        },
    )
    said = [
        _entitlement_changed(case, one, as_of, changes.get(case.household.household_id))
        for case, one in zip(cases, determined, strict=True)
        if case.household.household_id in changes or is_owed(heads[case.household.household_id])
    ]
    await ledger.append(tx, "eligibility", STREAM, heads, said)
    return Outcome(
        changed=len(said),
        next_changes={
            case.household.household_id: one.next_change_on
            for case, one in zip(cases, determined, strict=True)
        },
    )


def _entitlement_changed(
    case: Case,
    determined: Determination,
    as_of: date,
    difference: Difference | None,
) -> NewEvent:
    return NewEvent(
        subject=case.household.household_id,
        type=CHANGED,
        time=case.occurred_at or start_of_day(_became_true(difference) if difference else as_of),
        data=EntitlementData.model_construct(
            household_id=case.household.household_id,
            household_version=case.version,
            area=case.household.area,
            as_of=as_of,
            next_change_on=determined.next_change_on,
            entitlements=tuple(map(entitlement_of, determined.entitlements)),
        ),
        correlation_id=case.correlation_id,
        causation_id=case.causation_id,
        traceparent=case.traceparent,
    )


def _became_true(difference: Difference) -> date:
    return changed_on(map(_stretch, difference.gone), map(_stretch, difference.new))


def _stretch(row: Row) -> Stretch:
    _, subject, programme, from_day, until, *rest = row
    return Stretch(subject, programme, from_day, until, tuple(rest))

"""Splitting (tách hộ): members leave with a household of their own."""

from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from libs.common.contracts.household import SPLIT
from libs.common.database import Transaction
from libs.common.vocabulary import HouseholdActKind, LeftReason, LinkRelation
from services.registry.households.changing import (
    Order,
    Outcome,
    Plan,
    Seen,
    Touched,
    carry_out,
    facts_in,
    require,
)
from services.registry.households.domain import HouseholdFacts, check_head
from services.registry.households.memberships import Change, Relations, after, check, joined
from services.registry.lineage.domain import class_when_split_off


@dataclass(frozen=True, slots=True)
class SplitOff:
    """Who leaves which household, and where they live from then on.

    Attributes:
        household_id: that they leave.
        new_id: of their own household.
        members: each with its relation to the head of the new household.
        commune: the code on the day of the split; None: where they lived.
        relations: to the new head, of those who stay, where the head leaves.
    """

    household_id: UUID
    new_id: UUID
    members: Relations
    is_farm_household: bool
    commune: str | None = None
    relations: Relations = field(default_factory=dict)


async def split(tx: Transaction, order: Order, stated: SplitOff, today: date) -> Outcome:
    """The named members found a household; the rest keep the id, the class and a head.

    Raises:
        Problem: as `carry_out`; 403 for a commune outside the caller's areas.
    """
    return await carry_out(
        tx,
        HouseholdActKind.SPLIT,
        order,
        [stated.household_id],
        lambda seen: plan_split(seen, order, stated),
        today,
        founded=stated.new_id,
    )


def plan_split(seen: Seen, order: Order, stated: SplitOff) -> Plan:
    """Both households after the split; pure."""
    day, old = order.effective_on, facts_in(seen, stated.household_id)
    leave = Change(day, stated.members, LeftReason.SPLIT, relations=stated.relations)
    founders = joined(old.members, stated.members, day)
    head = check_head(founders, "/members")
    require([*check(old.members, leave), *([head] if head else [])])
    founded = HouseholdFacts(
        household_id=stated.new_id,
        registered_on=day,
        commune=stated.commune or old.commune,
        lives_there_from=day,
        is_farm_household=stated.is_farm_household,
        members=founders,
    )
    verdict = class_when_split_off()
    return Plan(
        [
            Touched(
                replace(old, members=after(old.members, leave)),
                SPLIT,
                other=(LinkRelation.SPLIT_INTO, stated.new_id),
            ),
            Touched(
                founded,
                SPLIT,
                other=(LinkRelation.SPLIT_FROM, stated.household_id),
                to_review=verdict.to_review,
            ),
        ],
        verdict.notes,
    )

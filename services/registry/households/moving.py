"""What happens to single members: moves, deaths, another head."""

from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

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
from services.registry.households.memberships import (
    Change,
    Relations,
    after,
    check,
    check_exists,
    check_two,
    joined,
)


@dataclass(frozen=True, slots=True)
class Move:
    """Who goes from which household to which other one.

    Attributes:
        members: each with its relation to the head of the other household.
        why: `married`, `moved` or `other`.
        relations: to the new head, of those who stay, where the head goes.
    """

    household_id: UUID
    into_id: UUID
    members: Relations
    why: LeftReason
    relations: Relations = field(default_factory=dict)


async def move_members(tx: Transaction, order: Order, stated: Move, today: date) -> Outcome:
    """Some members, not all, go to another household; both keep their class.

    Raises:
        Problem: as `carry_out`.
    """
    return await carry_out(
        tx,
        HouseholdActKind.MOVE_MEMBERS,
        order,
        [stated.household_id, stated.into_id],
        lambda seen: plan_move(seen, order, stated),
        today,
    )


def plan_move(seen: Seen, order: Order, stated: Move) -> Plan:
    """Both households after the move; pure."""
    require(check_two(stated.household_id, stated.into_id, "/into_id"))
    day = order.effective_on
    old, into = facts_in(seen, stated.household_id), facts_in(seen, stated.into_id)
    leave = Change(day, stated.members, stated.why, relations=stated.relations)
    join = Change(day, joining=joined(old.members, stated.members, day))
    require(
        [
            *check(old.members, leave),
            *check(into.members, join),
            *check_exists(into.registered_on, day),
        ]
    )
    return Plan(
        [
            Touched(
                replace(old, members=after(old.members, leave)),
                other=(LinkRelation.MEMBER_TO, stated.into_id),
            ),
            Touched(
                replace(into, members=after(into.members, join)),
                other=(LinkRelation.MEMBER_FROM, stated.household_id),
            ),
        ]
    )


async def record_death(
    tx: Transaction,
    order: Order,
    household_id: UUID,
    person_id: UUID,
    relations: Relations,
    today: date,
) -> Outcome:
    """The person is a member no longer, from the day of death on.

    Args:
        relations: to the new head, of all who stay, where the head died.

    Raises:
        Problem: as `carry_out`; the last member's death closes the household instead.
    """
    leave = Change(order.effective_on, {person_id}, LeftReason.DIED, relations=relations)
    return await _change(tx, HouseholdActKind.DEATH, order, household_id, leave, today)


async def change_head(
    tx: Transaction, order: Order, household_id: UUID, relations: Relations, today: date
) -> Outcome:
    """Another member is the head; relations are to the head, so all are stated anew.

    Raises:
        Problem: as `carry_out`.
    """
    change = Change(order.effective_on, relations=relations)
    return await _change(tx, HouseholdActKind.CHANGE_HEAD, order, household_id, change, today)


async def _change(
    tx: Transaction,
    kind: HouseholdActKind,
    order: Order,
    household_id: UUID,
    change: Change,
    today: date,
) -> Outcome:
    return await carry_out(
        tx,
        kind,
        order,
        [household_id],
        lambda seen: plan_members(seen, household_id, change),
        today,
    )


def plan_members(seen: Seen, household_id: UUID, change: Change) -> Plan:
    """One household whose members change; pure."""
    facts = facts_in(seen, household_id)
    require(check(facts.members, change))
    return Plan([Touched(replace(facts, members=after(facts.members, change)))])

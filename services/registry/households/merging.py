"""Merging (nhập hộ): all members of one household join another; the first is closed."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from libs.common.contracts.household import MERGED
from libs.common.database import Transaction
from libs.common.problems import FieldError
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
    check_leaving,
    check_two,
    joined,
    present,
    relation_missing,
)
from services.registry.lineage.domain import Classes, class_when_merged


@dataclass(frozen=True, slots=True)
class Merge:
    """Which household joins which; `relations`: to the receiving one's head, of all who join."""

    household_id: UUID
    into_id: UUID
    relations: Relations


async def merge(tx: Transaction, order: Order, stated: Merge, today: date) -> Outcome:
    """The members join the receiving household, which keeps its head and its class.

    Raises:
        Problem: as `carry_out`.
    """
    return await carry_out(
        tx,
        HouseholdActKind.MERGE,
        order,
        [stated.household_id, stated.into_id],
        lambda seen: plan_merge(seen, order, stated),
        today,
    )


def plan_merge(seen: Seen, order: Order, stated: Merge) -> Plan:
    """Both households after the merge; pure."""
    require(check_two(stated.household_id, stated.into_id, "/into_id"))
    day = order.effective_on
    old, into = facts_in(seen, stated.household_id), facts_in(seen, stated.into_id)
    all_of_them = {member.person_id for member in present(old.members)}
    join = Change(day, joining=joined(old.members, stated.relations, day))
    errors: list[FieldError] = [
        *check_leaving(old.members, all_of_them | set(stated.relations), day),
        *check(into.members, join),
        *check_exists(into.registered_on, day),
        *(
            relation_missing(f"/relations/{person_id}")
            for person_id in sorted(all_of_them - set(stated.relations))
        ),
    ]
    require(errors)
    leave = Change(day, all_of_them, LeftReason.MERGED)
    verdict = class_when_merged(
        _classes(seen, stated.into_id, day), _classes(seen, stated.household_id, day)
    )
    return Plan(
        [
            Touched(
                replace(old, members=after(old.members, leave)),
                MERGED,
                closed_on=day,
                other=(LinkRelation.MERGED_INTO, stated.into_id),
            ),
            Touched(
                replace(into, members=after(into.members, join)),
                MERGED,
                other=(LinkRelation.MERGED_FROM, stated.household_id),
                to_review=verdict.to_review,
            ),
        ],
        verdict.notes,
    )


def _classes(seen: Seen, household_id: UUID, day: date) -> Classes:
    periods = seen[household_id].timeline.on(day).periods
    return {period.standard: period.status for period in periods}

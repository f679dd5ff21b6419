"""Closing (kết thúc theo dõi hộ) and reopening."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from libs.common.contracts.household import CLOSED
from libs.common.database import Transaction
from libs.common.problems import FieldError, Problem, Text
from libs.common.vocabulary import CloseReason, HouseholdActKind, LeftReason
from services.registry.households.changing import (
    Order,
    Outcome,
    Plan,
    Seen,
    Touched,
    carry_out,
    facts_in,
    refused,
    require,
)
from services.registry.households.memberships import (
    Change,
    Relations,
    after,
    check,
    check_leaving,
    check_returning,
    present,
    returned,
)
from services.registry.lineage.domain import class_when_reopened

_WHY: Mapping[CloseReason, LeftReason] = {
    CloseReason.DIED: LeftReason.DIED,
    CloseReason.MOVED_AWAY: LeftReason.MOVED,
    CloseReason.REGISTERED_TWICE: LeftReason.OTHER,
    CloseReason.OTHER: LeftReason.OTHER,
}


async def close(
    tx: Transaction, order: Order, household_id: UUID, reason: CloseReason, today: date
) -> Outcome:
    """From the day on the household counts nowhere; whoever was still a member leaves it.

    Raises:
        Problem: as `carry_out`.
    """
    return await carry_out(
        tx,
        HouseholdActKind.CLOSE,
        order,
        [household_id],
        lambda seen: plan_close(seen, order, household_id, reason),
        today,
    )


def plan_close(seen: Seen, order: Order, household_id: UUID, reason: CloseReason) -> Plan:
    """The household after closing; pure."""
    facts = facts_in(seen, household_id)
    leaving = {member.person_id for member in present(facts.members)}
    leave = Change(order.effective_on, leaving, _WHY[reason])
    require(list(check_leaving(facts.members, leaving, order.effective_on)))
    closed = replace(facts, members=after(facts.members, leave))
    return Plan([Touched(closed, CLOSED, closed_on=order.effective_on, reason=reason)])


async def reopen(
    tx: Transaction, order: Order, household_id: UUID, relations: Relations, today: date
) -> Outcome:
    """The household stands again, with those former members who come back, from the day on.

    It keeps the class that it had and is to be reviewed. A closing that was wrong is reversed
    instead. Between closing and reopening its persons are members of nothing.

    Args:
        relations: to the head, of everybody who comes back; they left when it was closed.

    Raises:
        Problem: as `carry_out`; 409 where the household is open, or was merged.
    """
    return await carry_out(
        tx,
        HouseholdActKind.REOPEN,
        order,
        [household_id],
        lambda seen: plan_reopen(seen, order, household_id, relations),
        today,
        may_be_closed=True,
    )


def plan_reopen(seen: Seen, order: Order, household_id: UUID, relations: Relations) -> Plan:
    """The household after reopening; pure."""
    lineage = seen[household_id].household.lineage
    if lineage.closed_on is None or lineage.merged_into is not None:
        raise _not_closed()
    facts, day = facts_in(seen, household_id), order.effective_on
    if day < lineage.closed_on:
        raise refused([_before_closing()])
    come = Change(day, joining=returned(facts.members, relations, day))
    require(
        [
            *check_returning(facts.members, relations, lineage.closed_on),
            *check(facts.members, come),
        ]
    )
    stands = replace(facts, members=after(facts.members, come))
    verdict = class_when_reopened()
    return Plan([Touched(stands, to_review=verdict.to_review)], verdict.notes)


def _before_closing() -> FieldError:
    return FieldError(
        "/effective_on",
        "day.before_closing",
        Text("Ngày trước ngày kết thúc theo dõi.", "The day lies before the closing."),
        Text("Nếu kết thúc nhầm thì hủy biến động đó.", "Reverse the closing if it was wrong."),
    )


def _not_closed() -> Problem:
    title = Text("Hộ đang được theo dõi hoặc đã nhập hộ.", "The household is open, or merged.")
    fix = Text("Hủy việc nhập hộ nếu ghi nhầm.", "Reverse the merge if it was wrong.")
    rule = "household.not_closed"
    return Problem(409, rule, title, [FieldError("/household_id", rule, title, fix)])

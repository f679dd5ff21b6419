"""Splitting (tách hộ): members leave with a household of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from libs.common.areas.domain import Choice, Divided, Resolved
from libs.common.areas.succession import present_units
from libs.common.contracts.household import SPLIT
from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.problems import FieldError, Text, not_found
from libs.common.vocabulary import HouseholdActKind, LeftReason, LinkRelation
from services.registry.households.acts import STREAM
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
from services.registry.households.domain import HouseholdFacts, check_head
from services.registry.households.memberships import Change, Relations, after, check, joined
from services.registry.households.store import read_households
from services.registry.lineage.domain import class_when_split_off


@dataclass(frozen=True, slots=True)
class SplitOff:
    """Who leaves which household, and where they live from then on.

    Attributes:
        household_id: that they leave.
        new_id: of their own household.
        members: each with its relation to the head of the new household.
        commune: the code on the day of the split; None: where they lived, by that day's map.
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
    stated = await _by_the_map(tx, order, stated)
    return await carry_out(
        tx,
        HouseholdActKind.SPLIT,
        order,
        [stated.household_id],
        lambda seen: plan_split(seen, order, stated),
        today,
        founded=stated.new_id,
    )


async def _by_the_map(tx: Transaction, order: Order, stated: SplitOff) -> SplitOff:
    """With the code that the household's commune has on the day of the split."""
    if stated.commune is not None:
        return stated
    await ledger.lock_heads(tx, STREAM, [stated.household_id])
    found = await read_households(tx, [stated.household_id])
    if not found:
        raise not_found("household")
    record = (found[0].commune, found[0].recorded_day)
    if order.effective_on <= found[0].recorded_day:
        return stated
    match (await present_units(tx, [record], order.effective_on))[record]:
        case Resolved(unit):
            return replace(stated, commune=unit.code)
        case Divided(choices):
            raise refused([_divided(choices)])
    return stated


def _divided(choices: Sequence[Choice]) -> FieldError:
    codes = ", ".join(choice.code for choice in choices)
    return FieldError(
        "/new/commune",
        "area.divided",
        Text("Xã cũ đã chia cho nhiều xã mới.", "The commune went to several new ones."),
        Text(f"Chọn một trong: {codes}.", f"Choose one of: {codes}."),
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
        village=old.village if stated.commune in (None, old.commune) else None,
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

"""Reversing: a new act by which an earlier one never was.

What was recorded by mistake did not happen on any day, so rights must not have a gap over the days
of the mistake: a reversal restores memberships as they were, from the day on which they began, and
not from the day on which somebody noticed. What really changed back (a son comes home) is no
reversal but a new act with a day of its own: a merge, a move, a reopening. What was known in
between can still be read by `known_at`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from libs.common.contracts.household import CHANGED, CLOSED
from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.problems import FieldError, Problem, Text, not_found
from libs.common.vocabulary import HouseholdActKind
from services.registry.households.acts import STREAM
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
from services.registry.households.domain import HouseholdFacts, MemberFacts
from services.registry.households.events import facts_of
from services.registry.households.memberships import (
    Members,
    Relations,
    Undone,
    check_restored,
    present,
    restated,
    undone,
)
from services.registry.households.reading import WholeHousehold
from services.registry.households.store import read_households
from services.registry.lineage import store as lineage
from services.registry.lineage.domain import ActRow, standing_acts
from services.registry.reviews.domain import standing_rows

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Reversal:
    """Which act never was; `household_id` is one that it touched.

    `relations`: to the head, of those who came since, where the head is another one again.
    """

    household_id: UUID
    act_id: UUID
    relations: Relations = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Then:
    """One household around the act that is to be reversed; `others`: all acts on it."""

    row: ActRow
    before: Members
    done: Members
    others: Sequence[ActRow]

    @property
    def founded(self) -> bool:
        """Whether the act made the household."""
        return not self.before

    @property
    def closed_before(self) -> date | None:
        """Since when the household was closed right before the act."""
        earlier = [one for one in self.others if one.recorded_at < self.row.recorded_at]
        return earlier[-1].closed_on if earlier else None


async def reverse(tx: Transaction, order: Order, stated: Reversal, today: date) -> Outcome:
    """Restore what an act changed, as if it never was; `effective_on` is the day of the act.

    Raises:
        Problem: as `carry_out`; 409 where later acts build on it, naming what stands in the way.
    """
    ids = await _households(tx, stated)
    await ledger.lock_heads(tx, STREAM, ids)
    past = {household_id: await _around(tx, household_id, stated.act_id) for household_id in ids}
    day = past[stated.household_id].row.effective_on
    return await carry_out(
        tx,
        HouseholdActKind.REVERSE,
        replace(order, effective_on=day),
        ids,
        lambda seen: plan_reversal(seen, stated, past),
        today,
        may_be_closed=True,
    )


async def _households(tx: Transaction, stated: Reversal) -> list[UUID]:
    found = await lineage.find_act(tx, [stated.household_id], stated.act_id)
    if not found:
        raise not_found("act")
    row = found[0].row
    if row.reverses is not None:
        title = Text("Không hủy một lần hủy.", "A reversal is not reversed.")
        fix = Text("Ghi lại biến động từ đầu.", "Record the act anew.")
        raise _conflict("act.is_reversal", title, fix)
    return [stated.household_id, *([row.other_id] if row.other_id else [])]


async def _around(tx: Transaction, household_id: UUID, act_id: UUID) -> Then:
    acts = (await lineage.read_acts(tx, [household_id])).get(household_id, [])
    row = next((one for one in acts if one.act_id == act_id), None)
    if row is None:  # the other household is outside the caller's areas
        raise not_found("household")
    before = await read_households(tx, [household_id], known_at=row.recorded_at - _TICK)
    done = await read_households(tx, [household_id], known_at=row.recorded_at)
    return Then(
        row=row,
        before=facts_of(before[0]).members if before else (),
        done=facts_of(done[0]).members,
        others=acts,
    )


def plan_reversal(seen: Seen, stated: Reversal, past: Mapping[UUID, Then]) -> Plan:
    """The households as if the act never was; pure."""
    _refuse_repeat(past[stated.household_id], stated.act_id)
    newest: dict[UUID, MemberFacts] = {}
    everybody = (one for household_id in past for one in facts_in(seen, household_id).members)
    for one in sorted(everybody, key=lambda member: member.joined_on):
        newest[one.person_id] = one
    touched: list[Touched] = []
    in_the_way: list[FieldError] = []
    for household_id, then in past.items():
        whole = seen[household_id]
        facts = facts_of(whole.household)
        back = undone(then.before, then.done, facts.members, newest)
        obstacles = _obstacles(whole, then, back)
        in_the_way += obstacles
        if not obstacles:
            touched.append(_touched(facts, then, restated(back.members, stated.relations), stated))
    if in_the_way:
        title = Text(
            "Biến động sau dựa trên biến động này.", "Later acts build on what is to be reversed."
        )
        raise Problem(409, "act.built_on", title, in_the_way)
    return Plan(touched, reverses=stated.act_id)


def _touched(facts: HouseholdFacts, then: Then, members: Members, stated: Reversal) -> Touched:
    closed_on = facts.registered_on if then.founded else then.closed_before
    if closed_on is None:
        require(check_restored(then.before, facts.members, members, stated.relations))
    kind = CHANGED if closed_on is None else CLOSED
    return Touched(replace(facts, members=members), kind, closed_on=closed_on)


def _refuse_repeat(then: Then, act_id: UUID) -> None:
    if any(one.reverses == act_id for one in then.others):
        title = Text("Biến động này đã bị hủy.", "The act has been reversed already.")
        fix = Text("Không cần làm gì thêm.", "Nothing is left to do.")
        raise _conflict("act.reversed", title, fix)


def _obstacles(one: WholeHousehold, then: Then, back: Undone) -> list[FieldError]:
    """What was built on the act since, household by household; empty where nothing was."""
    household_id = one.household.household_id
    came_since = back.members if then.founded else present(back.members)
    is_joined = (then.founded or then.closed_before is not None) and bool(came_since)
    is_closed_otherwise = one.household.lineage.closed_on != then.row.closed_on
    if then.founded and any(row.status for row in standing_rows(one.rows)):
        return [
            FieldError(
                f"/households/{household_id}",
                "decision.stands",
                Text("Hộ được lập đã có quyết định.", "A decision names the household it made."),
                Text("Thu hồi quyết định trước.", "Revoke the decision first."),
            )
        ]
    if not (back.blocked or is_joined or is_closed_otherwise):
        return []
    later = [row for row in standing_acts(then.others) if row.recorded_at > then.row.recorded_at]
    return [
        FieldError(
            f"/acts/{row.act_id}",
            "act.later",
            Text("Có biến động sau trên hộ này.", f"A later act on the household: {row.kind}."),
            Text("Hủy biến động đó trước.", "Reverse that act first."),
        )
        for row in later
    ] or [
        FieldError(
            f"/households/{household_id}",
            "membership.corrected",
            Text("Thành viên đã được sửa sau đó.", "A correction changed these memberships since."),
            Text("Sửa hộ về như sau biến động.", "Correct the household back, then reverse."),
        )
    ]


def _conflict(rule: str, title: Text, fix: Text) -> Problem:
    return Problem(409, rule, title, [FieldError("/act_id", rule, title, fix)])

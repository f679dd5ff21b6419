"""Deciding whether two records are one person's, and undoing it; each in the caller's transaction.

Of one person two records are one too many: the record that goes never was a member, its numbers and
name go to the one that stays where that has none, and a household of nobody else is closed. Facts
of the record that stays are not touched: they are corrected as ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from libs.common.contracts.household import CHANGED, CLOSED
from libs.common.database import Transaction
from libs.common.problems import FieldError, Problem, Text, not_found
from libs.common.security.encryption import Vault
from libs.common.vocabulary import CloseReason, HouseholdActKind, LeftReason, Relation
from services.registry.duplicates import store
from services.registry.duplicates.domain import PairState, check_open, check_undo
from services.registry.duplicates.store import KeptPair, StepRow
from services.registry.households.changing import (
    Order,
    Plan,
    Seen,
    Touched,
    carry_out,
    facts_in,
    require,
)
from services.registry.households.domain import HouseholdFacts, MemberFacts, check_head
from services.registry.households.memberships import Change, after, present
from services.registry.households.reversing import Reversal, reverse
from services.registry.vault import acts as vault_acts
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import Identity

_NAME, _ADDRESS = "name", "address"
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class OnePerson:
    """That two records are one person's.

    Attributes:
        keep: the record that stays.
        relations: to the new head, of those who stay in the household that the other record
            leaves, where it was the head.
    """

    keep: UUID
    reason: str
    relations: Mapping[UUID, Relation] = field(default_factory=dict)


async def tell_apart(tx: Transaction, pair_id: UUID, reason: str, by: str) -> KeptPair:
    """They are two persons; the pair is not shown again.

    Raises:
        Problem: 404, or 409 where it is settled.
    """
    pair = await get_pair(tx, pair_id)
    check_open(pair.state)
    await store.settle(tx, pair_id, PairState.DIFFERENT, "different", by=by, reason=reason)
    return await get_pair(tx, pair_id)


async def join(
    tx: Transaction, vault: Vault, pair_id: UUID, stated: OnePerson, order: Order, by: str
) -> KeptPair:
    """They are one person: one record goes.

    Raises:
        Problem: 404, one of them may not be seen; 409 where it is settled; 422 for broken rules.
    """
    pair = await get_pair(tx, pair_id)
    check_open(pair.state)
    if stated.keep not in (pair.one, pair.other):
        raise _not_of_pair()
    gone, left, stays_in = _sides(pair, stated.keep)
    taken = await _hand_over(tx, vault, gone, stated.keep, stays_in, order.effective_on)
    await carry_out(
        tx,
        HouseholdActKind.MERGE_PERSONS,
        order,
        [left],
        lambda seen: _plan(seen, order, left, gone, stated.relations),
        order.effective_on,
    )
    await store.settle(
        tx,
        pair_id,
        PairState.SAME,
        "same",
        by=by,
        reason=stated.reason,
        kept=stated.keep,
        act_id=order.act_id,
        taken=taken,
    )
    return await get_pair(tx, pair_id)


async def undo(
    tx: Transaction, vault: Vault, pair_id: UUID, reason: str, order: Order, by: str
) -> KeptPair:
    """The decision never was: the pair is open again, and a record that went is back.

    Raises:
        Problem: 404; 409 where nothing was decided, or later acts build on it.
    """
    pair = await get_pair(tx, pair_id)
    check_undo(pair.state)
    decision = (await store.read_steps(tx, pair_id))[-1]
    if decision.kept is not None and decision.act_id is not None:
        await _restore(tx, vault, pair, decision, order)
    await store.settle(tx, pair_id, PairState.OPEN, "undo", by=by, reason=reason)
    return await get_pair(tx, pair_id)


async def get_pair(tx: Transaction, pair_id: UUID) -> KeptPair:
    """The pair, or the problem that it is not there or not visible."""
    pair = await store.find_pair(tx, pair_id)
    if pair is None:
        raise not_found("duplicate")
    return pair


def _sides(pair: KeptPair, keep: UUID) -> tuple[UUID, UUID, UUID]:
    """Which record goes, from which household, and in which one the other stays."""
    if keep == pair.one:
        return pair.other, pair.other_household, pair.one_household
    return pair.one, pair.one_household, pair.other_household


async def _hand_over(
    tx: Transaction, vault: Vault, gone: UUID, keep: UUID, household_id: UUID, day: date
) -> list[str]:
    """What the record that stays has not, it takes over; answers what that was."""
    known = await vault_acts.read(tx, vault, [gone, keep])
    given, own = known.get(gone, Identity()), known.get(keep, Identity())
    numbers = {kind: value for kind, value in given.numbers.items() if kind not in own.numbers}
    name = given.name if own.name is None else None
    address = given.address if own.address is None else None
    await vault_acts.lay_down(tx, gone, names=True, addresses=True, numbers=None)
    one = PersonIdentity(keep, household_id, day, name, numbers, address)
    await vault_acts.record(tx, vault, [one])
    taken = [str(kind) for kind in sorted(numbers)]
    return taken + [_NAME] * (name is not None) + [_ADDRESS] * (address is not None)


async def _restore(
    tx: Transaction, vault: Vault, pair: KeptPair, decision: StepRow, order: Order
) -> None:
    keep, act_id = decision.kept, decision.act_id
    if keep is None or act_id is None:
        return
    gone, left, _ = _sides(pair, keep)
    await reverse(tx, order, Reversal(left, act_id), order.effective_on)
    before = (await vault_acts.read(tx, vault, [gone], known_at=decision.recorded_at - _TICK)).get(
        gone, Identity()
    )
    await vault_acts.lay_down(
        tx,
        keep,
        names=_NAME in decision.taken,
        addresses=_ADDRESS in decision.taken,
        numbers=[taken for taken in decision.taken if taken not in (_NAME, _ADDRESS)],
    )
    one = PersonIdentity(
        gone, left, order.effective_on, before.name, before.numbers, before.address
    )
    await vault_acts.record(tx, vault, [one])


def _plan(
    seen: Seen,
    order: Order,
    household_id: UUID,
    gone: UUID,
    relations: Mapping[UUID, Relation],
) -> Plan:
    facts = facts_in(seen, household_id)
    there = present(facts.members)
    if gone not in {member.person_id for member in there}:
        raise not_found("person")
    if len(there) == 1:
        return Plan([_closed(facts, order.effective_on, gone)])
    never = tuple(member for member in facts.members if member.person_id != gone)
    members = tuple(
        replace(member, relation=relations[member.person_id])
        if member.left_on is None and member.person_id in relations
        else member
        for member in never
    )
    require(_faults(never, relations))
    if error := check_head(present(members), "/relations"):
        require([error])
    return Plan([Touched(replace(facts, members=members), CHANGED)])


def _closed(facts: HouseholdFacts, day: date, gone: UUID) -> Touched:
    leave = Change(day, {gone}, LeftReason.OTHER)
    closed = replace(facts, members=after(facts.members, leave))
    return Touched(closed, CLOSED, closed_on=day, reason=CloseReason.REGISTERED_TWICE)


def _faults(members: Sequence[MemberFacts], relations: Mapping[UUID, Relation]) -> list[FieldError]:
    there = {member.person_id for member in members}
    message = Text("Không phải thành viên của hộ.", "No member of the household.")
    fix = Text("Đọc lại hộ rồi chọn lại.", "Read the household again and choose again.")
    return [
        FieldError(f"/relations/{person_id}", "person.no_member", message, fix)
        for person_id in sorted(set(relations) - there)
    ]


def _not_of_pair() -> Problem:
    title = Text("Không phải một trong hai bản ghi.", "It is neither of the two records.")
    fix = Text("Chọn một trong hai người của cặp.", "Choose one of the pair's persons.")
    rule = "keep.not_of_pair"
    return Problem(422, "duplicate.refused", title, [FieldError("/keep", rule, title, fix)])

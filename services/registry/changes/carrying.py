"""A proposal is carried out, or tried and undone, by the acts of the households' own room.

Both take one road: what a person is shown before deciding is what the act itself did a moment
before it was undone, under the rules that it keeps. An act stands on its events under the request's
own id, so that whoever reads an event finds the request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from libs.common import telemetry
from libs.common.database import Transaction
from libs.common.problems import Problem, Text
from libs.common.security.encryption import Vault
from libs.common.vocabulary import CloseReason, HouseholdActKind, LeftReason
from services.registry.changes import wording
from services.registry.changes.asking import OfFacts
from services.registry.changes.domain import Kind
from services.registry.changes.facts import (
    Edit,
    FactChange,
    Standing,
    changes_between,
    edited,
    is_stayed,
    not_undone,
    place_of,
    undoing,
)
from services.registry.changes.naming import NAMES, Named, at_home, check_named, record
from services.registry.changes.places import placed
from services.registry.changes.proposals import (
    ArrivalIn,
    BirthIn,
    ChangeOfHeadIn,
    ClosingIn,
    DeathIn,
    MergeIn,
    NameCorrectionIn,
    Proposal,
    RehousingIn,
    ReopeningIn,
    ReversalIn,
    SplitIn,
    TransferIn,
)
from services.registry.households import (
    acts,
    arriving,
    changing,
    closing,
    merging,
    moving,
    reversing,
    splitting,
)
from services.registry.households.acts import Stated, Written
from services.registry.households.changing import Order as ActOrder
from services.registry.households.changing import Outcome, Plan, Seen, Touched, facts_in, require
from services.registry.households.domain import HouseholdFacts, check_member
from services.registry.households.events import facts_of
from services.registry.households.memberships import Change, Relations, after, check
from services.registry.households.merging import Merge
from services.registry.households.moving import Move
from services.registry.households.reversing import Reversal
from services.registry.households.splitting import SplitOff
from services.registry.households.store import read_households
from services.registry.lineage.store import find_act


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be carried out.

    Attributes:
        change_id: of the request; the acts are recorded under it.
        correlation_id: of the request; the events carry it.
        named: what persons are to be called, from `named_from` on where that is another day.
        undone: of the request that a reversal names: what it changed; `undone_id` is its id.
        within: communes that it is about, besides the caller's own.
    """

    change_id: UUID
    proposal: Proposal
    effective_on: date
    correlation_id: UUID
    named: tuple[Named, ...] = ()
    named_from: date | None = None
    undone: tuple[FactChange, ...] = ()
    undone_id: UUID | None = None
    within: frozenset[str] = frozenset()

    @property
    def household_ids(self) -> list[UUID]:
        """The households that it is about, the one that it begins with first."""
        if isinstance(self.proposal, ReversalIn):
            return list(dict.fromkeys(change.household_id for change in self.undone))
        refs = self.proposal.households.values()
        return list(dict.fromkeys(ref.household_id for ref in refs))


@dataclass(frozen=True, slots=True)
class Effect:
    """What an order did.

    Attributes:
        changes: every fact that became another one.
        read, written: the versions of the households before it and after it; one that it made was
            not there before.
        homes: where the households that it is about live before it, in their order.
        communes: where its households live before it, and after it.
        notes: what the act tells the officer.
    """

    changes: tuple[FactChange, ...]
    read: Mapping[UUID, int]
    written: Mapping[UUID, int]
    homes: tuple[str, ...]
    communes: frozenset[str]
    notes: tuple[Text, ...] = ()


class _Undo(Exception):
    """Thrown into a savepoint so that it rolls back."""


async def attempt(tx: Transaction, vault: Vault, order: Order, today: date) -> Effect:
    """What carrying it out would do; nothing of it stays, and nothing of it is told.

    Raises:
        Problem: whatever would refuse it.
    """
    effect: Effect | None = None
    try:
        with telemetry.untraced():
            async with tx.connection.transaction():
                effect = await carry_out(replace(tx, wakes=set()), vault, order, today)
                raise _Undo
    except _Undo:
        pass
    if effect is None:
        raise RuntimeError("what was tried has an effect")
    return effect


async def carry_out(tx: Transaction, vault: Vault, order: Order, today: date) -> Effect:
    """Do it, in the caller's transaction.

    Raises:
        Problem: whatever the households' rules refuse, with its place in the request.
    """
    before, read = await standing_of(tx, order.household_ids)
    for household_id in order.household_ids:
        if household_id not in before:
            raise wording.gone(place_of_household(order.proposal, household_id))
    require_names(order, today)
    try:
        outcome = await _act(tx, order, before, today)
        after, _ = await standing_of(tx, [one.household_id for one in outcome.written])
        said = at_home(order.named, _homes(after))
        named = await record(tx, vault, said, order.named_from or order.effective_on)
    except Problem as problem:
        raise placed(problem, order.proposal) from None
    if order.undone_id is not None and not_undone(_names_of(order, said), named):
        raise wording.changed_since()
    lived = [one.household.commune for one in (*before.values(), *after.values())]
    homes = order.household_ids or list(after)
    return Effect(
        changes=(*changes_between(before, after), *named),
        read=read,
        written={one.household_id: one.version for one in outcome.written},
        # A household that comes from outside the register lived nowhere before.
        homes=tuple((before.get(one) or after[one]).household.commune for one in homes),
        communes=frozenset(lived),
        notes=outcome.notes,
    )


def _homes(standing: Mapping[UUID, Standing]) -> dict[UUID, UUID]:
    """Of which of these households everybody is a member."""
    return {
        person_id: household_id
        for household_id, one in standing.items()
        for person_id, stay in one.stays.items()
        if stay.left_on is None
    }


def _names_of(order: Order, said: Sequence[Named]) -> list[FactChange]:
    """What of a reversed request is taken back in the vault, where the persons are back by now."""
    homes = {one.person_id: one.household_id for one in said}
    return [
        replace(one, household_id=homes[one.person_id])
        for one in order.undone
        if one.fact in NAMES and one.person_id in homes
    ]


def place_of_household(proposal: Proposal, household_id: UUID) -> str:
    """Where the request names a household."""
    if not isinstance(proposal, ReversalIn):
        for pointer, ref in proposal.households.items():
            if ref.household_id == household_id:
                return f"{pointer}/household_id"
    return "/proposal"


async def standing_of(
    tx: Transaction, household_ids: Sequence[UUID]
) -> tuple[dict[UUID, Standing], dict[UUID, int]]:
    """Households as they stand, and their versions; those that may not be seen are absent."""
    found = await read_households(tx, household_ids)
    standing = {h.household_id: Standing(facts_of(h), h.lineage.closed_on) for h in found}
    return standing, {household.household_id: household.version for household in found}


async def _act(
    tx: Transaction, order: Order, before: Mapping[UUID, Standing], today: date
) -> Outcome:
    act = ActOrder(order.change_id, order.effective_on, order.correlation_id)
    match order.proposal:
        case ArrivalIn() as arrival:
            return await arriving.arrive(tx, act, arrival.new.facts(act.effective_on), today)
        case OfFacts():
            return await _correct(tx, order, order.proposal, before, today)
        case BirthIn() as birth:
            return await _births(tx, act, birth, today)
        case DeathIn() as death:
            return await _death(tx, act, death, before, today)
        case TransferIn() as transfer:
            why = LeftReason.MARRIED if transfer.kind is Kind.MARRIAGE else LeftReason.MOVED
            move = Move(
                household_id=transfer.household.household_id,
                into_id=transfer.into.household_id,
                members={one.person_id: one.relation for one in transfer.members},
                why=why,
                relations=transfer.to_head,
            )
            return await moving.move_members(tx, act, move, today)
        case SplitIn() as split:
            off = SplitOff(
                household_id=split.household.household_id,
                new_id=split.new.household_id,
                members={one.person_id: one.relation for one in split.new.members},
                is_farm_household=split.new.is_farm_household,
                commune=split.new.commune,
                relations=split.to_head,
            )
            return await splitting.split(tx, act, off, today)
        case MergeIn() as merge:
            joins = Merge(merge.household.household_id, merge.into.household_id, merge.to_head)
            return await merging.merge(tx, act, joins, today)
        case ClosingIn() as close:
            home = close.household.household_id
            return await closing.close(tx, act, home, close.reason, today)
        case ReopeningIn() as reopening:
            home = reopening.household.household_id
            return await closing.reopen(tx, act, home, reopening.to_head, today)
        case ChangeOfHeadIn() as change:
            home = change.household.household_id
            return await moving.change_head(tx, act, home, change.to_head, today)
        case NameCorrectionIn():
            return Outcome(())
        case ReversalIn() as reversal:
            return await _reverse(tx, act, order, reversal.to_head, before, today)
        case _:
            assert_never(order.proposal)


def require_names(order: Order, today: date) -> None:
    """What persons are to be called can be recorded.

    Raises:
        Problem: 422.
    """
    errors = check_named(order.named, order.effective_on, today)
    if errors:
        raise wording.malformed(errors)


async def _births(tx: Transaction, act: ActOrder, birth: BirthIn, today: date) -> Outcome:
    home, day = birth.household.household_id, act.effective_on
    newborns = tuple(child.facts(day) for child in birth.children)

    def plan(seen: Seen) -> Plan:
        facts, join = facts_in(seen, home), Change(day, joining=newborns)
        errors = [
            error
            for place, child in enumerate(newborns)
            for error in check_member(child, today, f"/newborns/{place}")
        ]
        require([*errors, *check(facts.members, join)])
        return Plan([Touched(replace(facts, members=after(facts.members, join)))])

    return await changing.carry_out(tx, HouseholdActKind.BIRTH, act, [home], plan, today)


async def _death(
    tx: Transaction, act: ActOrder, death: DeathIn, before: Mapping[UUID, Standing], today: date
) -> Outcome:
    home = death.household.household_id
    present = [one for one in before[home].stays.values() if one.left_on is None]
    if [one.person_id for one in present] == [death.person_id]:
        return await closing.close(tx, act, home, CloseReason.DIED, today)
    return await moving.record_death(tx, act, home, death.person_id, death.to_head, today)


async def _correct(
    tx: Transaction, order: Order, proposal: OfFacts, before: Mapping[UUID, Standing], today: date
) -> Outcome:
    home = proposal.household.household_id
    edits = proposal.edits(order.effective_on)
    facts, errors = edited({home: before[home].household}, edits)
    is_rehousing = isinstance(proposal, RehousingIn)
    if is_rehousing and order.effective_on <= before[home].household.lives_there_from:
        errors.append(wording.not_there_yet())
    # What is stored says no address: that is sealed, and named from there.
    if isinstance(proposal, RehousingIn) and proposal.village is None and not order.named:
        errors.append(wording.nowhere())
    if errors:
        raise wording.malformed(errors)
    return Outcome((await _restate(tx, order, facts[home], edits, today, moves=is_rehousing),))


async def _restate(
    tx: Transaction,
    order: Order,
    facts: HouseholdFacts,
    edits: Sequence[Edit],
    today: date,
    *,
    moves: bool = False,
) -> Written:
    stated = Stated(
        facts, "", b"", order.correlation_id, order.change_id, is_whole=True, moves=moves
    )
    try:
        return await acts.correct(tx, stated, order.effective_on, today, _any_version)
    except Problem as problem:
        errors = [
            replace(error, pointer=place_of(error.pointer, facts, edits))
            for error in problem.errors
        ]
        raise Problem(problem.status, problem.code, problem.title, errors) from None


async def _reverse(
    tx: Transaction,
    act: ActOrder,
    order: Order,
    to_head: Relations,
    before: Mapping[UUID, Standing],
    today: date,
) -> Outcome:
    """What was an act of its own is reversed as one; else facts become what they were, where they
    still are what the request made them.
    """
    if order.undone_id is None:
        raise ValueError("a reversal names a request")
    home = order.household_ids[0]
    if await find_act(tx, [home], order.undone_id):
        stated = Reversal(home, order.undone_id, to_head)
        return await reversing.reverse(tx, act, stated, today)
    undone = [one for one in order.undone if one.fact not in NAMES and not is_stayed(one)]
    if not undone:
        return Outcome(())
    edits = undoing(undone, "/proposal/change_id")
    facts, errors = edited({home: before[home].household}, edits)
    planned = {home: replace(before[home], household=facts[home])}
    if errors or not_undone(undone, changes_between(before, planned)):
        raise wording.changed_since()
    return Outcome((await _restate(tx, order, facts[home], edits, today),))


def _any_version(version: int) -> None:
    """Which version was read is compared where it is asked; here the facts count."""

"""Deciding whether two records are one person's: one person proposes, another one confirms.

Of one person two records are one too many: the record that goes never was a member, its numbers,
name and address go to the one that stays where that has none, and a household of nobody else is
closed. Facts of the record that stays are not touched: they are corrected as ever. Households'
heads are locked first, in id order, then the pair, then what belongs to persons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from libs.common.contracts.household import CHANGED, CLOSED
from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.problems import FieldError, Problem, Text, not_found
from libs.common.security.encryption import Vault
from libs.common.vocabulary import (
    CloseReason,
    HouseholdActKind,
    LeftReason,
    LinkRelation,
    Relation,
)
from services.registry.duplicates import store
from services.registry.duplicates.domain import (
    PairState,
    Step,
    check_confirmation,
    check_proposal,
    check_withdrawal,
)
from services.registry.duplicates.store import KeptPair, StepRow
from services.registry.households.acts import STREAM
from services.registry.households.changing import (
    Order,
    Plan,
    Seen,
    Touched,
    carry_out,
    facts_in,
    require,
)
from services.registry.households.domain import MemberFacts, check_head
from services.registry.households.memberships import Change, after, present
from services.registry.households.reading import read_whole
from services.registry.households.reversing import Reversal, reverse
from services.registry.households.store import visible_households
from services.registry.vault import acts as vault_acts
from services.registry.vault import closing
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import Identity

_TICK = timedelta(microseconds=1)
_JOINED = (LinkRelation.MERGED_INTO, LinkRelation.MERGED_FROM)
_WENT = (LinkRelation.MEMBER_TO, LinkRelation.MEMBER_FROM)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody says of a pair.

    Attributes:
        step: one of those that propose.
        reason: the papers that were looked at.
        keep: where they are one person, the record that stays.
        relations: to the new head, of those who stay in the household that the other record
            leaves, where it was the head.
    """

    step: Step
    reason: str
    keep: UUID | None = None
    relations: Mapping[UUID, Relation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sides:
    """Which record goes, from which household, and which stays, in which."""

    gone: UUID
    left: UUID
    keep: UUID
    stays_in: UUID

    @property
    def households(self) -> list[UUID]:
        return list(dict.fromkeys((self.left, self.stays_in)))


async def propose(
    tx: Transaction, pair_id: UUID, stated: Proposal, by: str, today: date
) -> KeptPair:
    """Say what a pair is; it waits for another person. A later proposal takes its place.

    Raises:
        Problem: 404; 409 where it is settled, or one of the records is out of sight; 422 for
            broken rules.
    """
    pair = await _lock(tx, pair_id)
    check_proposal(stated.step, pair.state)
    if stated.step is Step.PROPOSE_SAME:
        sides = _sides(pair, stated.keep)
        whole = await read_whole(tx, sides.households)
        seen = {one.household.household_id: one for one in whole}
        _plan(seen, today, sides, stated.relations)
    row = StepRow(
        step=stated.step,
        reason=stated.reason,
        recorded_by=by,
        recorded_at=tx.recorded_at,
        kept=stated.keep,
        relations=stated.relations,
    )
    await store.take_step(tx, pair_id, row, pair.state)
    return await get_pair(tx, pair_id)


async def confirm(tx: Transaction, vault: Vault, pair_id: UUID, order: Order, by: str) -> KeptPair:
    """Carry out what another person proposed.

    Raises:
        Problem: 404; 403 where it takes another person; 409 where nothing is proposed, one of the
            records is out of sight, or later acts build on what is to be undone; 422 for broken
            rules.
    """
    pair = await _lock(tx, pair_id)
    rows = await store.read_steps(tx, pair_id)
    proposed_by = rows[-1].recorded_by if rows else None
    step = check_confirmation([row.step for row in rows], proposed_by, pair.claimed_by, by)
    proposed = rows[-1]
    done = StepRow(step, proposed.reason, by, tx.recorded_at)
    match step:
        case Step.SAME:
            await _take(tx, pair, await _join(tx, vault, pair, proposed, order, done), "same")
        case Step.DIFFERENT:
            await _take(tx, pair, done, "different")
        case _:
            await _undo(tx, vault, pair, rows, order)
            await _take(tx, pair, done, "open")
    return await get_pair(tx, pair_id)


async def withdraw(tx: Transaction, pair_id: UUID, by: str) -> KeptPair:
    """Take back one's own proposal, as long as nobody confirmed it.

    Raises:
        Problem: 404; 409 where nothing is proposed, or by somebody else.
    """
    pair = await store.find_pair(tx, pair_id, lock=True)
    if pair is None:
        raise not_found("duplicate")
    rows = await store.read_steps(tx, pair_id)
    proposed_by = rows[-1].recorded_by if rows else None
    check_withdrawal([row.step for row in rows], proposed_by, by)
    row = StepRow(Step.WITHDRAW, rows[-1].reason, by, tx.recorded_at)
    await store.take_step(tx, pair_id, row, pair.state)
    return pair


def seen_as_of(pair: KeptPair, rows: Sequence[StepRow]) -> datetime | None:
    """As known at which instant both records are shown: of what is settled right before it was, of
    what is void when it was last compared; None: now.
    """
    if pair.state is PairState.OPEN:
        return None
    settled = [row for row in rows if row.step in (Step.SAME, Step.DIFFERENT)]
    if pair.state is PairState.VOID or not settled:
        return pair.compared_at
    return settled[-1].recorded_at - _TICK


async def get_pair(tx: Transaction, pair_id: UUID) -> KeptPair:
    """The pair, or the problem that it is not there or not visible."""
    pair = await store.find_pair(tx, pair_id)
    if pair is None:
        raise not_found("duplicate")
    return pair


async def _take(tx: Transaction, pair: KeptPair, row: StepRow, state: str) -> None:
    await store.take_step(tx, pair.pair_id, row, PairState(state))


async def _lock(tx: Transaction, pair_id: UUID) -> KeptPair:
    """The pair under the locks of both households; whoever decides sees both."""
    before = await get_pair(tx, pair_id)
    homes = [before.one_household, before.other_household]
    await ledger.lock_heads(tx, STREAM, homes)
    pair = await store.find_pair(tx, pair_id, lock=True)
    if pair is None or [pair.one_household, pair.other_household] != homes:
        raise _moved_on()
    if set(homes) - (await visible_households(tx, homes)).keys():
        raise _half_seen()
    return pair


def _sides(pair: KeptPair, keep: UUID | None) -> Sides:
    if keep == pair.one:
        return Sides(pair.other, pair.other_household, pair.one, pair.one_household)
    if keep == pair.other:
        return Sides(pair.one, pair.one_household, pair.other, pair.other_household)
    title = Text("Không phải một trong hai bản ghi.", "It is neither of the two records.")
    fix = Text("Chọn một trong hai người của cặp.", "Choose one of the pair's persons.")
    rule = "keep.not_of_pair"
    raise Problem(422, "duplicate.refused", title, [FieldError("/keep", rule, title, fix)])


async def _join(
    tx: Transaction, vault: Vault, pair: KeptPair, proposed: StepRow, order: Order, done: StepRow
) -> StepRow:
    sides = _sides(pair, proposed.kept)
    known = await vault_acts.read(tx, vault, [sides.gone, sides.keep])
    given, own = known.get(sides.gone, Identity()), known.get(sides.keep, Identity())
    laid_down_at = await closing.lay_down(tx, sides.gone)
    taken = PersonIdentity(
        person_id=sides.keep,
        household_id=sides.stays_in,
        from_day=order.effective_on,
        name=given.name if own.name is None else None,
        numbers={kind: value for kind, value in given.numbers.items() if kind not in own.numbers},
        address=given.address if own.address is None else None,
    )
    handed_over_at = None
    if taken.identity != Identity():
        await vault_acts.record(tx, vault, [taken])
        handed_over_at = await closing.newest(tx, sides.keep)
    await carry_out(
        tx,
        HouseholdActKind.MERGE_PERSONS,
        order,
        sides.households,
        lambda seen: _plan(seen, order.effective_on, sides, proposed.relations),
        order.effective_on,
    )
    return replace(
        done,
        kept=sides.keep,
        relations=proposed.relations,
        act_id=order.act_id,
        laid_down_at=laid_down_at,
        handed_over_at=handed_over_at,
    )


async def _undo(
    tx: Transaction, vault: Vault, pair: KeptPair, rows: Sequence[StepRow], order: Order
) -> None:
    """The record that went is back as it was; what the other one took over, and has still, is not
    its own any more.
    """
    decided = next(row for row in reversed(rows) if row.step in (Step.SAME, Step.DIFFERENT))
    if decided.step is Step.DIFFERENT or decided.act_id is None or decided.laid_down_at is None:
        return
    sides = _sides(pair, decided.kept)
    await reverse(tx, order, Reversal(sides.left, decided.act_id), order.effective_on)
    if decided.handed_over_at is not None:
        await closing.lay_down(tx, sides.keep, recorded_at=decided.handed_over_at)
    await closing.reopen(tx, sides.gone, decided.laid_down_at)


def _plan(seen: Seen, day: date, sides: Sides, relations: Mapping[UUID, Relation]) -> Plan:
    left = _left(seen, day, sides, relations)
    if sides.left == sides.stays_in:
        return Plan([left])
    # As where members go to another household, or all of it does; each side names the other.
    there, back = _JOINED if left.closed_on else _WENT
    return Plan(
        [
            replace(left, other=(there, sides.stays_in)),
            Touched(facts_in(seen, sides.stays_in), CHANGED, other=(back, sides.left)),
        ]
    )


def _left(seen: Seen, day: date, sides: Sides, relations: Mapping[UUID, Relation]) -> Touched:
    """The household without the record that goes."""
    facts = facts_in(seen, sides.left)
    there = present(facts.members)
    if sides.gone not in {member.person_id for member in there}:
        raise not_found("person")
    if len(there) == 1:
        leave = Change(day, {sides.gone}, LeftReason.OTHER)
        closed = replace(facts, members=after(facts.members, leave))
        return Touched(closed, CLOSED, closed_on=day, reason=CloseReason.REGISTERED_TWICE)
    never = tuple(member for member in facts.members if member.person_id != sides.gone)
    members = tuple(
        replace(member, relation=relations[member.person_id])
        if member.left_on is None and member.person_id in relations
        else member
        for member in never
    )
    require(_faults(never, relations))
    if error := check_head(present(members), "/relations"):
        require([error])
    return Touched(replace(facts, members=members), CHANGED)


def _faults(members: Sequence[MemberFacts], relations: Mapping[UUID, Relation]) -> list[FieldError]:
    there = {member.person_id for member in members}
    message = Text("Không phải thành viên của hộ.", "No member of the household.")
    fix = Text("Đọc lại hộ rồi chọn lại.", "Read the household again and choose again.")
    return [
        FieldError(f"/relations/{person_id}", "person.no_member", message, fix)
        for person_id in sorted(set(relations) - there)
    ]


def _moved_on() -> Problem:
    title = Text("Cặp vừa thay đổi.", "The pair has just changed.")
    fix = Text("Đọc lại cặp rồi làm lại.", "Read the pair again, and do it anew.")
    rule = "duplicate.changed"
    return Problem(409, rule, title, [FieldError("", rule, title, fix)])


def _half_seen() -> Problem:
    title = Text("Một bản ghi ở ngoài địa bàn.", "One of the records is outside your areas.")
    fix = Text(
        "Nhờ tỉnh, hoặc người phụ trách cả hai xã.", "Ask the province, or whoever has both."
    )
    rule = "duplicate.half_seen"
    return Problem(409, rule, title, [FieldError("", rule, title, fix)])

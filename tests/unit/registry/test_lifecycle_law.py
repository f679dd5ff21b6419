"""Whatever happens between reviews: one household at a time, one head each, nobody lost."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from libs.common.ids import new_id
from libs.common.problems import Problem
from libs.common.vocabulary import (
    CloseReason,
    HouseholdActKind,
    LeftReason,
    LinkRelation,
    Relation,
)
from services.registry.households.changing import Order, Plan
from services.registry.households.closing import plan_close, plan_reopen
from services.registry.households.events import facts_of, stored
from services.registry.households.memberships import (
    Change,
    Members,
    present,
)
from services.registry.households.merging import Merge, plan_merge
from services.registry.households.moving import Move, plan_members, plan_move
from services.registry.households.reading import WholeHousehold
from services.registry.households.reversing import Reversal, Then, plan_reversal
from services.registry.households.splitting import SplitOff, plan_split
from services.registry.lineage.domain import (
    ActRow,
    derive_lineage,
)
from services.registry.reviews.domain import derive_timeline
from tests.unit.registry.test_household_rules import a_household, a_member

DAYS = [date(2022, month, 1) for month in range(2, 8)]
WHICH = st.integers(0, 7)
SOME = st.lists(st.integers(0, 5), min_size=1, max_size=2)
DAY = st.sampled_from(DAYS)


class Lives(RuleBasedStateMachine):
    """A village as its acts leave it, in memory: each plan is applied to what stood before."""

    def __init__(self) -> None:
        super().__init__()
        self.village: dict[UUID, WholeHousehold] = {}
        self.acts: dict[UUID, list[ActRow]] = {}
        self.done: list[tuple[UUID, dict[UUID, tuple[Members, Members]]]] = []
        self.newest: UUID | None = None
        self.now = datetime(2022, 1, 1, tzinfo=UTC)

    @initialize()
    def begin(self) -> None:
        for _ in range(3):
            members = [
                a_member(),
                a_member(relation=Relation.CHILD),
                a_member(relation=Relation.OTHER),
            ]
            facts = a_household(*members, registered_on=DAYS[0])
            self.village[facts.household_id] = whole(stored(facts, 1))

    # --- what happens -------------------------------------------------------------------------

    @rule(which=WHICH, some=SOME, day=DAY)
    def split(self, which: int, some: list[int], day: date) -> None:
        source = self.pick(which)
        away = self.some_of(source, some)
        new = {person: Relation.OTHER for person in away} | {away[0]: Relation.HEAD}
        off = SplitOff(source, new_id(), new, True, relations=self.rest(source, away))
        self.act(HouseholdActKind.SPLIT, day, lambda order: plan_split(self.village, order, off))

    @rule(which=WHICH, other=WHICH, some=SOME, day=DAY)
    def move(self, which: int, other: int, some: list[int], day: date) -> None:
        source, target = self.pick(which), self.pick(other)
        away = self.some_of(source, some)
        into = Move(
            source,
            target,
            dict.fromkeys(away, Relation.OTHER),
            LeftReason.MARRIED,
            self.rest(source, away),
        )
        self.act(
            HouseholdActKind.MOVE_MEMBERS, day, lambda order: plan_move(self.village, order, into)
        )

    @rule(which=WHICH, other=WHICH, day=DAY)
    def merge(self, which: int, other: int, day: date) -> None:
        source = self.pick(which)
        joins = Merge(source, self.pick(other), dict.fromkeys(self.of(source), Relation.OTHER))
        self.act(HouseholdActKind.MERGE, day, lambda order: plan_merge(self.village, order, joins))

    @rule(which=WHICH, day=DAY)
    def close(self, which: int, day: date) -> None:
        one = self.pick(which)
        self.act(
            HouseholdActKind.CLOSE,
            day,
            lambda order: plan_close(self.village, order, one, CloseReason.MOVED_AWAY),
        )

    @rule(which=WHICH, day=DAY)
    def reopen(self, which: int, day: date) -> None:
        one = sorted(self.village)[which % len(self.village)]
        household = self.village[one].household
        back = [m.person_id for m in household.members if m.left_on == household.lineage.closed_on]
        come = dict.fromkeys(back, Relation.OTHER) | dict.fromkeys(back[:1], Relation.HEAD)
        self.act(
            HouseholdActKind.REOPEN, day, lambda order: plan_reopen(self.village, order, one, come)
        )

    @rule(which=WHICH, some=WHICH, day=DAY)
    def die(self, which: int, some: int, day: date) -> None:
        one = self.pick(which)
        dead = self.some_of(one, [some])
        self.change(
            one,
            HouseholdActKind.DEATH,
            Change(day, dead, LeftReason.DIED, relations=self.rest(one, dead)),
        )

    @rule(which=WHICH, day=DAY)
    def be_born(self, which: int, day: date) -> None:
        child = a_member(relation=Relation.CHILD, birth_date=day, joined_on=day)
        self.change(self.pick(which), HouseholdActKind.BIRTH, Change(day, joining=(child,)))

    @rule(which=WHICH, day=DAY)
    def change_head(self, which: int, day: date) -> None:
        one = self.pick(which)
        self.change(
            one,
            HouseholdActKind.CHANGE_HEAD,
            Change(
                day,
                relations=self.rest(one, self.of(one)[:1])
                | dict.fromkeys(self.of(one)[:1], Relation.OTHER),
            ),
        )

    @rule(which=WHICH)
    def reverse(self, which: int) -> None:
        """Any act so far; refused where later ones build on it."""
        if not self.done:
            return
        act_id, around = self.done[-1 - which % len(self.done)]
        is_newest = act_id == self.newest
        past = {
            one: Then(
                next(row for row in self.acts[one] if row.act_id == act_id),
                before,
                after,
                self.acts[one],
            )
            for one, (before, after) in around.items()
        }
        stated = Reversal(next(iter(around)), act_id)
        day = past[stated.household_id].row.effective_on
        happened = self.act(
            HouseholdActKind.REVERSE,
            day,
            lambda _: plan_reversal({one: self.village[one] for one in past}, stated, past),
        )
        assert happened or not is_newest, "the newest act can always be reversed"
        if is_newest:
            for one, (before, _) in around.items():
                assert set(self.members(one)) == set(before)

    # --- what always holds --------------------------------------------------------------------

    @invariant()
    def nobody_is_in_two_households_on_one_day(self) -> None:
        for day in DAYS:
            there = Counter(
                member.person_id
                for one in self.village
                for member in self.members(one)
                if member.joined_on <= day and (member.left_on is None or day < member.left_on)
            )
            assert not there or max(there.values()) == 1

    @invariant()
    def every_open_household_has_one_head_and_no_closed_one_has_members(self) -> None:
        for one, whole_one in self.village.items():
            now = present(self.members(one))
            if whole_one.household.lineage.closed_on is None:
                assert sum(member.relation is Relation.HEAD for member in now) == 1
            else:
                assert not now

    @invariant()
    def whoever_left_died_or_is_somewhere_else(self) -> None:
        """Persons are conserved: nobody's last stay ends by a split, a merge or a marriage."""
        newest: dict[UUID, Any] = {}
        for one in self.village:
            for member in self.members(one):
                if (
                    member.person_id not in newest
                    or newest[member.person_id].joined_on < member.joined_on
                ):
                    newest[member.person_id] = member
        for member in newest.values():
            assert member.left_reason in (None, LeftReason.DIED, LeftReason.MOVED)

    @invariant()
    def links_stand_on_both_sides(self) -> None:
        opposite = {
            LinkRelation.SPLIT_FROM: LinkRelation.SPLIT_INTO,
            LinkRelation.MERGED_FROM: LinkRelation.MERGED_INTO,
            LinkRelation.MEMBER_FROM: LinkRelation.MEMBER_TO,
        }
        opposite |= {value: key for key, value in opposite.items()}
        for one, whole_one in self.village.items():
            for link in whole_one.household.lineage.links:
                back = self.village[link.household_id].household.lineage.links
                assert any(
                    (other.household_id, other.relation, other.act_id)
                    == (one, opposite[link.relation], link.act_id)
                    for other in back
                )

    # --- how it is done -----------------------------------------------------------------------

    def act(self, kind: HouseholdActKind, day: date, plan: Any) -> bool:
        order = Order(act_id=new_id(), effective_on=day, correlation_id=new_id())
        try:
            made: Plan = plan(order)
        except Problem:
            return False
        self.now += timedelta(seconds=1)
        around = {}
        for one in made.touched:
            household_id = one.facts.household_id
            before = self.members(household_id) if household_id in self.village else ()
            relation, other = one.other or (None, None)
            row = ActRow(
                order.act_id,
                kind,
                0,
                day,
                one.closed_on,
                None,
                relation,
                other,
                one.to_review,
                made.reverses,
                self.now,
            )
            self.acts.setdefault(household_id, []).append(row)
            lineage = derive_lineage(self.acts[household_id])
            self.village[household_id] = whole(stored(one.facts, 1, lineage))
            around[household_id] = (before, one.facts.members)
        if made.reverses is None:
            self.done.append((order.act_id, around))
            self.newest = order.act_id
        else:
            self.done = [entry for entry in self.done if entry[0] != made.reverses]
            self.newest = None
        return True

    def change(self, one: UUID, kind: HouseholdActKind, change: Change) -> None:
        self.act(kind, change.day, lambda _: plan_members(self.village, one, change))

    def members(self, one: UUID) -> Members:
        return facts_of(self.village[one].household).members

    def pick(self, which: int) -> UUID:
        """An open household."""
        there = [o for o, w in self.village.items() if w.household.lineage.closed_on is None]
        everyone = sorted(there or self.village)
        return everyone[which % len(everyone)]

    def of(self, one: UUID) -> list[UUID]:
        return [member.person_id for member in present(self.members(one))]

    def some_of(self, one: UUID, picks: list[int]) -> list[UUID]:
        there = self.of(one) or [new_id()]
        return list(dict.fromkeys(there[pick % len(there)] for pick in picks))

    def rest(self, one: UUID, away: list[UUID]) -> dict[UUID, Relation]:
        """Relations of who stays, to the first of them."""
        stay = [person for person in self.of(one) if person not in away]
        return dict.fromkeys(stay, Relation.OTHER) | dict.fromkeys(stay[:1], Relation.HEAD)


def whole(household: Any) -> WholeHousehold:
    return WholeHousehold(household, cast(Any, None), (), derive_timeline(()))


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=30, stateful_step_count=20, deadline=None, derandomize=True
)

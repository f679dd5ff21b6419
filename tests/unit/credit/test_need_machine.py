"""Whatever people, the bank, the class and the law do to one household, in whatever order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from libs.common.ids import new_id
from libs.common.problems import Problem
from libs.common.vocabulary import CapitalSource, NeedStage, ReferralState
from services.credit.lists.domain import (
    Ballot,
    Candidate,
    NeedList,
    Verdict,
    confirm_needs,
    vote,
)
from services.credit.needs.clocks import current_due
from services.credit.needs.domain import (
    OPEN_STAGES,
    Answer,
    Application,
    Limits,
    Need,
    answer,
    apply,
    receive,
    withdraw,
)
from services.credit.referrals.disbursement import Disbursement, disburse
from services.credit.referrals.domain import (
    Act,
    Change,
    OfferedTerms,
    Referral,
    Wanted,
    decide_referrals,
    reprice,
    with_need,
)
from tests.unit.credit import books

START = date(2022, 1, 3)
AMOUNTS = st.sampled_from([10_000_000, 20_000_000, 50_000_000, 150_000_000])
PROGRAMMES = st.sampled_from(["01", "01", "19", "19", "09", None])
COMMUNES = st.sampled_from(["01882", "01882", "01882", "01873"])
RARELY = st.sampled_from([False, False, False, True])
MOSTLY = st.sampled_from([True, True, True, False])

# Where a need may go in one version, whoever acts: people and the bank forward, a class change or
# a removal back.
NEXT = {
    None: {NeedStage.APPLIED},
    NeedStage.APPLIED: {NeedStage.LISTED, NeedStage.DECLINED, NeedStage.WITHDRAWN},
    NeedStage.LISTED: {
        NeedStage.SENT,
        NeedStage.NOT_CONFIRMED,
        NeedStage.WITHDRAWN,
        NeedStage.APPLIED,
    },
    NeedStage.SENT: {
        NeedStage.RECEIVED,
        NeedStage.WITHDRAWN,
        NeedStage.LISTED,
        NeedStage.APPLIED,
    },
    NeedStage.RECEIVED: {
        NeedStage.APPROVED,
        NeedStage.REFUSED,
        NeedStage.WITHDRAWN,
        NeedStage.LISTED,
        NeedStage.APPLIED,
    },
    NeedStage.APPROVED: {
        NeedStage.DISBURSED,
        NeedStage.WITHDRAWN,
        NeedStage.LISTED,
        NeedStage.APPLIED,
    },
}


def price(programme: str, day: date) -> OfferedTerms:
    """Limits that differ between programmes and change with the new rate."""
    terms = books.price(programme, day)
    most = {"01": 100_000_000, "19": 60_000_000, "09": 30_000_000}[programme]
    return replace(terms, max_amount=most if day < books.NEW_RATE else most // 2)


class Household(RuleBasedStateMachine):
    """One household, its referrals and their needs, told apart by nothing but the pure law."""

    @initialize()
    def begin(self) -> None:
        self.today = START
        self.law_day = date.min
        self.referrals: dict[UUID, Referral] = {}
        self.needs: dict[UUID, Need] = {}
        self.household = new_id()
        self.commune, self.since = "01882", START
        self.programme: str | None = "01"
        self._take(self._decided())

    # --- time and the class ---

    @rule(days=st.sampled_from([0, 1, 3, 30, 400]))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(programme=PROGRAMMES, commune=COMMUNES, days_ago=st.integers(0, 200))
    def class_is_decided(self, programme: str | None, commune: str, days_ago: int) -> None:
        since = self.today - timedelta(days=days_ago)
        self.programme, self.commune, self.since = programme, commune, since
        self._take(self._decided())
        assert self._decided() == []  # the same again changes nothing

    @rule()
    def new_terms_are_swept(self) -> None:
        self.law_day = self.today
        self._take(
            [
                change
                for referral in self._standing()
                if (change := reprice(referral, self.law_day, price)) is not None
            ]
        )

    # --- people and the bank ---

    @precondition(lambda self: self._open() is not None and not self._is_at(*OPEN_STAGES))
    @rule(amount=AMOUNTS)
    def household_applies(self, amount: int) -> None:
        referral = self._open()
        assert referral is not None
        asked = Application("", amount, 12, CapitalSource.CENTRAL, None, self.today)
        terms = price(referral.programme, self.today)
        limits = Limits(terms.max_amount, terms.max_months, terms.document)
        self._try(
            lambda: with_need(
                Act.NEED_APPLIED,
                referral,
                apply(new_id(), asked, limits, referral.opened_on, self.today),
            )
        )

    @precondition(lambda self: self._is_at(NeedStage.APPLIED))
    @rule(is_carried=MOSTLY)
    def group_votes(self, is_carried: bool) -> None:
        referral, need = self._pair()
        ballot = Ballot(need.need_id, 9 if is_carried else 1, 3)
        sheet = NeedList(new_id(), self.commune, None, self.today, "01", (ballot,))
        known = {need.need_id: Candidate(need, referral)}
        self._try(lambda: vote(sheet, known, {self.commune}, None, current_due(), self.today)[0])

    @precondition(lambda self: self._is_at(NeedStage.LISTED))
    @rule(is_confirmed=MOSTLY)
    def commune_confirms(self, is_confirmed: bool) -> None:
        referral, need = self._pair()
        sheet = NeedList(
            need.list_id or new_id(),
            self.commune,
            None,
            need.changed_on,
            "01",
            (Ballot(need.need_id, 9, 1),),
        )
        verdicts = [Verdict(need.need_id, is_confirmed, None if is_confirmed else "x")]
        known = {need.need_id: Candidate(need, referral)}
        try:
            self._take(confirm_needs(sheet, verdicts, known, self.today, self.today))
        except Problem:
            return
        # The same confirmation again never acts twice.
        referral, need = self._pair()
        known = {need.need_id: Candidate(need, referral)}
        assert confirm_needs(sheet, verdicts, known, self.today, self.today) == []

    @precondition(lambda self: self._is_at(NeedStage.SENT))
    @rule()
    def bank_receives(self) -> None:
        referral, need = self._pair()
        due_on = current_due()(NeedStage.RECEIVED, referral.programme, self.today)
        self._try(
            lambda: with_need(
                Act.NEED_RECEIVED, referral, receive(need, self.today, due_on, self.today)
            )
        )

    @precondition(lambda self: self._is_at(NeedStage.RECEIVED))
    @rule(approved=MOSTLY, amount=st.none() | AMOUNTS)
    def bank_answers(self, approved: bool, amount: int | None) -> None:
        referral, need = self._pair()
        given = Answer(approved, amount, None, "x", self.today)
        terms = price(referral.programme, self.today)
        limits = Limits(terms.max_amount, terms.max_months, terms.document)
        act = Act.NEED_APPROVED if approved else Act.NEED_REFUSED
        self._try(lambda: with_need(act, referral, answer(need, given, limits, self.today)))

    @precondition(lambda self: self._is_at(*OPEN_STAGES))
    @rule(steps=st.integers(1, 5))
    def all_goes_well_for_a_while(self, steps: int) -> None:
        """Chance alone would hardly ever bring a need to the bank."""
        for _ in range(steps):
            match self._pair()[1].stage if self._newest() else None:
                case NeedStage.APPLIED:
                    self.group_votes(True)
                case NeedStage.LISTED:
                    self.commune_confirms(True)
                case NeedStage.SENT:
                    self.bank_receives()
                case NeedStage.RECEIVED:
                    self.bank_answers(True, None)
                case NeedStage.APPROVED:
                    self.bank_pays(self._pair()[1].amount)

    @precondition(lambda self: self._is_at(*OPEN_STAGES))
    @rule(really=RARELY)
    def household_withdraws(self, really: bool) -> None:
        if not really:
            return
        referral, need = self._pair()
        self._try(
            lambda: with_need(
                Act.NEED_WITHDRAWN, referral, withdraw(need, self.today, "x", self.today)
            )
        )

    @precondition(lambda self: self._open() is not None)
    @rule(amount=AMOUNTS)
    def bank_pays(self, amount: int) -> None:
        referral = self._open()
        assert referral is not None
        paid = Disbursement(self.today, amount, str(new_id()))
        if not self._try(lambda: disburse(referral, paid, self.today, price)):
            return
        need = referral.need
        if need is not None and need.stage is not NeedStage.WITHDRAWN:
            assert need.stage is NeedStage.APPROVED
            assert amount <= need.amount
        # Paid out may mean: nothing else is wanted, or something beside it.
        self._take(self._decided())

    # --- what always holds ---

    @invariant()
    def what_is_open_is_wanted(self) -> None:
        for need in self.needs.values():
            holders = [
                referral
                for referral in self.referrals.values()
                if referral.need is not None and referral.need.need_id == need.need_id
            ]
            if need.is_open:
                (holder,) = holders
                assert holder.state is ReferralState.OPEN
                assert need.over_cap == need.is_over(holder.terms.max_amount)
                assert holder.programme == self.programme
            assert need.stage is not NeedStage.DISBURSED or any(
                holder.state is ReferralState.DISBURSED for holder in holders
            )

    @invariant()
    def one_need_at_a_time(self) -> None:
        assert sum(need.is_open for need in self.needs.values()) <= 1

    @invariant()
    def only_what_waits_has_a_deadline(self) -> None:
        waiting = (NeedStage.LISTED, NeedStage.RECEIVED)
        for need in self.needs.values():
            assert need.due_on is None or need.stage in waiting
            assert (need.approved_amount is not None) == (
                need.stage in (NeedStage.APPROVED, NeedStage.DISBURSED)
                or (need.stage is NeedStage.WITHDRAWN and need.answered_on is not None)
            )

    # --- inside ---

    def _standing(self) -> list[Referral]:
        everyone = self.referrals.values()
        return [one for one in everyone if one.state is not ReferralState.WITHDRAWN]

    def _open(self) -> Referral | None:
        return next((one for one in self._standing() if one.state is ReferralState.OPEN), None)

    def _newest(self) -> Need | None:
        referral = self._open()
        return None if referral is None else referral.need

    def _is_at(self, *stages: NeedStage) -> bool:
        need = self._newest()
        return need is not None and need.stage in stages

    def _pair(self) -> tuple[Referral, Need]:
        referral = self._open()
        assert referral is not None
        assert referral.need is not None
        return referral, referral.need

    def _decided(self) -> list[Change]:
        target = Wanted(
            self.household, 1, self.commune, self.programme, self.since, learned_on=self.today
        )
        return decide_referrals(
            self._standing(), target, self.law_day, price, current_due(), new_id
        )

    def _try(self, act: Callable[[], Change]) -> bool:
        try:
            change = act()
        except Problem:
            return False
        self._take([change])
        return True

    def _take(self, changes: list[Change]) -> None:
        for change in changes:
            after = change.referral
            before = self.referrals.get(after.referral_id)
            assert after.version == (before.version if before else 0) + 1
            self.referrals[after.referral_id] = after
            if after.need is not None:
                self._keep(after.need, after.version)

    def _keep(self, need: Need, version: int) -> None:
        before = self.needs.get(need.need_id)
        if need == before:
            assert need.version < version
            return
        assert need.version == version
        was = None if before is None else before.stage
        if was is not need.stage:
            assert need.stage in NEXT[was]  # KeyError: what is over does not move
        if before is not None:
            assert need.changed_on >= before.changed_on
            assert need.application == before.application
        else:
            assert need.is_open
            assert need.stage in OPEN_STAGES
        self.needs[need.need_id] = need


Household.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
test_any_order_of_acts = Household.TestCase

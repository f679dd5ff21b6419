"""What happens to a need when something happens to its referral: class, commune, rate, payment."""

from dataclasses import replace
from datetime import date

import pytest

from libs.common.ids import new_id
from libs.common.problems import Problem
from libs.common.vocabulary import NeedStage, ReferralState
from services.credit.needs.clocks import current_due
from services.credit.needs.domain import CLASS_LOST, OPEN_STAGES, Need
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
from services.credit.referrals.saying import event_of
from tests.integration.credit.builders import an_area
from tests.unit.credit import books
from tests.unit.credit.needs import ASKED, OPENED_ON, TODAY, a_need, a_referral

MOVED_ON, LEARNED_ON = date(2022, 5, 30), date(2022, 6, 10)
PAID_ON = date(2022, 5, 25)


def price(programme: str, day: date) -> OfferedTerms:
    """Less for the newly escaped: 30 million, and for everyone from the new rate on."""
    terms = books.price(programme, day)
    is_less = programme == "09" or day >= books.NEW_RATE
    return replace(terms, max_amount=30_000_000 if is_less else 100_000_000)


def decide(
    referral: Referral,
    programme: str | None,
    since: date = MOVED_ON,
    commune: str = "01882",
) -> list[Change]:
    target = Wanted(referral.household_id, 2, commune, programme, since, LEARNED_ON)
    return decide_referrals([referral], target, date.min, price, current_due(), new_id)


def need_of(change: Change) -> Need:
    assert change.referral.need is not None
    return change.referral.need


@pytest.mark.parametrize("stage", sorted(OPEN_STAGES))
def test_withdrawn_referral_takes_its_need_along(stage: NeedStage) -> None:
    (change,) = decide(a_referral(a_need(stage)), None)
    need = need_of(change)
    assert (change.act, change.referral.state) == (Act.WITHDRAWN, ReferralState.WITHDRAWN)
    assert (need.stage, need.reason, need.version) == (NeedStage.WITHDRAWN, CLASS_LOST, 2)


@pytest.mark.parametrize(
    ("stage", "after"),
    [
        (NeedStage.APPLIED, NeedStage.APPLIED),
        (NeedStage.LISTED, NeedStage.LISTED),
        (NeedStage.SENT, NeedStage.LISTED),
        (NeedStage.RECEIVED, NeedStage.LISTED),
        (NeedStage.APPROVED, NeedStage.LISTED),
        (NeedStage.REFUSED, NeedStage.REFUSED),
        (NeedStage.DECLINED, NeedStage.DECLINED),
    ],
)
def test_moved_referral_has_its_need_confirmed_again(stage: NeedStage, after: NeedStage) -> None:
    (change,) = decide(a_referral(a_need(stage)), "19")
    assert (change.act, change.referral.programme) == (Act.MOVED, "19")
    assert need_of(change).stage is after


def test_time_for_the_new_confirmation_runs_from_the_day_the_change_was_learned() -> None:
    (change,) = decide(a_referral(a_need(NeedStage.SENT)), "19")
    need = need_of(change)
    assert (need.changed_on, need.due_on) == (MOVED_ON, date(2022, 6, 14))


def test_need_over_the_new_programmes_limit_is_marked() -> None:
    (change,) = decide(a_referral(a_need(NeedStage.APPLIED)), "09")
    assert need_of(change).over_cap is True
    (back,) = decide(change.referral, "01")
    assert need_of(back).over_cap is False


def test_need_under_a_new_limit_is_marked_by_the_sweep() -> None:
    change = reprice(a_referral(a_need(NeedStage.RECEIVED)), books.NEW_RATE, price)
    assert change is not None
    need = need_of(change)
    assert (need.over_cap, need.stage, need.version) == (True, NeedStage.RECEIVED, 2)


def test_corrected_day_of_the_same_class_leaves_the_need_where_it_is() -> None:
    referral = a_referral(a_need(NeedStage.SENT))
    (change,) = decide(referral, "01", date(2022, 2, 1))
    assert (change.act, change.referral.need) == (Act.MOVED, referral.need)


@pytest.mark.parametrize(
    ("stage", "after"),
    [(NeedStage.LISTED, NeedStage.APPLIED), (NeedStage.SENT, NeedStage.SENT)],
)
def test_household_in_another_commune_takes_its_need_along(
    stage: NeedStage, after: NeedStage
) -> None:
    (change,) = decide(a_referral(a_need(stage)), "01", OPENED_ON, commune="01873")
    assert (change.act, need_of(change).stage) == (Act.RELOCATED, after)
    assert need_of(change).version == change.referral.version


def test_another_class_in_another_commune_begins_at_the_vote() -> None:
    (change,) = decide(a_referral(a_need(NeedStage.APPROVED)), "19", commune="01873")
    need = need_of(change)
    assert (change.act, need.stage, need.list_id) == (Act.MOVED, NeedStage.APPLIED, None)
    assert need.amount == ASKED.amount


def test_paid_need_stays_when_the_class_changes() -> None:
    need = a_need(NeedStage.DISBURSED)
    paid = replace(a_referral(need), state=ReferralState.DISBURSED)
    flagged, opened = decide(paid, "19")
    assert (flagged.act, flagged.referral.need) == (Act.FLAGGED, need)
    assert opened.referral.need is None


# --- paying out -----------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [*NeedStage, None])
def test_payment_asks_for_approval_where_there_is_a_need(stage: NeedStage | None) -> None:
    referral = a_referral(None if stage is None else a_need(stage))
    paid = Disbursement(PAID_ON, 10_000_000, "HD-1")
    if stage not in (None, NeedStage.APPROVED, NeedStage.WITHDRAWN):
        with pytest.raises(Problem) as refused:
            disburse(referral, paid, TODAY, price)
        assert (refused.value.status, refused.value.code) == (409, "need.wrong_stage")
        return
    change = disburse(referral, paid, TODAY, price)
    assert (change.act, change.referral.state) == (Act.DISBURSED, ReferralState.DISBURSED)
    if stage is NeedStage.APPROVED:
        need = need_of(change)
        assert (need.stage, need.changed_on, need.version) == (NeedStage.DISBURSED, PAID_ON, 2)
    else:
        assert change.referral.need == referral.need


def test_faults_of_need_and_referral_are_named_together() -> None:
    referral = a_referral(a_need(NeedStage.APPROVED))
    with pytest.raises(Problem) as refused:
        disburse(referral, Disbursement(date(2021, 1, 1), 200_000_000, "A"), TODAY, price)
    assert [error.rule for error in refused.value.errors] == [
        "disbursement.paid_too_early",
        "disbursement.over_limit",
        "disbursement.before_approval",
        "disbursement.over_approved",
    ]


# --- what is said ---------------------------------------------------------------------------------


def test_event_tells_the_need_without_words() -> None:
    need = replace(a_need(NeedStage.APPROVED), approved_amount=30_000_000, approved_months=36)
    change = with_need(Act.NEED_APPROVED, a_referral(), need)
    said = event_of(change, an_area(), new_id()).data.model_dump(mode="json")
    assert said["act"] == "need_approved"
    assert said["need"] == {
        "need_id": str(need.need_id),
        "amount": 30_000_000,
        "months": 36,
        "source": "central",
        "stage": "approved",
        "over_cap": False,
        "changed_on": "2022-05-19",
        "due_on": None,
    }
    assert ASKED.purpose not in str(said)


def test_event_of_a_referral_without_a_need_says_none() -> None:
    (change,) = decide(a_referral(), None)
    assert event_of(change, an_area(), new_id()).data.model_dump()["need"] is None

"""The life of a referral, rule by rule, and whatever the order of entitlements and payments."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.ids import new_id
from libs.common.problems import Problem
from libs.common.vocabulary import ReferralState
from services.credit.needs.clocks import current_due
from services.credit.referrals.disbursement import Disbursement, disburse
from services.credit.referrals.domain import (
    PROGRAMMES,
    Act,
    Change,
    CreditPeriod,
    Referral,
    Wanted,
    decide_referrals,
    reprice,
    wanted_programme,
)
from tests.unit.credit.books import NEW_RATE, price

HOUSEHOLD = new_id()
OPEN, WITHDRAWN, DISBURSED = ReferralState.OPEN, ReferralState.WITHDRAWN, ReferralState.DISBURSED
START = date(2022, 1, 1)


def wanted(programme: str | None, since: date = START, commune: str = "01882") -> Wanted:
    return Wanted(HOUSEHOLD, 1, commune, programme, since, learned_on=since)


def decide(current: list[Referral], target: Wanted, law_day: date = date.min) -> list[Change]:
    return decide_referrals(current, target, law_day, price, current_due(), new_id)


def an_open_referral(programme: str = "01", since: date = START) -> Referral:
    (change,) = decide([], wanted(programme, since))
    return change.referral


def a_paid_referral(programme: str = "01", paid_on: date = date(2022, 3, 1)) -> Referral:
    paid = Disbursement(paid_on, 50_000_000, "HD-1")
    return disburse(an_open_referral(programme), paid, paid_on, price).referral


# --- what is wanted -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("periods", "as_of", "expected"),
    [
        pytest.param([], date(2022, 5, 1), (None, date(2022, 5, 1)), id="never entitled"),
        pytest.param([CreditPeriod("01", START, None)], date(2022, 5, 1), ("01", START), id="poor"),
        pytest.param(
            [CreditPeriod("01", START, date(2023, 1, 1))],
            date(2023, 6, 1),
            (None, date(2023, 1, 1)),
            id="ended: from the day of the end",
        ),
        pytest.param(
            [
                CreditPeriod("01", START, date(2023, 1, 1)),
                CreditPeriod("09", date(2023, 1, 1), None),
            ],
            date(2023, 1, 1),
            ("09", date(2023, 1, 1)),
            id="newly escaped from the day itself",
        ),
        pytest.param(
            [CreditPeriod("09", START, None), CreditPeriod("19", date(2022, 3, 1), None)],
            date(2022, 5, 1),
            ("19", date(2022, 3, 1)),
            id="several at once: the lower rate",
        ),
        pytest.param(
            [
                CreditPeriod("01", date(2023, 6, 1), None),
                CreditPeriod("01", START, date(2023, 1, 1)),
                CreditPeriod("01", date(2023, 1, 1), date(2023, 6, 1)),
            ],
            date(2023, 7, 1),
            ("01", START),
            id="under one rule version after the other: since the first",
        ),
        pytest.param(
            [
                CreditPeriod("01", START, date(2023, 1, 1)),
                CreditPeriod("01", date(2023, 6, 1), None),
            ],
            date(2023, 7, 1),
            ("01", date(2023, 6, 1)),
            id="entitled again after a gap",
        ),
        pytest.param(
            [CreditPeriod("01", date(2022, 6, 1), None)],
            date(2022, 5, 1),
            (None, date(2022, 5, 1)),
            id="not begun yet",
        ),
    ],
)
def test_wanted_programme(
    periods: list[CreditPeriod], as_of: date, expected: tuple[str | None, date]
) -> None:
    assert wanted_programme(periods, as_of) == expected


# --- open, move, withdraw -------------------------------------------------------------------------


def test_entitled_household_is_referred_from_the_entitlements_day() -> None:
    (change,) = decide([], wanted("01"))
    assert change.act is Act.OPENED
    assert (change.referral.state, change.referral.version) == (OPEN, 1)
    assert change.referral.opened_on == change.referral.changed_on == START
    assert change.referral.terms.on == START
    assert str(change.referral.terms.yearly_rate) == "6.6"


def test_nothing_happens_where_all_is_as_wanted() -> None:
    assert decide([an_open_referral()], wanted("01")) == []
    assert decide([], wanted(None)) == []


def test_another_class_moves_the_open_referral() -> None:
    before = an_open_referral("01")
    (change,) = decide([before], wanted("09", date(2023, 1, 1)))
    after = change.referral
    assert change.act is Act.MOVED
    assert (after.referral_id, after.version) == (before.referral_id, 2)
    assert (after.programme, after.opened_on, after.changed_on) == ("09", START, date(2023, 1, 1))
    assert str(after.terms.yearly_rate) == "8.250"


def test_corrected_day_of_the_same_entitlement_moves_the_opening() -> None:
    (change,) = decide([an_open_referral()], wanted("01", date(2022, 2, 1)))
    assert change.act is Act.MOVED
    assert change.referral.opened_on == date(2022, 2, 1)


def test_no_entitlement_left_withdraws() -> None:
    (change,) = decide([an_open_referral()], wanted(None, date(2023, 1, 1)))
    assert change.act is Act.WITHDRAWN
    assert (change.referral.state, change.referral.until) == (WITHDRAWN, date(2023, 1, 1))


def test_household_in_another_commune_takes_its_referral_along() -> None:
    (change,) = decide([an_open_referral()], wanted("01", commune="01873"))
    assert (change.act, change.referral.commune) == (Act.RELOCATED, "01873")


# --- paid out -------------------------------------------------------------------------------------


@pytest.mark.parametrize("programme", ["19", "09"])
def test_paid_referral_is_flagged_and_a_new_one_opened_beside_it(programme: str) -> None:
    paid = a_paid_referral("01")
    flagged, opened = decide([paid], wanted(programme, date(2023, 1, 1)))
    assert flagged.act is Act.FLAGGED
    assert flagged.referral == replace(
        paid, version=3, is_flagged=True, changed_on=date(2023, 1, 1)
    )
    assert (opened.act, opened.referral.programme) == (Act.OPENED, programme)


def test_paid_referral_is_not_withdrawn_when_no_entitlement_is_left() -> None:
    (change,) = decide([a_paid_referral()], wanted(None, date(2023, 1, 1)))
    assert (change.act, change.referral.state) == (Act.FLAGGED, DISBURSED)


def test_corrected_back_to_the_paid_class_unflags_and_withdraws_what_was_opened_beside() -> None:
    paid = a_paid_referral("01")
    flagged, opened = decide([paid], wanted("19", date(2023, 1, 1)))
    changes = decide([flagged.referral, opened.referral], wanted("01"))
    assert {change.act for change in changes} == {Act.UNFLAGGED, Act.WITHDRAWN}


def test_paid_programme_is_not_referred_again() -> None:
    assert decide([a_paid_referral("01")], wanted("01")) == []


# --- the bank pays out ----------------------------------------------------------------------------


def test_payment_keeps_programme_and_takes_the_terms_of_its_day() -> None:
    paid = Disbursement(NEW_RATE, 100_000_000, "HD-1")
    change = disburse(an_open_referral(), paid, NEW_RATE, price)
    assert (change.act, change.referral.state) == (Act.DISBURSED, DISBURSED)
    assert change.referral.changed_on == NEW_RATE
    assert str(change.referral.terms.yearly_rate) == "6.24"


@pytest.mark.parametrize(
    ("paid", "pointer", "rule"),
    [
        (Disbursement(START, 100_000_001, "A"), "/amount", "disbursement.over_limit"),
        (
            Disbursement(START - timedelta(days=1), 1, "A"),
            "/paid_on",
            "disbursement.paid_too_early",
        ),
        (Disbursement(date(2024, 1, 2), 1, "A"), "/paid_on", "disbursement.paid_in_future"),
    ],
)
def test_wrong_payment_is_refused_naming_field_and_rule(
    paid: Disbursement, pointer: str, rule: str
) -> None:
    with pytest.raises(Problem) as refused:
        disburse(an_open_referral(), paid, date(2024, 1, 1), price)
    assert refused.value.status == 422
    assert [(error.pointer, error.rule) for error in refused.value.errors] == [(pointer, rule)]


def test_both_faults_of_a_payment_are_named_at_once() -> None:
    with pytest.raises(Problem) as refused:
        disburse(an_open_referral(), Disbursement(date.max, 10**12, "A"), START, price)
    assert [error.pointer for error in refused.value.errors] == ["/paid_on", "/amount"]


@pytest.mark.parametrize("state", [WITHDRAWN, DISBURSED])
def test_only_an_open_referral_is_paid(state: ReferralState) -> None:
    with pytest.raises(Problem) as refused:
        disburse(
            replace(an_open_referral(), state=state), Disbursement(START, 1, "A"), START, price
        )
    assert refused.value.status == 409
    assert refused.value.errors[0].rule == f"referral.is_{state}"


# --- a new rate -----------------------------------------------------------------------------------


@pytest.mark.parametrize("late_by", [0, 1, 400])
def test_new_rate_reprices_from_its_first_day_however_late_it_is_swept(late_by: int) -> None:
    change = reprice(an_open_referral(), NEW_RATE + timedelta(days=late_by), price)
    assert change is not None
    assert (change.act, change.referral.changed_on) == (Act.REPRICED, NEW_RATE)
    assert (change.referral.terms.on, str(change.referral.terms.yearly_rate)) == (NEW_RATE, "6.24")
    assert reprice(change.referral, NEW_RATE + timedelta(days=late_by), price) is None


def test_day_before_the_new_rate_and_paid_referrals_keep_their_terms() -> None:
    assert reprice(an_open_referral(), NEW_RATE - timedelta(days=1), price) is None
    assert reprice(a_paid_referral(), NEW_RATE, price) is None


def test_referral_that_opens_late_has_the_terms_that_the_sweep_would_give() -> None:
    (late,) = decide([], wanted("01"), law_day=NEW_RATE)
    swept = reprice(an_open_referral(), NEW_RATE, price)
    assert swept is not None
    assert late.referral.terms == swept.referral.terms


# --- any order ------------------------------------------------------------------------------------

DAYS = st.integers(0, 2000).map(lambda days: START + timedelta(days=days))
ENTITLEMENTS = st.tuples(st.sampled_from([*PROGRAMMES, None]), DAYS)
STEPS = st.lists(st.one_of(ENTITLEMENTS, st.just("pay"), DAYS), max_size=30)


def _apply(referrals: dict[UUID, Referral], changes: list[Change]) -> None:
    for change in changes:
        before = referrals.get(change.referral.referral_id)
        assert change.referral.version == (before.version if before else 0) + 1
        if before is not None and before.state is DISBURSED:
            assert change.referral.state is DISBURSED
            assert change.referral.programme == before.programme
        assert before is None or before.state is not WITHDRAWN
        referrals[change.referral.referral_id] = change.referral
        assert sum(referral.state is OPEN for referral in referrals.values()) <= 1


@given(STEPS)
def test_any_interleaving_of_entitlements_payments_and_sweeps_ends_right(
    steps: list[tuple[str | None, date] | str | date],
) -> None:
    referrals: dict[UUID, Referral] = {}
    latest, law_day = wanted(None), date.min

    def standing() -> list[Referral]:
        return [entry for entry in referrals.values() if entry.state is not WITHDRAWN]

    for step in steps:
        match step:
            case "pay":
                for entry in standing():
                    if entry.state is OPEN:
                        paid = Disbursement(entry.entitled_from, 1, str(entry.referral_id))
                        _apply(referrals, [disburse(entry, paid, date.max, price)])
            case date() as day:
                law_day = max(law_day, day)
                repriced = [reprice(entry, law_day, price) for entry in standing()]
                _apply(referrals, [change for change in repriced if change])
            case str():
                raise AssertionError(step)
            case (programme, since):
                latest = wanted(programme, since)
                _apply(referrals, decide(standing(), latest, law_day))
        assert decide(standing(), latest, law_day) == []  # a repeat changes nothing

    paid_programmes = {entry.programme for entry in standing() if entry.state is DISBURSED}
    expected = set() if latest.programme in {None, *paid_programmes} else {latest.programme}
    still_open = [entry for entry in standing() if entry.state is OPEN]
    assert {entry.programme for entry in still_open} == expected
    for entry in standing():
        assert entry.is_flagged == (
            entry.state is DISBURSED and entry.programme != latest.programme
        )
    for entry in still_open:
        now = price(entry.programme, max(entry.entitled_from, law_day))
        assert now.is_like(entry.terms)
        assert entry.opened_on <= entry.entitled_from == latest.since


@given(st.lists(ENTITLEMENTS, min_size=1, max_size=10), st.data())
def test_skipped_and_repeated_entitlement_versions_end_in_the_same_referral(
    versions: list[tuple[str | None, date]], data: st.DataObject
) -> None:
    """Latest wins: whatever of the earlier versions was seen, what stands is the last one's."""
    kept = [version for version in versions[:-1] if data.draw(st.booleans())]

    def run(seen: list[tuple[str | None, date]]) -> set[tuple[object, ...]]:
        referrals: dict[UUID, Referral] = {}
        for programme, since in seen:
            current = [e for e in referrals.values() if e.state is not WITHDRAWN]
            _apply(referrals, decide(current, wanted(programme, since)))
        return {
            (e.programme, e.state, e.entitled_from, e.terms)
            for e in referrals.values()
            if e.state is not WITHDRAWN
        }

    assert run([*kept, versions[-1], versions[-1]]) == run(versions)

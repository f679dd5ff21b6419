"""The road of a loan need, step by step: what follows what, on which days, up to which limits."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from libs.common.ids import new_id
from libs.common.policy import working_days_after
from libs.common.problems import Problem
from libs.common.vocabulary import CapitalSource, NeedStage
from services.credit.needs.clocks import current_due
from services.credit.needs.domain import (
    CLASS_LOST,
    OPEN_STAGES,
    Answer,
    Application,
    Limits,
    Need,
    answer,
    answer_differences,
    apply,
    follow_class,
    follow_household,
    lose_class,
    payment_errors,
    receive,
    withdraw,
)
from services.credit.terms.domain import terms_book
from tests.unit.credit.needs import (
    ANSWERED_ON,
    APPLIED_ON,
    ASKED,
    CONFIRMED_ON,
    LIMITS,
    LIST_ID,
    NO,
    OPENED_ON,
    RECEIVED_ON,
    TODAY,
    YES,
    a_need,
)

DAY = timedelta(days=1)
DUE = date(2022, 5, 20)
Act = Callable[[Need], Any]


def rules(refused: pytest.ExceptionInfo[Problem]) -> list[tuple[str, str]]:
    return [(error.pointer, error.rule) for error in refused.value.errors]


# --- which step may follow which ------------------------------------------------------------------

ACTS: dict[str, tuple[Act, set[NeedStage]]] = {
    "receive": (lambda need: receive(need, TODAY, DUE, TODAY), {NeedStage.SENT}),
    "approve": (
        lambda need: answer(need, replace(YES, answered_on=TODAY), LIMITS, TODAY),
        {NeedStage.RECEIVED},
    ),
    "refuse": (
        lambda need: answer(need, replace(NO, answered_on=TODAY), LIMITS, TODAY),
        {NeedStage.RECEIVED},
    ),
    "pay": (lambda need: payment_errors(need, TODAY, 1, None, None), {NeedStage.APPROVED}),
    "withdraw": (lambda need: withdraw(need, TODAY, "Không vay nữa", TODAY), set(OPEN_STAGES)),
}


@pytest.mark.parametrize("stage", NeedStage)
@pytest.mark.parametrize("name", ACTS)
def test_each_act_fits_its_stages_and_no_other(name: str, stage: NeedStage) -> None:
    act, stages = ACTS[name]
    if stage in stages:
        act(a_need(stage))
        return
    with pytest.raises(Problem) as refused:
        act(a_need(stage))
    assert (refused.value.status, refused.value.code) == (409, "need.wrong_stage")
    assert rules(refused) == [("/stage", f"need.is_{stage}")]


def test_received_need_waits_for_the_banks_answer() -> None:
    received = receive(a_need(NeedStage.SENT), RECEIVED_ON, DUE, TODAY)
    assert (received.stage, received.received_on) == (NeedStage.RECEIVED, RECEIVED_ON)
    assert (received.changed_on, received.due_on) == (RECEIVED_ON, DUE)


def test_approved_as_asked_where_the_bank_names_nothing_else() -> None:
    approved = answer(a_need(NeedStage.RECEIVED), YES, LIMITS, TODAY)
    assert (approved.stage, approved.due_on) == (NeedStage.APPROVED, None)
    assert (approved.amount, approved.months) == (ASKED.amount, ASKED.months)


def test_approved_for_less_counts_from_then_on() -> None:
    less = replace(YES, amount=30_000_000, months=36)
    approved = answer(a_need(NeedStage.RECEIVED), less, LIMITS, TODAY)
    assert (approved.amount, approved.months) == (30_000_000, 36)
    assert approved.application == ASKED


def test_refused_need_is_over_and_tells_why() -> None:
    refused = answer(a_need(NeedStage.RECEIVED), NO, LIMITS, TODAY)
    assert (refused.stage, refused.reason, refused.is_open) == (NeedStage.REFUSED, NO.reason, False)


# --- days and limits ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"amount": 100_000_000}, [], id="up to the limit"),
        pytest.param({"amount": 100_000_001}, [("/amount", "need.over_limit")], id="over it"),
        pytest.param({"months": 120}, [], id="up to the longest term"),
        pytest.param({"months": 121}, [("/months", "need.too_long")], id="longer"),
        pytest.param({"applied_on": OPENED_ON}, [], id="on the first day"),
        pytest.param(
            {"applied_on": OPENED_ON - DAY}, [("/applied_on", "day.too_early")], id="before it"
        ),
        pytest.param({"applied_on": TODAY}, [], id="today"),
        pytest.param(
            {"applied_on": TODAY + DAY}, [("/applied_on", "day.in_future")], id="tomorrow"
        ),
        pytest.param(
            {"amount": 10**12, "months": 600, "applied_on": date.max},
            [
                ("/applied_on", "day.in_future"),
                ("/amount", "need.over_limit"),
                ("/months", "need.too_long"),
            ],
            id="all faults at once",
        ),
    ],
)
def test_application(changed: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    application = replace(ASKED, **changed)
    if not expected:
        need = apply(new_id(), application, LIMITS, OPENED_ON, TODAY)
        assert (need.stage, need.changed_on) == (NeedStage.APPLIED, application.applied_on)
        return
    with pytest.raises(Problem) as refused:
        apply(new_id(), application, LIMITS, OPENED_ON, TODAY)
    assert refused.value.status == 422
    assert rules(refused) == expected


@pytest.mark.parametrize(
    ("max_amount", "owed", "amount", "is_over"),
    [
        (100_000_000, 60_000_000, 40_000_000, False),
        (100_000_000, 60_000_001, 40_000_000, True),
        (100_000_000, 200_000_000, 1, True),
        (None, 200_000_000, 10**12, False),
    ],
)
def test_what_is_still_owed_counts_against_the_limit(
    max_amount: int | None, owed: int, amount: int, is_over: bool
) -> None:
    limits = Limits(max_amount, 120, "NĐ", owed)
    application = Application("", amount, 1, ASKED.source, None, APPLIED_ON)
    if not is_over:
        apply(new_id(), application, limits, OPENED_ON, TODAY)
        return
    with pytest.raises(Problem) as refused:
        apply(new_id(), application, limits, OPENED_ON, TODAY)
    assert rules(refused) == [("/amount", "need.over_limit")]


WRONG_STEPS: list[tuple[str, Act, list[tuple[str, str]]]] = [
    (
        "received before it was sent",
        lambda _: receive(a_need(NeedStage.SENT), CONFIRMED_ON - DAY, DUE, TODAY),
        [("/received_on", "day.too_early")],
    ),
    (
        "received tomorrow",
        lambda _: receive(a_need(NeedStage.SENT), TODAY + DAY, DUE, TODAY),
        [("/received_on", "day.in_future")],
    ),
    (
        "answered before it was received",
        lambda need: answer(need, replace(YES, answered_on=RECEIVED_ON - DAY), LIMITS, TODAY),
        [("/answered_on", "day.too_early")],
    ),
    (
        "approved for more than was asked for",
        lambda need: answer(need, replace(YES, amount=40_000_001), LIMITS, TODAY),
        [("/amount", "need.over_asked")],
    ),
    (
        "approved over the limit of the day",
        lambda need: answer(need, YES, replace(LIMITS, max_amount=39_999_999), TODAY),
        [("/amount", "need.over_limit")],
    ),
    (
        "approved for too long",
        lambda need: answer(need, replace(YES, months=121), LIMITS, TODAY),
        [("/months", "need.too_long")],
    ),
    (
        "refused without a reason, tomorrow",
        lambda need: answer(need, replace(NO, reason=None, answered_on=date.max), LIMITS, TODAY),
        [("/answered_on", "day.in_future"), ("/reason", "reason.required")],
    ),
    (
        "withdrawn before its stage began",
        lambda need: withdraw(need, RECEIVED_ON - DAY, "x", TODAY),
        [("/on", "day.too_early")],
    ),
]


@pytest.mark.parametrize(
    ("act", "expected"), [case[1:] for case in WRONG_STEPS], ids=[case[0] for case in WRONG_STEPS]
)
def test_wrong_step_is_refused_naming_every_fault(
    act: Act, expected: list[tuple[str, str]]
) -> None:
    with pytest.raises(Problem) as refused:
        act(a_need(NeedStage.RECEIVED))
    assert refused.value.status == 422
    assert rules(refused) == expected


@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        ((ANSWERED_ON, 40_000_000, None, None), []),
        ((ANSWERED_ON, 1, 12, CapitalSource.CENTRAL), []),
        ((ANSWERED_ON, 40_000_001, None, None), [("/amount", "disbursement.over_approved")]),
        ((ANSWERED_ON - DAY, 1, 60, None), [("/paid_on", "disbursement.before_approval")]),
        ((ANSWERED_ON, 1, 61, None), [("/months", "disbursement.longer_than_approved")]),
        ((ANSWERED_ON, 1, None, CapitalSource.LOCAL), [("/source", "disbursement.other_source")]),
    ],
)
def test_what_stands_against_a_payment(
    paid: tuple[date, int, int | None, CapitalSource | None], expected: list[tuple[str, str]]
) -> None:
    errors = payment_errors(a_need(NeedStage.APPROVED), *paid)
    assert [(error.pointer, error.rule) for error in errors] == expected


@pytest.mark.parametrize(
    ("stage", "given", "differences"),
    [
        (NeedStage.APPROVED, YES, []),
        (NeedStage.APPROVED, replace(YES, amount=40_000_000, months=60), []),
        (NeedStage.APPROVED, replace(YES, amount=1, months=1), ["amount", "months"]),
        (NeedStage.APPROVED, replace(YES, answered_on=TODAY), ["answered_on"]),
        (NeedStage.APPROVED, NO, ["approved", "amount", "months", "reason"]),
        (NeedStage.DISBURSED, YES, []),
        (NeedStage.REFUSED, NO, []),
        (NeedStage.REFUSED, replace(NO, amount=1), []),  # says nothing where it is refused
        (NeedStage.REFUSED, replace(NO, reason="khác"), ["reason"]),
        (NeedStage.REFUSED, YES, ["approved", "amount", "months", "reason"]),
        (NeedStage.RECEIVED, YES, None),
        (NeedStage.SENT, NO, None),
    ],
)
def test_the_same_answer_is_known_again(
    stage: NeedStage, given: Answer, differences: list[str] | None
) -> None:
    assert answer_differences(a_need(stage), given) == differences


# --- the class changes ----------------------------------------------------------------------------

CHANGED_ON, NEW_DUE = date(2022, 5, 30), date(2022, 6, 2)


@pytest.mark.parametrize("stage", NeedStage)
def test_lost_class_withdraws_what_is_open_and_leaves_what_is_over(stage: NeedStage) -> None:
    need = a_need(stage)
    after = lose_class(need, CHANGED_ON)
    if stage not in OPEN_STAGES:
        assert after == need
        return
    assert (after.stage, after.reason) == (NeedStage.WITHDRAWN, CLASS_LOST)
    assert (after.changed_on, after.due_on) == (CHANGED_ON, None)


@pytest.mark.parametrize("stage", NeedStage)
def test_another_programme_sends_what_the_commune_confirmed_back_to_it(stage: NeedStage) -> None:
    need = a_need(stage)
    after = follow_class(need, CHANGED_ON, NEW_DUE)
    if stage not in (NeedStage.SENT, NeedStage.RECEIVED, NeedStage.APPROVED):
        assert after == need
        return
    assert (after.stage, after.changed_on, after.due_on) == (
        NeedStage.LISTED,
        CHANGED_ON,
        NEW_DUE,
    )
    assert (after.received_on, after.answered_on, after.approved_amount) == (None, None, None)
    assert (after.list_id, after.confirmed_on) == (LIST_ID, CONFIRMED_ON)
    assert after.amount == ASKED.amount


@pytest.mark.parametrize("stage", NeedStage)
def test_another_commune_takes_the_vote_anew_where_it_had_not_confirmed(stage: NeedStage) -> None:
    need = a_need(stage)
    after = follow_household(need)
    if stage is not NeedStage.LISTED:
        assert after == need
        return
    assert (after.stage, after.list_id, after.due_on) == (NeedStage.APPLIED, None, None)


@pytest.mark.parametrize("change", [lose_class, lambda need, on: follow_class(need, on, None)])
def test_class_change_of_an_earlier_day_does_not_turn_days_back(
    change: Callable[[Need, date], Need],
) -> None:
    assert change(a_need(NeedStage.SENT), OPENED_ON).changed_on == CONFIRMED_ON


# --- by when --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2022, 5, 9), 2, date(2022, 5, 11)),  # Monday: Wednesday
        (date(2022, 5, 12), 2, date(2022, 5, 16)),  # Thursday: over the weekend
        (date(2022, 5, 13), 5, date(2022, 5, 20)),  # Friday: the next Friday
        (date(2022, 5, 14), 1, date(2022, 5, 16)),  # Saturday: Monday
        (date(2022, 5, 15), 5, date(2022, 5, 20)),  # Sunday: Friday
        (date(2022, 5, 15), 0, date(2022, 5, 15)),
    ],
)
def test_working_days_leave_out_weekends(day: date, count: int, expected: date) -> None:
    assert working_days_after(day, count) == expected


@pytest.mark.parametrize(
    ("stage", "programme", "day", "expected"),
    [
        (NeedStage.LISTED, "01", date(2022, 5, 9), date(2022, 5, 11)),
        (NeedStage.RECEIVED, "01", date(2022, 5, 9), date(2022, 5, 16)),
        (NeedStage.RECEIVED, "04", date(2026, 5, 11), date(2026, 5, 20)),  # work abroad: 7 days
        (NeedStage.RECEIVED, "04", date(2025, 5, 12), date(2025, 5, 19)),  # before its rule
        (NeedStage.SENT, "01", date(2022, 5, 9), None),
        (NeedStage.RECEIVED, "01", date(2010, 5, 10), None),  # no time is known for that day
    ],
)
def test_deadlines(stage: NeedStage, programme: str, day: date, expected: date | None) -> None:
    assert current_due()(stage, programme, day) == expected


def test_times_are_marked_as_unconfirmed_data() -> None:
    clocks = [table for table in terms_book().tables if table.id.startswith("clocks")]
    assert [table.source.is_confirmed for table in clocks] == [False, False]

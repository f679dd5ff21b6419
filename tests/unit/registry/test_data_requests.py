"""Requests about personal data: who may ask, which step follows which, by when each is due."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.ids import new_id
from libs.common.problems import Problem
from services.registry.rights.domain import (
    AskedBy,
    Request,
    RequestKind,
    RequestState,
    Step,
    Taken,
    check_request,
    check_step,
    clocks_of,
    rights_book,
    state_of,
)

FRIDAY = date(2026, 3, 6)
LATER = FRIDAY + timedelta(days=40)
ADULT = date(1980, 5, 1)


def a_request(kind: RequestKind = RequestKind.OBJECTION, **facts: object) -> Request:
    asked = Request(
        new_id(), new_id(), new_id(), kind, AskedBy.SELF, FRIDAY, None, "12/2026", with_others=False
    )
    return replace(asked, **facts)  # type: ignore[arg-type]


def taken(*steps: Step) -> list[Taken]:
    return [Taken(step, FRIDAY) for step in (Step.RECEIVE, *steps)]


@pytest.mark.parametrize(
    ("steps", "with_others", "acknowledge_by", "answer_by"),
    [
        # Two working days: over the weekend. Fifteen days: of the calendar.
        ((), False, date(2026, 3, 10), date(2026, 3, 21)),
        ((Step.ACKNOWLEDGE,), False, None, date(2026, 3, 21)),
        ((Step.ACKNOWLEDGE,), True, None, date(2026, 3, 26)),
        ((Step.ACKNOWLEDGE, Step.EXTEND), False, None, date(2026, 4, 5)),
        ((Step.GRANT,), False, None, None),
        ((Step.WITHDRAW,), False, None, None),
    ],
)
def test_each_step_has_its_day(
    steps: tuple[Step, ...],
    with_others: bool,
    acknowledge_by: date | None,
    answer_by: date | None,
) -> None:
    clocks = clocks_of(a_request(with_others=with_others), taken(*steps), rights_book())
    assert (clocks.acknowledge_by, clocks.answer_by) == (acknowledge_by, answer_by)
    assert clocks.is_overdue(date(2026, 4, 6)) is (answer_by is not None)


def test_a_request_older_than_the_law_has_the_laws_first_times() -> None:
    old = a_request(received_on=date(2024, 3, 1))
    assert clocks_of(old, taken(Step.ACKNOWLEDGE), rights_book()).answer_by == date(2024, 3, 16)


@pytest.mark.parametrize(
    ("request_", "born_on", "pointer"),
    [
        (a_request(received_on=LATER), ADULT, "/received_on"),
        (a_request(RequestKind.ACCESS, purpose="credit"), ADULT, "/purpose"),
        (a_request(), date(2012, 3, 7), "/asked_by"),  # sixteen in two years
    ],
)
def test_what_cannot_be_asked(request_: Request, born_on: date, pointer: str) -> None:
    with pytest.raises(Problem) as refused:
        check_request(request_, born_on, born_on.year, FRIDAY)
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_a_child_asks_through_its_representative() -> None:
    asked = a_request(asked_by=AskedBy.REPRESENTATIVE)
    check_request(asked, date(2020, 1, 1), 2020, FRIDAY)


@pytest.mark.parametrize(
    ("before", "step"),
    [
        ((), Step.EXTEND),
        ((Step.ACKNOWLEDGE, Step.EXTEND), Step.EXTEND),
        ((Step.GRANT,), Step.REFUSE),
        ((Step.REFUSE,), Step.LIFT),
    ],
)
def test_a_step_out_of_order_is_refused(before: tuple[Step, ...], step: Step) -> None:
    with pytest.raises(Problem) as refused:
        check_step(a_request(), taken(*before), Taken(step, FRIDAY, "x"), LATER)
    assert refused.value.status == 409


def test_only_a_limit_can_be_lifted() -> None:
    granted = taken(Step.GRANT)
    lift = Taken(Step.LIFT, FRIDAY, "x")
    check_step(a_request(RequestKind.RESTRICTION), granted, lift, LATER)
    with pytest.raises(Problem):
        check_step(a_request(RequestKind.ACCESS), granted, lift, LATER)


@given(st.lists(st.sampled_from([step for step in Step if step is not Step.RECEIVE]), max_size=6))
def test_whatever_is_tried_a_request_is_answered_once(tried: list[Step]) -> None:
    asked, steps = a_request(), taken()
    for step in tried:
        try:
            check_step(asked, steps, Taken(step, FRIDAY), LATER)
        except Problem:
            continue
        steps.append(Taken(step, FRIDAY))
    answers = [one.step for one in steps if one.step in (Step.GRANT, Step.REFUSE, Step.WITHDRAW)]
    assert len(answers) <= 1
    is_open = state_of(steps) in (RequestState.RECEIVED, RequestState.ACKNOWLEDGED)
    assert is_open is not bool(answers)

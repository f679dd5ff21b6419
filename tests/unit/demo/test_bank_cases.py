"""What a new view of a referral does to the bank's open case."""

from dataclasses import replace

import pytest

from ansinh.demo.bank.cases import Case, Step, View, follow
from tests.unit.demo.bank import a_need_id, a_view, said

CASE = Case("c", a_need_id(), told_version=5)
OTHER = a_need_id(number=1)


@pytest.mark.parametrize(
    ("view", "case", "step"),
    [
        (a_view(4, "sent"), None, Step.OPEN),
        (a_view(3, "listed"), None, Step.KEEP),
        (a_view(5, "received"), None, Step.KEEP),
        (a_view(4, "sent", state="withdrawn"), None, Step.KEEP),
        (a_view(5, "received"), CASE, Step.KEEP),
        (a_view(6, "approved"), CASE, Step.KEEP),
        (a_view(7, "disbursed", state="disbursed"), CASE, Step.KEEP),
        (a_view(7, "listed"), CASE, Step.VOID),  # another class: to be confirmed again
        (a_view(7, "withdrawn", state="withdrawn"), CASE, Step.VOID),
        (a_view(8, "sent"), CASE, Step.REOPEN),  # confirmed again, in a view that skipped `listed`
        (a_view(4, "sent"), replace(CASE, told_version=0), Step.KEEP),
        (a_view(9, "sent", need_id=OTHER), CASE, Step.REOPEN),
        (a_view(9, "listed", need_id=OTHER), CASE, Step.VOID),
        (a_view(7, "listed"), replace(CASE, is_paid=True), Step.KEEP),  # money that left stays paid
    ],
)
def test_case_follows_what_an_sinh_shows(view: View, case: Case | None, step: Step) -> None:
    assert follow(view, case) is step


def test_a_referral_that_is_shown_no_more_takes_its_case_along() -> None:
    event = said(a_view(9))
    del event["data"]
    view = View.of_event(event)
    assert (view.version, view.need) == (9, None)
    assert follow(view, CASE) is Step.VOID

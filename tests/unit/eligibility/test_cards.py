"""The insurer's answers: what is taken, and that neither order nor repetition matters."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.ids import new_id
from libs.common.vocabulary import CardReason, CardState, Result
from services.eligibility.cards.domain import Answer, Basis, Line, Verdict, judge, newest

TODAY, FROM, END = date(2022, 6, 1), date(2022, 1, 1), date(2022, 5, 1)
LINE = Line(new_id(), new_id(), "HN", FROM)
ON_ROLL = Basis(was_said=True, was_on_roll=True)
CARD = Answer(
    LINE, None, 1, 3, CardState.ISSUED, TODAY, reference=new_id(), benefit_level=2, valid_from=FROM
)
NO_CARD = Answer(LINE, None, 1, 3, CardState.REJECTED, TODAY, reason=CardReason.OTHER_GROUP)


def judged(answer: Answer, basis: Basis = ON_ROLL, before: Answer | None = None) -> Verdict:
    kept = {} if before is None else {LINE: {before.number: before}}
    (verdict,) = judge([answer], [basis], kept, TODAY)
    return verdict


@pytest.mark.parametrize("answer", [CARD, NO_CARD, replace(NO_CARD, state=CardState.WITHDRAWN)])
def test_a_whole_answer_is_recorded_and_the_same_again_changes_nothing(answer: Answer) -> None:
    assert judged(answer).result is Result.RECORDED
    assert judged(answer, before=answer).result is Result.UNCHANGED


def test_a_number_means_one_answer_for_ever() -> None:
    other = replace(CARD, benefit_level=1)
    assert judged(other, before=CARD).problem.code == "card.number_taken"  # type: ignore[union-attr]
    assert judged(replace(other, number=2), before=CARD).result is Result.RECORDED


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (replace(CARD, reference=None), "card.incomplete"),
        (replace(CARD, valid_from=None), "card.incomplete"),
        (replace(CARD, valid_from=date(2021, 12, 31)), "card.beyond_line"),
        (replace(CARD, until=END), "card.beyond_line"),
        (replace(CARD, until=END, valid_until=date(2022, 5, 2)), "card.beyond_line"),
        (replace(CARD, valid_until=FROM), "card.beyond_line"),
        (replace(CARD, reason=CardReason.OTHER), "card.reason"),
        (replace(NO_CARD, reason=None), "card.reason"),
        (replace(NO_CARD, benefit_level=2), "card.none_issued"),
        (replace(NO_CARD, answered_on=date(2022, 6, 2)), "card.future"),
    ],
)
def test_what_is_refused_names_the_rule_and_how_to_mend_it(answer: Answer, rule: str) -> None:
    problem = judged(answer).problem
    assert problem is not None
    assert [error.rule for error in problem.errors] == [rule]
    assert all(error.fix.vi and error.fix.en for error in problem.errors)


def test_only_what_the_roll_said_can_be_answered() -> None:
    """Another area's household looks like one that was never said."""
    codes = [judged(CARD, basis).problem.code for basis in (Basis(), Basis(was_said=True))]  # type: ignore[union-attr]
    assert codes == ["card.roll_unknown", "card.not_on_roll"]


NUMBERS = st.lists(st.integers(1, 6), min_size=1, max_size=8)


@given(NUMBERS, st.randoms(use_true_random=False), st.integers(1, 4))
def test_answers_in_any_order_repeated_and_cut_into_any_pages_end_the_same(
    numbers: list[int], random: Random, page: int
) -> None:
    answers = [replace(CARD if one % 2 else NO_CARD, number=one) for one in numbers]
    arrived = [*answers, *answers]
    random.shuffle(arrived)
    kept: dict[Line, dict[int, Answer]] = {}
    recorded = 0
    for start in range(0, len(arrived), page):
        part = arrived[start : start + page]
        for verdict in judge(part, [ON_ROLL] * len(part), kept, TODAY):
            recorded += verdict.result is Result.RECORDED
            assert verdict.result is not Result.REFUSED
            kept.setdefault(LINE, {})[verdict.answer.number] = verdict.answer
    assert kept[LINE] == {answer.number: answer for answer in answers}
    assert recorded == len(kept[LINE])
    assert newest(kept[LINE]) == replace(CARD if max(numbers) % 2 else NO_CARD, number=max(numbers))

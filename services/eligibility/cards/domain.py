"""What the insurer says of the lines of the roll, in whatever order it arrives.

A line is a person in a group from a day on. The insurer counts its answers to a line: the highest
number counts, whatever came before or after it, and one number means one answer for ever. So the
state is a function of the set of answers. Pure: no I/O, no clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from libs.common.problems import Problem
from libs.common.vocabulary import CardReason, CardState, Result
from services.eligibility.cards import refusals


class Line(NamedTuple):
    """Of the roll: who, in which group, from when on."""

    household_id: UUID
    person_id: UUID
    group: str
    from_day: date


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one line.

    Attributes:
        until: where the line ended on the roll that was answered (exclusive); None: open.
        number: the insurer's count of its answers to the line, from 1; gaps are allowed.
        roll_version: of the household's roll that was answered.
        reason: why there is no card, or no longer one.
        reference: the insurer's own name for the card; never its number.
        benefit_level: the digit of the benefit level on the card, 1 to 5.
        valid_from, valid_until: of the card, `[from, until)`.
    """

    line: Line
    until: date | None
    number: int
    roll_version: int
    state: CardState
    answered_on: date
    reason: CardReason | None = None
    reference: UUID | None = None
    benefit_level: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What the roll knows of an answer.

    Attributes:
        was_said: that version of the household's roll was said, where the caller may see it.
        was_on_roll: the line stood, or stands, on it with that end.
    """

    was_said: bool = False
    was_on_roll: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an answer; `problem` says why it was refused."""

    answer: Answer
    result: Result
    problem: Problem | None = None


Kept = Mapping[Line, Mapping[int, Answer]]


def judge(
    answers: Sequence[Answer], bases: Sequence[Basis], kept: Kept, today: date
) -> list[Verdict]:
    """Each answer by itself, in their order.

    Args:
        answers: a page.
        bases: one per answer.
        kept: all earlier answers to these lines, by number.
        today: no answer is of a later day.
    """
    known = {line: dict(numbers) for line, numbers in kept.items()}
    verdicts = []
    for answer, basis in zip(answers, bases, strict=True):
        before = known.get(answer.line, {}).get(answer.number)
        if before == answer:
            verdicts.append(Verdict(answer, Result.UNCHANGED))
            continue
        problem = _problem(answer, basis, before, today)
        if problem is None:
            known.setdefault(answer.line, {})[answer.number] = answer
        result = Result.RECORDED if problem is None else Result.REFUSED
        verdicts.append(Verdict(answer, result, problem))
    return verdicts


def newest(numbers: Mapping[int, Answer]) -> Answer | None:
    """The answer that counts, of all to one line."""
    return numbers[max(numbers)] if numbers else None


def _problem(answer: Answer, basis: Basis, before: Answer | None, today: date) -> Problem | None:
    if not basis.was_said:
        return refusals.unknown_roll()
    if not basis.was_on_roll:
        return refusals.not_on_roll()
    if before is not None:
        return refusals.number_taken()
    errors = [*_about_card(answer), *_about_reason(answer)]
    if answer.answered_on > today:
        errors.append(refusals.future_day())
    return refusals.refused(errors) if errors else None


def _about_card(answer: Answer) -> list[refusals.FieldError]:
    card = (answer.reference, answer.benefit_level, answer.valid_from, answer.valid_until)
    if answer.state is not CardState.ISSUED:
        return [] if card == (None,) * 4 else [refusals.no_card()]
    if answer.reference is None or answer.valid_from is None:
        return [refusals.incomplete_card()]
    begins_early = answer.valid_from < answer.line.from_day
    ends_late = answer.until is not None and (
        answer.valid_until is None or answer.valid_until > answer.until
    )
    is_empty = answer.valid_until is not None and answer.valid_until <= answer.valid_from
    return [refusals.card_beyond_line()] if begins_early or ends_late or is_empty else []


def _about_reason(answer: Answer) -> list[refusals.FieldError]:
    is_needed = answer.state is not CardState.ISSUED
    return [] if is_needed == (answer.reason is not None) else [refusals.reason(is_needed)]

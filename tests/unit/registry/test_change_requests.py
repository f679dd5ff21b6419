"""Who may decide what on a change request, and how many it takes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from libs.common.problems import Problem
from services.registry.changes import domain
from services.registry.changes.domain import Kind, Person, Request, State, persons_for, spoken
from services.registry.changes.facts import Fact, FactChange
from services.registry.changes.following import (
    Concerned,
    Move,
    Parties,
    followed,
    is_asked_anew,
)

HOME, AWAY = "01882", "01864"
DAY = date(2022, 6, 1)
ONE = Request(HOME, None, 1, State.ASKED, "asker")
TWO = replace(ONE, persons=2)
MOVE = replace(TWO, to_commune=AWAY)
ENDORSED = replace(TWO, state=State.ENDORSED, endorsed_by="second")
CONFIRMED = replace(MOVE, state=State.ENDORSED, endorsed_by="away")

ASKER = Person("asker", is_chairman=False, acts_for=frozenset({HOME}))
SECOND = replace(ASKER, subject="second")
THIRD = replace(ASKER, subject="third")
CHAIRMAN = Person("chairman", is_chairman=True, acts_for=frozenset({HOME}))
FIRST_WAS_CHAIRMAN = replace(ENDORSED, endorsed_by="chairman")
THERE = Person("away", is_chairman=True, acts_for=frozenset({AWAY}))

Step = Callable[[Request, Person], Request]
NEXT: dict[Step, State] = {
    domain.endorse: State.ENDORSED,
    domain.approve: State.APPLIED,
    domain.refuse: State.REFUSED,
    domain.withdraw: State.WITHDRAWN,
}


@pytest.mark.parametrize(
    ("step", "request_", "person", "answer"),
    [
        (domain.approve, ONE, SECOND, None),
        (domain.approve, ONE, CHAIRMAN, None),
        (domain.approve, ONE, ASKER, "duties.same_person"),
        (domain.approve, ONE, THERE, "change.other_commune"),
        (domain.endorse, ONE, SECOND, "change.not_to_be_endorsed"),
        (domain.endorse, TWO, SECOND, None),
        (domain.endorse, TWO, CHAIRMAN, None),
        (domain.endorse, TWO, ASKER, "duties.same_person"),
        (domain.endorse, ENDORSED, THIRD, "change.not_to_be_endorsed"),
        (domain.endorse, MOVE, SECOND, "change.other_commune"),
        (domain.endorse, MOVE, THERE, None),
        (domain.approve, TWO, CHAIRMAN, "change.not_endorsed"),
        (domain.approve, ENDORSED, CHAIRMAN, None),
        (domain.approve, ENDORSED, THIRD, "change.chairman"),
        (domain.approve, ENDORSED, ASKER, "duties.same_person"),
        (domain.approve, FIRST_WAS_CHAIRMAN, CHAIRMAN, "duties.same_person"),
        (domain.approve, CONFIRMED, THERE, "change.other_commune"),
        (domain.approve, CONFIRMED, CHAIRMAN, None),
        (domain.refuse, ONE, SECOND, None),
        (domain.refuse, MOVE, THERE, None),
        (domain.refuse, ONE, ASKER, "duties.same_person"),
        (domain.refuse, ENDORSED, THIRD, "change.chairman"),
        (domain.refuse, ENDORSED, CHAIRMAN, None),
        (domain.withdraw, ENDORSED, ASKER, None),
        (domain.withdraw, ONE, CHAIRMAN, "change.not_own"),
    ],
)
def test_who_may_do_what(step: Step, request_: Request, person: Person, answer: str | None) -> None:
    if answer is None:
        assert step(request_, person).state is NEXT[step]
        return
    with pytest.raises(Problem) as refusal:
        step(request_, person)
    assert refusal.value.code == answer


@pytest.mark.parametrize("step", list(NEXT))
@pytest.mark.parametrize("state", [State.APPLIED, State.REFUSED, State.WITHDRAWN])
def test_what_is_decided_stays_decided(step: Step, state: State) -> None:
    with pytest.raises(Problem) as refusal:
        step(replace(TWO, state=state), CHAIRMAN)
    assert (refusal.value.status, refusal.value.code) == (409, "change.closed")


class Life(RuleBasedStateMachine):
    """Anybody may try anything at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.request = TWO
        self.deciders: list[Person] = []

    @rule(
        persons=st.sampled_from([1, 2]),
        to_commune=st.sampled_from([None, AWAY]),
    )
    def ask(self, persons: int, to_commune: str | None) -> None:
        if not self.deciders and self.request.state is State.ASKED:
            self.request = replace(ONE, persons=2 if to_commune else persons, to_commune=to_commune)

    @rule(
        step=st.sampled_from(list(NEXT)),
        person=st.builds(
            Person,
            subject=st.sampled_from(["asker", "a", "b", "c"]),
            is_chairman=st.booleans(),
            acts_for=st.frozensets(st.sampled_from([HOME, AWAY]), min_size=1),
        ),
    )
    def act(self, step: Step, person: Person) -> None:
        before = self.request
        try:
            self.request = step(before, person)
        except Problem:
            assert self.request is before
            return
        assert before.is_open
        self.deciders.append(person)

    @invariant()
    def as_many_persons_as_it_takes(self) -> None:
        if self.request.state is not State.APPLIED:
            return
        subjects = {person.subject for person in self.deciders}
        assert len(subjects) == len(self.deciders) == self.request.persons
        assert "asker" not in subjects
        assert HOME in self.deciders[-1].acts_for
        if self.request.persons == 2:
            assert self.deciders[-1].is_chairman
        if self.request.to_commune is not None:
            assert AWAY in self.deciders[0].acts_for


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
TestLife = Life.TestCase


@pytest.mark.parametrize(
    ("kind", "fact", "was_known", "between", "row"),
    [
        (Kind.BIRTH, Fact.BIRTH, False, False, "plain"),
        (Kind.CORRECTION, Fact.SCHOOLING, True, False, "plain"),
        (Kind.CORRECTION, Fact.BIRTH, True, False, "corrected_identity"),
        (Kind.CORRECTION, Fact.FARM, True, False, "farm"),
        (Kind.IDENTITY, Fact.NAME, False, False, "identity"),
        (Kind.SPLIT, Fact.EXISTENCE, False, False, "class"),
        (Kind.MARRIAGE, Fact.MEMBERSHIP, True, True, "other_commune"),
        (Kind.REVERSAL, Fact.SCHOOLING, True, False, "reversal"),
    ],
)
def test_how_many_it_takes(
    kind: Kind, fact: Fact, was_known: bool, between: bool, row: str
) -> None:
    change = FactChange(UUID(int=1), None, fact, {"was": 1} if was_known else None, {"is": 2})
    persons = persons_for(kind, [change], DAY, between_communes=between)
    assert (persons.row, persons.count) == (row, 1 if row == "plain" else 2)
    assert not persons.is_confirmed


def test_a_number_can_be_said() -> None:
    assert spoken(HOME, 2026, 123) == "01882-2026-000123"


def test_the_law_speaks_of_the_same_kinds_and_facts() -> None:
    facts = domain.changes_book().vocabulary.facts
    assert set(facts["change"].values) == {str(kind) for kind in Kind}
    assert set(facts["touched"].values) == {str(fact) for fact in Fact}


FIRST, OTHER = UUID(int=1), UUID(int=2)
BOTH = frozenset((FIRST, OTHER))


@pytest.mark.parametrize(
    ("parties", "is_open", "households", "moves", "then"),
    [
        (Parties("A", None), True, {FIRST}, {FIRST: ("A", "B")}, ("B", None)),
        (Parties("A", None), False, {FIRST}, {FIRST: ("A", "B")}, ("B", None)),
        # One stays behind: both communes have to agree from then on.
        (Parties("A", None), True, BOTH, {FIRST: ("A", "B")}, ("B", "A")),
        (Parties("A", None), True, BOTH, {OTHER: ("A", "B")}, ("A", "B")),
        # A reorganisation moves them one after the other, or together.
        (Parties("X", "A"), True, BOTH, {OTHER: ("A", "X")}, ("X", None)),
        (Parties("A", "B"), True, BOTH, {FIRST: ("A", "X"), OTHER: ("B", "X")}, ("X", None)),
        (Parties("A", "B"), True, BOTH, {FIRST: ("A", "C")}, ("C", "B")),
        (Parties("A", "B"), True, BOTH, {OTHER: ("B", "C")}, ("A", "C")),
        # A move to where it lives by now is no longer between two; one that is done stays both's.
        (Parties("A", "B"), True, {FIRST}, {FIRST: ("A", "B")}, ("B", None)),
        (Parties("A", "B"), False, {FIRST}, {FIRST: ("A", "B")}, ("A", "B")),
    ],
)
def test_a_request_belongs_to_where_its_households_live(
    parties: Parties,
    is_open: bool,
    households: set[UUID],
    moves: dict[UUID, tuple[str, str]],
    then: tuple[str, str | None],
) -> None:
    request = Concerned(parties, is_open, FIRST, frozenset(households))
    assert followed(request, {one: Move(*move) for one, move in moves.items()}) == then


def test_a_reversal_follows_the_household_that_lived_where_it_was_asked() -> None:
    request = Concerned(Parties("B", "A"), True, None, BOTH)
    assert followed(request, {OTHER: Move("B", "C")}) == ("C", "A")


@pytest.mark.parametrize(
    ("before", "now", "is_anew"),
    [
        (Parties("A", None), Parties("A", "B"), True),
        (Parties("A", "B"), Parties("A", "D"), True),
        (Parties("A", "B"), Parties("C", "B"), False),
        # The one that has agreed is the other one by now, or no other one is left.
        (Parties("A", None), Parties("B", "A"), False),
        (Parties("A", "B"), Parties("B", None), False),
    ],
)
def test_an_endorsement_counts_for_the_commune_that_gave_it(
    before: Parties, now: Parties, is_anew: bool
) -> None:
    assert is_asked_anew(before, now) is is_anew

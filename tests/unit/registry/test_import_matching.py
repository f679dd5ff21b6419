"""Whom a line of a file means: one match is it, several are refused, nothing is guessed."""

import ast
import inspect
import re
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.files.refusals import CELLS
from libs.common.vocabulary import Relation, Sex
from services.registry.households import domain as household_domain
from services.registry.imports import domain as import_domain
from services.registry.imports import form, judged
from services.registry.imports import reasons as import_reasons
from services.registry.imports.domain import (
    Bearer,
    Evidence,
    KnownPerson,
    Settled,
    StatedPerson,
    find_household,
    find_persons,
    settle_household,
)
from services.registry.imports.finding import take_bearers
from services.registry.imports.judged import Judged
from services.registry.imports.stating import Group
from services.registry.vault import domain as vault_domain
from services.registry.vault.domain import IdentifierType

A, B, C = (UUID(int=number) for number in (1, 2, 3))
P, Q = UUID(int=11), UUID(int=12)
LINES = (5, 6)


def evidence(**known: object) -> Evidence:
    return Evidence(**{"lines": LINES, "existing": {A, B}, **known})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "found"),
    [
        ({}, None),
        ({"stated": A}, A),
        ({"by_code": A}, A),
        ({"stated": A, "by_code": A, "by_number": {5: Bearer(P, A)}}, A),
        ({"by_number": {5: Bearer(P, A), 6: Bearer(Q, A)}}, A),
        ({"by_name": {B}}, B),
        ({"by_code": A, "by_name": {B}}, A),  # the first rule that says something
        ({"by_number": {5: Bearer(P, A)}, "by_name": {B, C}}, A),
        ({"by_code": C, "existing": {A, C}, "went_to": {C: A}}, A),  # merged: where it went
        ({"stated": A, "by_code": C, "went_to": {C: A}}, A),
        ({"by_name": {A, B}, "by_old_code": {B}}, B),  # of a commune that this one came from
    ],
)
def test_the_first_rule_that_says_something_finds_the_household(
    known: dict[str, object], found: UUID | None
) -> None:
    assert find_household(evidence(**known)) == (found, {})


@pytest.mark.parametrize(
    ("known", "refused"),
    [
        ({"stated": C}, {5: "household.unknown", 6: "household.unknown"}),
        ({"by_code": C}, {5: "household.unknown", 6: "household.unknown"}),
        ({"stated": A, "by_code": B}, {5: "match.contradiction", 6: "match.contradiction"}),
        (
            {"by_number": {5: Bearer(P, A), 6: Bearer(Q, B)}},
            {5: "match.several_households", 6: "match.several_households"},
        ),
        ({"by_code": A, "by_number": {6: Bearer(Q, B)}}, {6: "person.elsewhere"}),
        ({"by_number": {6: Bearer(Q, C)}}, {6: "person.elsewhere"}),  # out of sight
        ({"by_number": {6: Bearer(Q, None)}}, {6: "person.elsewhere"}),  # in no household
        ({"stated": A, "by_number": {6: Bearer(Q, None)}}, {6: "person.elsewhere"}),
        ({"by_name": {A, B}}, {5: "match.several_households", 6: "match.several_households"}),
        (
            {"by_name": {A, B}, "by_old_code": {A, B}},
            {5: "match.several_households", 6: "match.several_households"},
        ),
        (
            {"by_code": A, "by_number": {6: Bearer(Q, B)}, "split_off": {A: {B}}},
            {6: "match.split_household"},
        ),
    ],
)
def test_what_is_not_one_household_is_refused_with_its_reason(
    known: dict[str, object], refused: dict[int, str]
) -> None:
    found, reasons = find_household(evidence(**known))
    assert found is None
    assert {line: [one.rule for one in errors] for line, errors in reasons.items()} == {
        line: [rule] for line, rule in refused.items()
    }


def test_the_households_among_which_nobody_can_choose_are_named() -> None:
    _, reasons = find_household(evidence(by_name={A, B}))
    assert all(str(one) in reasons[5][0].fix.vi for one in (A, B))
    left = {"by_code": A, "by_number": {6: Bearer(Q, B)}, "split_off": {A: {B}}}
    _, reasons = find_household(evidence(**left))
    assert all(str(one) in reasons[6][0].fix.en for one in (A, B))


def test_a_reason_stands_at_the_kind_of_number_that_it_is_about() -> None:
    insurance = IdentifierType.INSURANCE_NUMBER
    for told in (
        {"by_number": {6: Bearer(Q, C, kind=insurance)}},
        {"by_code": A, "by_number": {6: Bearer(Q, B, kind=insurance)}},
        {"by_number": {5: Bearer(P, A), 6: Bearer(Q, B, kind=insurance)}},
    ):
        _, reasons = find_household(evidence(**told))
        assert reasons[6][0].pointer == f"/{insurance}"
    one = Judged(Group("01882", "H1", []), [5])
    one.hashes[5] = {IdentifierType.UIN: b"nobody's", insurance: b"hers"}
    take_bearers(one, {b"hers": Bearer(Q, C, kind=insurance)}, {A, B})
    assert one.refused[5][0].pointer == f"/{insurance}"
    assert one.told_unseen == {5}
    differ = [stated(5, person_id=P, bearer=Q, number=insurance)]
    _, reasons = find_persons(differ, [known(P), known(Q)])
    assert reasons[5][0].pointer == f"/{insurance}"


_SAYING = (import_reasons, form, import_domain, judged, vault_domain, household_domain)


def test_every_code_that_can_stand_in_a_report_is_in_the_list_that_officers_read() -> None:
    listed = (Path(__file__).parents[3] / "docs/imports.md").read_text(encoding="utf-8")
    ours = {
        node.value
        for module in _SAYING
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[a-z]+\.[a-z0-9_]+", node.value)
    }
    ours |= CELLS.keys() - {"number.unreadable"}  # the form has no column of amounts
    assert len(ours) > 50
    assert [rule for rule in sorted(ours) if f"`{rule}`" not in listed] == []


_households = st.sampled_from([A, B, C])
_evidence = st.builds(
    Evidence,
    lines=st.just(LINES),
    stated=st.none() | _households,
    existing=st.sets(_households),
    by_code=st.none() | _households,
    by_number=st.dictionaries(
        st.sampled_from(LINES), st.builds(Bearer, st.sampled_from([P, Q]), st.none() | _households)
    ),
    by_name=st.sets(_households),
)


@given(_evidence)
def test_whatever_is_known_a_found_household_contradicts_nothing(known: Evidence) -> None:
    found, refused = find_household(known)
    assert set(refused) <= set(LINES)
    assert not (found and refused)
    if found:
        assert known.stated in (None, found)
        assert known.by_code in (None, found) or known.stated == found
        assert {one.household_id for one in known.by_number.values()} <= {None, found}
    elif not refused:
        assert not known.stated
        assert not known.by_code
        assert not known.by_name


def stated(line: int, name: str = "ly pao van", **facts: object) -> StatedPerson:
    values: dict[str, object] = {
        "person_id": None,
        "bearer": None,
        "birth_date": None,
        "birth_year": 1980,
        "sex": Sex.MALE,
        "relation": Relation.HEAD,
    }
    return StatedPerson(line=line, name=name, **(values | facts))  # type: ignore[arg-type]


def known(person_id: UUID, name: str | None = "ly pao van", **facts: object) -> KnownPerson:
    values: dict[str, object] = {
        "birth_date": None,
        "birth_year": 1980,
        "sex": Sex.MALE,
        "relation": Relation.HEAD,
    }
    return KnownPerson(person_id=person_id, name=name, **(values | facts))  # type: ignore[arg-type]


DAY = date(1980, 5, 20)


@pytest.mark.parametrize(
    ("line", "members", "found"),
    [
        (stated(5), [known(P)], P),
        (stated(5, birth_date=DAY), [known(P)], P),  # only the year is known
        (stated(5, birth_date=DAY), [known(P), known(Q, birth_date=date(1980, 1, 1))], P),
        (stated(5), [known(P, None)], P),  # nobody's name is recorded: birth, sex, relation
        (stated(5, name="khac", bearer=Q), [known(P), known(Q)], Q),
        (stated(5, name="khac", person_id=Q), [known(P), known(Q)], Q),
    ],
)
def test_a_member_is_known_again(
    line: StatedPerson, members: list[KnownPerson], found: UUID
) -> None:
    assert find_persons([line], members) == ({5: found}, {})


@pytest.mark.parametrize(
    ("lines", "members", "rule"),
    [
        ([stated(5)], [known(P), known(Q)], "match.several_persons"),
        ([stated(5), stated(6)], [known(P)], "match.several_persons"),
        ([stated(5, person_id=Q)], [known(P)], "person.not_a_member"),
        ([stated(5, person_id=P, bearer=Q)], [known(P), known(Q)], "match.contradiction"),
        ([stated(5, name="khac")], [known(P)], "match.nobody_known"),
    ],
)
def test_a_line_that_may_mean_two_is_refused(
    lines: list[StatedPerson], members: list[KnownPerson], rule: str
) -> None:
    _, refused = find_persons(lines, members)
    assert {error.rule for errors in refused.values() for error in errors} == {rule}


def test_a_list_that_was_not_brought_up_to_date_does_not_raise_the_dead() -> None:
    _, refused = find_persons([stated(5), stated(6, name="khac")], [known(Q, "khac")], [known(P)])
    assert {line: errors[0].rule for line, errors in refused.items()} == {5: "person.died"}
    assert find_persons([stated(5)], [known(P)], [known(Q)]) == ({5: P}, {})


@given(
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=5),
    st.lists(st.sampled_from(["a", "b", "c", None]), max_size=5),
)
def test_no_member_is_meant_by_two_lines(names: list[str], members: list[str | None]) -> None:
    lines = [stated(place, name) for place, name in enumerate(names)]
    found, refused = find_persons(
        lines, [known(UUID(int=100 + place), name) for place, name in enumerate(members)]
    )
    meant = [found[one.line] for one in lines if one.line not in refused and found.get(one.line)]
    assert len(meant) == len(set(meant))


@given(st.sets(st.integers(1, 9), min_size=1), st.sets(st.integers(1, 9)))
def test_every_line_is_counted_once_and_a_household_is_taken_whole(
    lines: set[int], wrong: set[int]
) -> None:
    _, reasons = find_persons([stated(5)], [known(P), known(Q)])
    settled = settle_household(
        sorted(lines), {line: reasons[5] for line in wrong}, Settled.REGISTERED
    )
    assert settled.keys() == lines
    results = {result for result, _ in settled.values()}
    assert results == {Settled.REFUSED if lines & wrong else Settled.REGISTERED}
    assert all(errors for result, errors in settled.values() if result is Settled.REFUSED)

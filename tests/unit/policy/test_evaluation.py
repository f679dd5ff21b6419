"""Evaluation is a pure function of facts and table, the same alone and in a set, with reasons."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.policy import (
    Book,
    Table,
    add_months,
    age_on,
    birthday,
    evaluate,
    evaluate_set,
    load_book,
)
from libs.common.policy.conditions import Condition, Operator
from libs.common.policy.facts import Fact, FactType, FactValue
from services.eligibility.catalogue.domain import catalogue
from tests.support.law import a_table, write_law

BOOK = catalogue().book


def values_of(fact: Fact) -> st.SearchStrategy[FactValue]:
    match fact.type:
        case FactType.BOOLEAN:
            return st.booleans()
        case FactType.NUMBER:
            return st.integers(0, 100)
        case FactType.CHOICE:
            return st.sampled_from(sorted(fact.values))
        case FactType.CHOICES:
            return st.frozensets(st.sampled_from(sorted(fact.values)))


subjects = st.fixed_dictionaries(
    {name: values_of(fact) for name, fact in BOOK.vocabulary.facts.items()}
)


@settings(max_examples=100, deadline=None)
@given(group=st.lists(subjects, max_size=12), table=st.sampled_from(BOOK.tables))
def test_alone_and_in_a_set_are_equal(group: list[Mapping[str, FactValue]], table: Table) -> None:
    assert evaluate_set(table, group) == [evaluate(table, one).row for one in group]


@settings(max_examples=200, deadline=None)
@given(facts=subjects, table=st.sampled_from(BOOK.tables))
def test_reasons_bear_out_the_answer(facts: Mapping[str, FactValue], table: Table) -> None:
    reason = evaluate(table, facts)
    held = [row.row for row in reason.rows if row.held]
    assert reason.row == (held[0] if held else None)
    for row in reason.rows:
        assert row.held == all(condition.held for condition in row.conditions)
        assert row.decided == (row.row == reason.row)
        assert row.source.document
        for condition in row.conditions:
            assert condition.asked.vi
            assert condition.found.vi


AGE, CLASS, PLACES, FARM = (
    BOOK.vocabulary.facts[name]
    for name in ("age", "national_class", "designations", "is_farm_household")
)


@pytest.mark.parametrize(
    ("condition", "fact", "held", "wording"),
    [
        (Condition(AGE, Operator.BELOW, 6), 5, True, "Tuổi (số năm tròn) dưới 6"),
        (Condition(AGE, Operator.BELOW, 6), 6, False, "Tuổi (số năm tròn) dưới 6"),
        (Condition(AGE, Operator.AT_LEAST, 6), 6, True, "Tuổi (số năm tròn) từ 6 trở lên"),
        (Condition(AGE, Operator.AT_MOST, 6), 7, False, "Tuổi (số năm tròn) từ 6 trở xuống"),
        (Condition(AGE, Operator.ABOVE, 6), 7, True, "Tuổi (số năm tròn) trên 6"),
        (Condition(AGE, Operator.IS, 6), 6, True, "Tuổi (số năm tròn): 6"),
        (Condition(CLASS, Operator.IS_NOT, "poor"), "poor", False, None),
        (Condition(CLASS, Operator.IN, frozenset({"poor", "none"})), "none", True, None),
        (Condition(CLASS, Operator.NOT_IN, frozenset({"poor"})), "poor", False, None),
        (Condition(PLACES, Operator.HAS, "island"), frozenset({"island"}), True, None),
        (Condition(PLACES, Operator.LACKS, "island"), frozenset({"island"}), False, None),
        (Condition(PLACES, Operator.HAS_ANY, frozenset({"island"})), frozenset(), False, None),
        (Condition(FARM, Operator.IS, False), False, True, FARM.values["false"].vi),
    ],
)
def test_conditions(condition: Condition, fact: FactValue, held: bool, wording: str | None) -> None:
    assert condition.holds({condition.fact.name: fact}) is held
    assert wording in (None, condition.wording.vi)


@pytest.mark.parametrize(
    ("operator", "thresholds"),
    [
        (Operator.BELOW, (6,)),
        (Operator.AT_LEAST, (6,)),
        (Operator.ABOVE, (7,)),
        (Operator.AT_MOST, (7,)),
        (Operator.IS, (6, 7)),
    ],
)
def test_where_an_answer_turns(operator: Operator, thresholds: tuple[int, ...]) -> None:
    condition = Condition(AGE, operator, 6)
    assert condition.thresholds == thresholds
    turns = [
        n for n in range(1, 20) if condition.holds({"age": n}) != condition.holds({"age": n - 1})
    ]
    assert tuple(turns) == thresholds


@pytest.fixture
def late_book(tmp_path: Path) -> Book:
    raised = {"effective": "2026-07-01", "known_from": "2026-08-21", "document": "QĐ 2/2026"}
    local = {"scope": "['46']", "document": "NQ Huế", "extra": "until: 2027-01-01\n"}
    return load_book(
        write_law(
            tmp_path,
            a_table(),
            a_table(extra="supersedes: true\n", **raised),
            a_table(**local),
        )
    )


@pytest.mark.parametrize(
    ("day", "known_on", "province", "document"),
    [
        (date(2019, 12, 31), None, None, None),
        (date(2026, 6, 30), None, None, "QĐ 1/2026"),
        (date(2026, 7, 1), None, None, "QĐ 2/2026"),
        (date(2026, 7, 1), date(2026, 8, 20), None, "QĐ 1/2026"),
        (date(2026, 7, 1), date(2026, 8, 21), None, "QĐ 2/2026"),
        (date(2026, 7, 1), None, "46", "NQ Huế"),
        (date(2026, 7, 1), None, "79", "QĐ 2/2026"),
        (date(2027, 1, 1), None, "46", "QĐ 2/2026"),
    ],
)
def test_the_version_of_a_day_as_known_on_a_day_in_a_place(
    late_book: Book, day: date, known_on: date | None, province: str | None, document: str | None
) -> None:
    table = late_book.find("test.allowance", day, province, known_on)
    assert (table.source.document if table else None) == document


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2023, 2, 28), 36, date(2026, 2, 28)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2023, 12, 1), 1, date(2024, 1, 1)),
        (date(2023, 12, 31), 36, date(2026, 12, 31)),
    ],
)
def test_months(day: date, months: int, end: date) -> None:
    assert add_months(day, months) == end


@given(born=st.dates(date(1900, 1, 1), date(2026, 1, 1)), age=st.integers(0, 100))
def test_a_birthday_is_the_first_day_of_the_age(born: date, age: int) -> None:
    turned = birthday(born, age)
    assert age_on(born, turned) == age
    assert age_on(born, date.fromordinal(turned.toordinal() - 1)) == age - 1

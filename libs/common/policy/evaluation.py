"""Evaluation with reasons: a pure function of facts and table, for one subject and for a set."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.common.policy.conditions import Facts
from libs.common.policy.facts import ParameterValue, Vocabulary
from libs.common.policy.model import Source, Table
from libs.common.problems import Text


@dataclass(frozen=True)
class ConditionReason:
    """One condition: what is asked, what is so, and whether it held."""

    fact: str
    asked: Text
    found: Text
    held: bool


@dataclass(frozen=True)
class RowReason:
    row: str
    title: Text
    programme: str | None
    held: bool
    decided: bool
    conditions: tuple[ConditionReason, ...]
    source: Source


@dataclass(frozen=True)
class TableReason:
    """Why a table gives what it gives. `row` is the deciding row, None if none held."""

    table: str
    title: Text
    row: str | None
    programme: str | None
    benefit: dict[str, ParameterValue]
    rows: tuple[RowReason, ...]


def evaluate(table: Table, facts: Facts) -> TableReason:
    """The table's answer for one subject, with every condition of every row."""
    decided = table.deciding_row(facts)
    rows = []
    for row in table.rows:
        conditions = tuple(
            ConditionReason(
                fact=condition.fact.name,
                asked=condition.wording,
                found=condition.found(facts),
                held=condition.holds(facts),
            )
            for condition in row.conditions
        )
        rows.append(
            RowReason(
                row=row.id,
                title=row.title,
                programme=row.programme,
                held=all(condition.held for condition in conditions),
                decided=row is decided,
                conditions=conditions,
                source=row.source,
            )
        )
    return TableReason(
        table=table.id,
        title=table.title,
        row=decided.id if decided else None,
        programme=decided.programme if decided else None,
        benefit=decided.benefit if decided else {},
        rows=tuple(rows),
    )


def evaluate_set(table: Table, subjects: Sequence[Facts]) -> list[str | None]:
    """The deciding row's id for each subject, without reasons; equal facts are decided once.

    Only the facts the table asks for tell two subjects apart, so a set costs as many decisions as
    it has different subjects.
    """
    asked = sorted({c.fact.name for row in table.rows for c in row.conditions})
    decided: dict[tuple[object, ...], str | None] = {}
    answers: list[str | None] = []
    for facts in subjects:
        key = tuple(facts[name] for name in asked)
        if key not in decided:
            row = table.deciding_row(facts)
            decided[key] = row.id if row else None
        answers.append(decided[key])
    return answers


def complete(facts: Facts, vocabulary: Vocabulary) -> Facts:
    """The facts, with the documented default for each one not given."""
    return {name: facts.get(name, fact.default) for name, fact in vocabulary.facts.items()}

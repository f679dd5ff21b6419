"""What a rule table is, once it has been read and checked."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from libs.common.policy.conditions import Condition, Facts
from libs.common.policy.facts import ParameterValue, Subject
from libs.common.problems import Text


@dataclass(frozen=True)
class Source:
    """The legal basis. `is_confirmed` is false where the text itself has not been read yet."""

    document: str
    article: str | None
    is_confirmed: bool
    note: Text | None


@dataclass(frozen=True)
class Row:
    """One way to fulfil a table: all conditions hold. An empty list holds always."""

    id: str
    title: Text
    programme: str | None
    conditions: tuple[Condition, ...]
    benefit: dict[str, ParameterValue]
    source: Source

    def holds(self, facts: Facts) -> bool:
        return all(condition.holds(facts) for condition in self.conditions)


@dataclass(frozen=True)
class Case:
    """A table's own test: these facts give this row (None: no row)."""

    name: str
    facts: Facts
    row: str | None
    line: int


@dataclass(frozen=True)
class Table:
    """One version of one rule table, in force over `[effective, until)`.

    The first row that holds decides. `known_from` is the day the rule became known; a version with
    `supersedes` takes the place of versions of the same id that were known before it, from its own
    effective day on, though they had not said that they would end. `provinces` empty means the
    whole country, else the rule is an overlay of these provinces (codes of two digits).
    """

    id: str
    title: Text
    note: Text | None
    source: Source
    effective: date
    until: date | None
    known_from: date
    supersedes: bool
    provinces: frozenset[str]
    subject: Subject
    rows: tuple[Row, ...]
    cases: tuple[Case, ...]
    file: Path
    line: int

    def is_in_force(self, day: date) -> bool:
        return self.effective <= day and (self.until is None or day < self.until)

    def deciding_row(self, facts: Facts) -> Row | None:
        """The row that gives the benefit: a pure function of the facts."""
        for row in self.rows:
            if row.holds(facts):
                return row
        return None

    @property
    def programmes(self) -> frozenset[str]:
        return frozenset(row.programme for row in self.rows if row.programme is not None)

"""The closed vocabulary of a law directory: the facts conditions may ask, the parameters rows may
grant. It stands in `facts.yaml` beside the tables, documented in both languages.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias, TypeVar

from libs.common.policy.reading import Entry, LawError, read_documents
from libs.common.problems import Text

FactValue: TypeAlias = bool | int | str | frozenset[str]
ParameterValue: TypeAlias = int | str | list[str]

EnumT = TypeVar("EnumT", bound=StrEnum)


class FactType(StrEnum):
    BOOLEAN = "boolean"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"  # any number of the listed values at once


class Subject(StrEnum):
    """Whom a fact or a table is about."""

    HOUSEHOLD = "household"
    PERSON = "person"


class ParameterType(StrEnum):
    VND = "vnd"
    PERCENT = "percent"
    MONTHS = "months"
    COUNT = "count"
    FACTOR = "factor"  # of a base, exact: text as "1.20"
    RATE = "rate"  # percent a year, exact: text as "6.24"
    CODE = "code"
    CODES = "codes"


@dataclass(frozen=True)
class Fact:
    """One fact. A boolean has its two wordings in `values` under `true` and `false`."""

    name: str
    type: FactType
    subject: Subject
    title: Text
    note: Text | None
    default: FactValue
    values: dict[str, Text]

    def read(self, entry: Entry) -> FactValue:
        """A value of this fact's type.

        Raises:
            LawError: it is of another type or not among the values.
        """
        match self.type:
            case FactType.BOOLEAN:
                return entry.boolean()
            case FactType.NUMBER:
                return entry.number()
            case FactType.CHOICE:
                return self.read_choice(entry)
            case FactType.CHOICES:
                return frozenset(self.read_choice(item) for item in entry.items())

    def read_choice(self, entry: Entry) -> str:
        value = entry.text()
        if value not in self.values:
            raise entry.wrong(f"{self.name} has no value {value!r}")
        return value

    def say(self, value: FactValue) -> Text:
        """The value in words."""
        if isinstance(value, bool):
            return self.values[str(value).lower()]
        if isinstance(value, int):
            number = f"{value:,}"
            return Text(number.replace(",", "."), number)
        if isinstance(value, str):
            return self.values.get(value, Text(value, value))
        words = [self.values[item] for item in sorted(value)]
        if not words:
            return Text("không có", "none")
        return Text(", ".join(w.vi for w in words), ", ".join(w.en for w in words))


@dataclass(frozen=True)
class Parameter:
    name: str
    type: ParameterType
    title: Text

    def read(self, entry: Entry) -> ParameterValue:
        """A value of this parameter's type, ready for JSON.

        Raises:
            LawError: it is of another type or outside its range.
        """
        match self.type:
            case ParameterType.FACTOR | ParameterType.RATE:
                value = entry.decimal()
                if value < Decimal(0):
                    raise entry.wrong(f"{self.name} is below zero")
                return str(value)
            case ParameterType.CODE:
                return entry.text()
            case ParameterType.CODES:
                return [item.text() for item in entry.items()]
            case _:
                number = entry.number()
                if number < 0 or (self.type is ParameterType.PERCENT and number > 100):
                    raise entry.wrong(f"{self.name} is out of range")
                return number


@dataclass(frozen=True)
class Vocabulary:
    """All that the tables of one directory may speak of."""

    facts: dict[str, Fact]
    parameters: dict[str, Parameter]

    def fact(self, entry: Entry) -> Fact:
        name = entry.text()
        if name not in self.facts:
            raise entry.wrong(f"unknown fact {name!r}")
        return self.facts[name]


def read_vocabulary(file: Path) -> Vocabulary:
    """Read `facts.yaml`.

    Raises:
        LawError: anything in it is not as it must be.
    """
    documents = list(read_documents(file))
    if len(documents) != 1:
        raise LawError(file, 1, "expected one document")
    parts = documents[0].mapping(required=("facts", "parameters"))
    return Vocabulary(
        facts={name: _fact(name, entry) for name, entry in parts["facts"].pairs().items()},
        parameters={
            name: _parameter(name, entry) for name, entry in parts["parameters"].pairs().items()
        },
    )


def _fact(name: str, entry: Entry) -> Fact:
    parts = entry.mapping(
        required=("type", "subject", "title"), optional=("note", "values", "default")
    )
    kind = one_of(FactType, parts["type"])
    values: dict[str, Text] = {}
    if "values" in parts:
        values = {key: value.bilingual() for key, value in parts["values"].pairs().items()}
    if kind is FactType.BOOLEAN and set(values) != {"true", "false"}:
        raise entry.wrong("a boolean needs its wording for true and for false")
    if kind in (FactType.CHOICE, FactType.CHOICES) and not values:
        raise entry.wrong("'values' is missing")
    nothing: dict[FactType, FactValue] = {
        FactType.BOOLEAN: False,
        FactType.NUMBER: 0,
        FactType.CHOICE: next(iter(values), ""),
        FactType.CHOICES: frozenset(),
    }
    fact = Fact(
        name=name,
        type=kind,
        subject=one_of(Subject, parts["subject"]),
        title=parts["title"].bilingual(),
        note=parts["note"].bilingual() if "note" in parts else None,
        default=nothing[kind],
        values=values,
    )
    if "default" not in parts:
        return fact
    return Fact(**{**fact.__dict__, "default": fact.read(parts["default"])})


def _parameter(name: str, entry: Entry) -> Parameter:
    parts = entry.mapping(required=("type", "title"))
    return Parameter(name, one_of(ParameterType, parts["type"]), parts["title"].bilingual())


def one_of(kind: type[EnumT], entry: Entry) -> EnumT:
    """The value of a closed list that stands here."""
    try:
        return kind(entry.text())
    except ValueError as error:
        raise entry.wrong(f"expected one of {', '.join(kind)}") from error

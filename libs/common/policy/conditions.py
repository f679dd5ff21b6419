"""Typed conditions: one fact, one operator, one value. No expression language.

A row is a list of conditions that must all hold; "or" is another row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from libs.common.policy.facts import Fact, FactType, FactValue, Vocabulary
from libs.common.policy.reading import Entry
from libs.common.problems import Text

Facts = Mapping[str, FactValue]


class Operator(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ABOVE = "above"
    BELOW = "below"
    HAS = "has"
    HAS_ANY = "has_any"
    LACKS = "lacks"


ALLOWED: dict[FactType, frozenset[Operator]] = {
    FactType.BOOLEAN: frozenset({Operator.IS}),
    FactType.NUMBER: frozenset(
        {Operator.IS, Operator.AT_LEAST, Operator.AT_MOST, Operator.ABOVE, Operator.BELOW}
    ),
    FactType.CHOICE: frozenset({Operator.IS, Operator.IS_NOT, Operator.IN, Operator.NOT_IN}),
    FactType.CHOICES: frozenset({Operator.HAS, Operator.HAS_ANY, Operator.LACKS}),
}

_LISTED = frozenset({Operator.IN, Operator.NOT_IN, Operator.HAS_ANY})

_WORDING: dict[Operator, Text] = {
    Operator.IS: Text("{fact}: {value}", "{fact}: {value}"),
    Operator.IS_NOT: Text("{fact} không phải là: {value}", "{fact} is not: {value}"),
    Operator.IN: Text("{fact} là một trong: {value}", "{fact} is one of: {value}"),
    Operator.NOT_IN: Text("{fact} không thuộc: {value}", "{fact} is none of: {value}"),
    Operator.AT_LEAST: Text("{fact} từ {value} trở lên", "{fact} is {value} or more"),
    Operator.AT_MOST: Text("{fact} từ {value} trở xuống", "{fact} is {value} or less"),
    Operator.ABOVE: Text("{fact} trên {value}", "{fact} is above {value}"),
    Operator.BELOW: Text("{fact} dưới {value}", "{fact} is below {value}"),
    Operator.HAS: Text("{fact} có: {value}", "{fact} include: {value}"),
    Operator.HAS_ANY: Text(
        "{fact} có ít nhất một trong: {value}", "{fact} include any of: {value}"
    ),
    Operator.LACKS: Text("{fact} không có: {value}", "{fact} do not include: {value}"),
}


@dataclass(frozen=True)
class Condition:
    """One condition; `value` is a number, a truth value, one listed value, or a set of them."""

    fact: Fact
    operator: Operator
    value: FactValue

    def holds(self, facts: Facts) -> bool:
        return _TESTS[self.operator](facts[self.fact.name], self.value)

    @property
    def wording(self) -> Text:
        """What is asked for, in words."""
        if self.fact.type is FactType.BOOLEAN:
            return self.fact.say(self.value)
        form, value, title = _WORDING[self.operator], self.fact.say(self.value), self.fact.title
        return Text(
            form.vi.format(fact=title.vi, value=value.vi),
            form.en.format(fact=title.en, value=value.en),
        )

    def found(self, facts: Facts) -> Text:
        """What the fact really is, in words."""
        actual = self.fact.say(facts[self.fact.name])
        if self.fact.type is FactType.BOOLEAN:
            return actual
        title = self.fact.title
        return Text(f"{title.vi}: {actual.vi}", f"{title.en}: {actual.en}")

    @property
    def thresholds(self) -> tuple[int, ...]:
        """The numbers at which the answer turns, seen from below."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            return ()
        if self.operator is Operator.IS:
            return (self.value, self.value + 1)
        if self.operator in (Operator.AT_LEAST, Operator.BELOW):
            return (self.value,)
        return (self.value + 1,)


def _number(value: FactValue) -> int:
    assert isinstance(value, int)  # noqa: S101 - the loader has checked the type
    return value


def _several(value: FactValue) -> frozenset[str]:
    assert isinstance(value, frozenset)  # noqa: S101 - the loader has checked the type
    return value


_TESTS: dict[Operator, Callable[[FactValue, FactValue], bool]] = {
    Operator.IS: lambda fact, value: fact == value,
    Operator.IS_NOT: lambda fact, value: fact != value,
    Operator.IN: lambda fact, value: fact in _several(value),
    Operator.NOT_IN: lambda fact, value: fact not in _several(value),
    Operator.AT_LEAST: lambda fact, value: _number(fact) >= _number(value),
    Operator.AT_MOST: lambda fact, value: _number(fact) <= _number(value),
    Operator.ABOVE: lambda fact, value: _number(fact) > _number(value),
    Operator.BELOW: lambda fact, value: _number(fact) < _number(value),
    Operator.HAS: lambda fact, value: value in _several(fact),
    Operator.HAS_ANY: lambda fact, value: not _several(value).isdisjoint(_several(fact)),
    Operator.LACKS: lambda fact, value: value not in _several(fact),
}


def read_condition(entry: Entry, vocabulary: Vocabulary) -> Condition:
    """Read `{fact: age, below: 6}`.

    Raises:
        LawError: unknown fact, an operator the fact's type does not know, or a value of another
            type.
    """
    parts = entry.pairs()
    if "fact" not in parts or len(parts) != 2:
        raise entry.wrong("a condition is one fact and one operator")
    fact = vocabulary.fact(parts.pop("fact"))
    ((name, value),) = parts.items()
    if name not in ALLOWED[fact.type]:
        allowed = ", ".join(sorted(ALLOWED[fact.type]))
        raise value.wrong(f"{name!r} does not go with {fact.name}; one of {allowed}")
    operator = Operator(name)
    if operator in _LISTED:
        return Condition(fact, operator, frozenset(fact.read_choice(i) for i in value.items()))
    if fact.type is FactType.CHOICES:
        return Condition(fact, operator, fact.read_choice(value))
    return Condition(fact, operator, fact.read(value))

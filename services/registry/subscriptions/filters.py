"""Whether a household, as an event says it, is one that a subscription's filter means. Pure.

The same conditions as a search's, on the same tree: what is not known fulfils nothing, its negation
everything; a condition on persons holds where one of the present members fulfils it. Where a
search asks the tables, this looks at one household of one version.
"""

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from libs.common.dci.words import QueryType
from libs.common.vocabulary import Disability, StatusClass
from services.registry.dci.attributes import Kind
from services.registry.dci.domain import (
    Asked,
    Every,
    Filter,
    Leaf,
    Lookup,
    Not,
    Operator,
    Some,
    Tree,
    read,
)
from services.registry.subscriptions.domain import Data

NEWLY_ESCAPED, NO_STATUS = "newly_escaped", "none"
HOUSEHOLD_ID, PERSON_ID = "HOUSEHOLD_ID", "PERSON_ID"
_POOR = (StatusClass.POOR.value, StatusClass.NEAR_POOR.value)
_SIGNS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: operator.eq,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}
Areas = Mapping[str, Collection[str]]  # the communes under each code that a filter names


@dataclass(frozen=True, slots=True)
class Told:
    """A household at one version.

    Attributes:
        data: of the event.
        updated: the day on which it was recorded.
    """

    data: Data
    updated: date


def read_filter(filter_type: str | None, given: Any, fields: Collection[str]) -> Asked:
    """A subscription's filter; without a type it is told by its shape.

    Raises:
        QueryRefused: it cannot be looked at.
    """
    return read(filter_type or _shape(given), given, fields)


def _shape(given: Any) -> str:
    if isinstance(given, list):
        return QueryType.PREDICATE
    is_pair = isinstance(given, dict) and isinstance(given.get("value"), str | int)
    return QueryType.IDENTIFIER if is_pair else QueryType.EXPRESSION


def matches(asked: Asked, told: Told, *, day: date, areas: Areas) -> bool:
    """Whether the filter means the household.

    Args:
        day: on which classes and ages count.
    """
    match asked.query:
        case Lookup(type=kind, value=value):
            if kind == HOUSEHOLD_ID:
                return str(told.data["household_id"]) == value.lower()
            # Any other identifier was turned into our id when it was subscribed to.
            return kind == PERSON_ID and any(
                str(one["person_id"]) == value.lower() for one in present(told.data)
            )
        case Filter(tree):
            return _Household(told, day, areas).fulfils(tree)


@dataclass(frozen=True, slots=True)
class _Household:
    told: Told
    day: date
    areas: Areas

    def fulfils(self, tree: Tree) -> bool:
        match tree:
            case Every(parts):
                return all(map(self.fulfils, parts))
            case Some(parts):
                return any(map(self.fulfils, parts))
            case Not(part):
                return not self.fulfils(part)
            case Leaf():
                return self._leaf(tree)

    def _leaf(self, leaf: Leaf) -> bool:
        if leaf.operator is Operator.NE:
            return not self._leaf(Leaf(leaf.attribute, Operator.EQ, leaf.value))
        if leaf.operator is Operator.NOT_IN:
            return not self._leaf(Leaf(leaf.attribute, Operator.IN, leaf.value))
        name, data = leaf.attribute.name, self.told.data
        values = leaf.value if isinstance(leaf.value, list) else [leaf.value]
        if leaf.attribute.kind is Kind.AREA:
            commune = data["area"]["commune"]
            return any(commune in self.areas.get(code, ()) for code in values)
        if name == "poverty_status":
            return status_of(data, self.day) in values
        if leaf.attribute.of_person:
            return any(_compared(leaf, _of_person(one, name, self.day)) for one in present(data))
        return _compared(leaf, self._own(name))

    def _own(self, name: str) -> Any:
        data = self.told.data
        match name:
            case "group_size":
                return Decimal(len(present(data)))
            case "registration_date":
                return date.fromisoformat(data["registered_on"])
            case "last_updated":
                return self.told.updated
            case "is_farm_household":
                return data["is_farm_household"]
        return None  # B1 points of reviews are not held


def status_of(data: Data, day: date) -> str:
    """The household's class on a day, by the standard's words: the worst of those that hold."""
    classes = {one["status"] for one in holding(data["statuses"], day)}
    for status in _POOR:
        if status in classes:
            return status
    return NEWLY_ESCAPED if holding(data["escapes"], day) else NO_STATUS


def holding(periods: Sequence[Data], day: date) -> list[Data]:
    on = day.isoformat()
    return [
        one
        for one in periods
        if one["from_day"] <= on and (one["until"] is None or on < one["until"])
    ]


def present(data: Data) -> list[Data]:
    return [one for one in data["members"] if one["left_on"] is None]


def _of_person(one: Data, name: str, day: date) -> Any:
    born = None if one["birth_date"] is None else date.fromisoformat(one["birth_date"])
    match name:
        case "age":
            if born is None:
                return Decimal(day.year - one["birth_year"])
            return Decimal(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))
        case "birth_date":
            return born
        case "birth_year":
            return Decimal(one["birth_year"])
        case "is_disabled":
            return one["disability"] != Disability.NONE
    return one[_NAMES[name]]


_NAMES = {
    "sex": "sex",
    "ethnicity": "ethnicity",
    "employment_status": "employment",
    "education_level": "schooling",
}


def _compared(leaf: Leaf, value: Any) -> bool:
    if value is None:
        return False
    if leaf.operator is Operator.IN:
        return value in leaf.value
    return _SIGNS[leaf.operator](value, leaf.value)

"""What a partner asks for, read from the standard's three kinds of queries. Pure: no SQL, no clock.

Refusals name attributes of ours and rules, never what was sent.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from libs.common.dci.words import QueryType, Reason, RecordType
from services.registry.dci.attributes import (
    LONGEST_VALUE,
    Attribute,
    Kind,
    QueryRefused,
    coerced,
    known_attribute,
    refused,
    sortable,
)

DEEPEST, MOST_LEAVES, MOST_VALUES = 5, 20, 100


class Operator(StrEnum):
    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"
    NOT_IN = "nin"


_MONGO = {
    "$eq": Operator.EQ,
    "$ne": Operator.NE,
    "$lt": Operator.LT,
    "$lte": Operator.LE,
    "$gt": Operator.GT,
    "$gte": Operator.GE,
    "$in": Operator.IN,
    "$nin": Operator.NOT_IN,
}
_PREDICATE = {name: Operator(name) for name in ("eq", "lt", "le", "gt", "ge", "in")}
_ANY_KIND = frozenset({Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN})


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison; `value` is a list where the operator takes several."""

    attribute: Attribute
    operator: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Tree"


Tree = Leaf | Every | Some | Not


@dataclass(frozen=True, slots=True)
class Lookup:
    """By an identifier: of a person, or an id of ours."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Filter:
    """By attributes."""

    tree: Tree


@dataclass(frozen=True, slots=True)
class SortKey:
    attribute: Attribute
    descending: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that can be answered."""

    query: Lookup | Filter
    collection: RecordType | None
    sort: tuple[SortKey, ...] = ()


@dataclass(slots=True)
class _Reader:
    """Reads one query within its limits."""

    fields: Collection[str]
    leaves: int = field(default=0)

    def tree(self, node: Any, depth: int = 1) -> Tree:
        if depth > DEEPEST:
            raise refused(f"nested deeper than {DEEPEST}")
        if not isinstance(node, dict) or not node:
            raise refused("a condition must be an object with a name")
        return _every([self._named(name, inner, depth) for name, inner in node.items()])

    def _named(self, name: str, inner: Any, depth: int) -> Tree:
        if name in ("$and", "$or"):
            if not isinstance(inner, list) or not 0 < len(inner) <= MOST_LEAVES:
                raise refused(f"{name} takes a list of 1 to {MOST_LEAVES}")
            parts = tuple(self.tree(part, depth + 1) for part in inner)
            return Every(parts) if name == "$and" else Some(parts)
        if name == "$not":
            return Not(self.tree(inner, depth + 1))
        if name.startswith("$"):
            raise refused("an operator that is not offered")
        return self._compared(name, inner, depth)

    def _compared(self, name: str, inner: Any, depth: int) -> Tree:
        if depth > DEEPEST:
            raise refused(f"nested deeper than {DEEPEST}")
        if not isinstance(inner, dict):
            return self.leaf(name, Operator.EQ, inner)
        if not inner:
            raise refused("a comparison without an operator")
        parts: list[Tree] = []
        for sign, value in inner.items():
            if sign == "$not":
                parts.append(Not(self._compared(name, value, depth + 1)))
            elif sign in _MONGO:
                parts.append(self.leaf(name, _MONGO[sign], value))
            else:
                raise refused("an operator that is not offered")
        return _every(parts)

    def leaf(self, name: str, operator: Operator, value: Any) -> Leaf:
        self.leaves += 1
        if self.leaves > MOST_LEAVES:
            raise refused(f"more than {MOST_LEAVES} comparisons")
        attribute = known_attribute(name, self.fields)
        if attribute.kind not in (Kind.NUMBER, Kind.DAY) and operator not in _ANY_KIND:
            raise refused(f"{attribute.name} has no order")
        if operator in (Operator.IN, Operator.NOT_IN):
            values = value.split(",") if isinstance(value, str) else value
            if not isinstance(values, list) or not 0 < len(values) <= MOST_VALUES:
                raise refused(f"{attribute.name}: a list of 1 to {MOST_VALUES}")
            return Leaf(attribute, operator, [coerced(attribute, one) for one in values])
        return Leaf(attribute, operator, coerced(attribute, value))

    def predicates(self, items: Any) -> Tree:
        if not isinstance(items, list) or not 0 < len(items) <= MOST_LEAVES:
            raise refused(f"a predicate is a list of 1 to {MOST_LEAVES}")
        if not all(isinstance(item, dict) for item in items):
            raise refused("a predicate must be an object")
        return _every([self._predicate(item) for item in sorted(items, key=_order)])

    def _predicate(self, item: dict[str, Any]) -> Tree:
        condition = item.get("condition", "and")
        if condition not in ("and", "or", "not"):
            raise refused("condition: and, or, not")
        first = self._expression(item.get("expression1"))
        if item.get("expression2") is None:
            return Not(first) if condition == "not" else first
        second = self._expression(item["expression2"])
        if condition == "or":
            return Some((first, second))
        return Every((first, Not(second) if condition == "not" else second))

    def _expression(self, expression: Any) -> Leaf:
        if not isinstance(expression, dict):
            raise refused("expression1 is required")
        operator = expression.get("operator")
        if not isinstance(operator, str) or operator not in _PREDICATE:
            raise refused("operator: gt, lt, eq, ge, le, in")
        if "attribute_value" not in expression:
            raise refused("attribute_value is required")
        name = expression.get("attribute_name")
        if not isinstance(name, str):
            raise refused("attribute_name is required")
        return self.leaf(name, _PREDICATE[operator], expression["attribute_value"])


def read(query_type: str, query: Any, fields: Collection[str]) -> Asked:
    """The query of one item.

    Args:
        fields: what the partner's registration names; see `libs.common.dci.fields`.

    Raises:
        QueryRefused: it cannot be answered.
    """
    if query_type == QueryType.IDENTIFIER:
        return Asked(_lookup(query), None)
    reader = _Reader(fields)
    if query_type == QueryType.PREDICATE:
        return Asked(Filter(reader.predicates(query)), None)
    if query_type == QueryType.EXPRESSION:
        collection, node = _expression(query)
        return Asked(Filter(reader.tree(node)), collection)
    reason = Reason.FILTER if query_type == "graphql" else Reason.CRITERIA
    raise QueryRefused(reason, "query_type: idtype-value, expression, predicate")


def read_sort(
    sort: Sequence[tuple[str, str]], fields: Collection[str], *, of_person: bool
) -> tuple[SortKey, ...]:
    """What an answer is sorted by: attributes with their orders."""
    keys = []
    for name, order in sort:
        attribute = sortable(name, fields)
        if attribute.of_person and not of_person:
            raise QueryRefused(Reason.SORT, f"{attribute.name} is a person's, not a group's")
        if order not in ("asc", "desc"):
            raise QueryRefused(Reason.SORT, "sort_order: asc, desc")
        keys.append(SortKey(attribute, order == "desc"))
    return tuple(keys)


def area_codes(tree: Tree) -> Iterator[str]:
    """Every area code that the tree compares with."""
    match tree:
        case Leaf(attribute=Attribute(kind=Kind.AREA), value=value):
            yield from value if isinstance(value, list) else (value,)
        case Every(parts) | Some(parts):
            for part in parts:
                yield from area_codes(part)
        case Not(part):
            yield from area_codes(part)


def _every(parts: Sequence[Tree]) -> Tree:
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def _order(item: Mapping[str, Any]) -> float:
    place = item.get("seq_num", 0)
    is_number = isinstance(place, int | float) and not isinstance(place, bool)
    if not is_number or abs(place) > 10**9:
        raise refused("seq_num is a number")
    return float(place)


def _lookup(query: Any) -> Lookup:
    if not isinstance(query, dict):
        raise refused("idtype-value takes type and value")
    kind, value = query.get("type"), query.get("value")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(kind, str) or not isinstance(value, str):
        raise refused("type and value are strings")
    if not (0 < len(kind) <= LONGEST_VALUE and 0 < len(value) <= LONGEST_VALUE):
        raise refused("type or value is empty or too long")
    return Lookup(kind.rpartition(":")[2], value)


def _expression(query: Any) -> tuple[RecordType | None, Any]:
    node = query.get("value", query) if isinstance(query, dict) else None
    node = node.get("expression", node) if isinstance(node, dict) else None
    if not isinstance(node, dict):
        raise refused("an expression is an object")
    if "query" not in node:
        return None, node
    collection = node.get("collection")
    return RecordType.read(collection if isinstance(collection, str) else None), node["query"]

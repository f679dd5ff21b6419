"""The standard's three kinds of queries: what they mean, what is refused, in which words."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.dci.fields import FIELDS, allowed
from libs.common.dci.words import Reason, RecordType
from services.registry.dci import domain
from services.registry.dci.attributes import ATTRIBUTES, QueryRefused
from services.registry.dci.domain import Asked, Every, Filter, Leaf, Lookup, Not, Operator, Some
from services.registry.dci.filters import Compiler

DAY = date(2022, 6, 1)


def expression(query: Any, collection: str = "Group") -> Any:
    inner = {"collection": collection, "query": query}
    return {"type": "ns:org:QueryType:expression", "value": {"expression": inner}}


def read(query_type: str, query: Any, fields: Sequence[str] = tuple(FIELDS)) -> Asked:
    return domain.read(query_type, query, fields)


def tree(query: Any) -> Any:
    asked = read("expression", expression(query)).query
    assert isinstance(asked, Filter)
    return asked.tree


def leaf(name: str, operator: Operator, value: Any) -> Leaf:
    return Leaf(ATTRIBUTES[name], operator, value)


def predicate(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {"attribute_name": name, "operator": operator, "attribute_value": value}


def test_an_expression_is_a_tree_of_comparisons() -> None:
    """Several names in one object are ANDed; a bare value is an equality."""
    query = {
        "$or": [{"poverty_status": "poor"}, {"$not": {"group_size": {"$gte": 3, "$lt": "9"}}}],
        "location": {"$in": ["01882", "06"]},
    }
    size = Every(
        (leaf("group_size", Operator.GE, Decimal(3)), leaf("group_size", Operator.LT, Decimal(9)))
    )
    assert tree(query) == Every(
        (
            Some((leaf("poverty_status", Operator.EQ, "poor"), Not(size))),
            leaf("area_code", Operator.IN, ["01882", "06"]),
        )
    )
    asked = read("expression", expression({"age": {"$lt": 5}}, "spdci:Member"))
    assert asked.collection is RecordType.MEMBER


def test_the_suites_attributes_are_taken_with_numbers_in_strings() -> None:
    """SR-CORE-RG-SYNC-SEARCH-EXPRESSION-01, -PREDICATE-01: age, poverty_score, location, size."""
    query = {
        "$and": [
            {"poverty_score": {"$lt": "5"}},
            {"location": {"$eq": "central_region"}},
            {"group_size": {"$lt": 5}},
            {"age": {"$lt": "25"}},
        ]
    }
    assert isinstance(tree(query), Every)
    item = {"expression1": predicate("age", "lt", "25"), "condition": "and"}
    item["expression2"] = predicate("poverty_score", "lt", "140")
    assert read("predicate", [item]).query == Filter(
        Every(
            (
                leaf("age", Operator.LT, Decimal(25)),
                leaf("poverty_score", Operator.LT, Decimal(140)),
            )
        )
    )


def test_predicates_are_joined_by_their_conditions_and_their_order() -> None:
    first, second = predicate("age", "ge", 16), predicate("sex", "eq", "female")
    one, two = leaf("age", Operator.GE, Decimal(16)), leaf("sex", Operator.EQ, "female")
    for condition, meant in (
        ("and", Every((one, two))),
        ("or", Some((one, two))),
        ("not", Every((one, Not(two)))),
    ):
        item = {"expression1": first, "condition": condition, "expression2": second}
        assert read("predicate", [item]).query == Filter(meant)
    alone = {"expression1": first, "condition": "not"}
    assert read("predicate", [alone]).query == Filter(Not(one))
    items = [{"seq_num": 2, "expression1": second}, {"seq_num": 1, "expression1": first}]
    assert read("predicate", items).query == Filter(Every((one, two)))
    listed = [{"expression1": predicate("sex", "in", "female,male")}]
    assert read("predicate", listed).query == Filter(leaf("sex", Operator.IN, ["female", "male"]))


def deep(levels: int) -> Any:
    query: Any = {"age": 5}
    for _ in range(levels):
        query = {"$not": query}
    return query


@pytest.mark.parametrize(
    ("query_type", "query"),
    [
        ("expression", expression(deep(5))),
        ("expression", expression({"$and": [{"age": 5}] * 21})),
        ("expression", expression({"$and": [{"$or": [{"age": 5}] * 11}] * 2})),
        ("expression", expression({"$where": "sleep(1)"})),
        ("expression", expression({"age": {"$regex": ".*"}})),
        ("expression", expression({"password": 1})),
        ("expression", expression({"household_id); DROP TABLE member; --": 1})),
        ("expression", expression({"age": {"$lt": "old"}})),
        ("expression", expression({"age": {"$lt": "NaN"}})),
        ("expression", expression({"age": {"$lt": True}})),
        ("expression", expression({"birth_date": {"$lt": "yesterday"}})),
        ("expression", expression({"sex": {"$gt": "f"}})),
        ("expression", expression({"age": {"$in": []}})),
        ("expression", expression({"age": {}})),
        ("expression", expression({})),
        ("expression", expression([])),
        ("expression", {"value": "x"}),
        ("expression", []),
        ("predicate", {}),
        ("predicate", []),
        ("predicate", [{}]),
        ("predicate", ["x"]),
        ("predicate", [{"expression1": predicate("age", "like", "2")}]),
        ("predicate", [{"expression1": predicate("age", "lt", "2"), "condition": "xor"}]),
        ("predicate", [{"expression1": predicate("age", "lt", "2"), "seq_num": "first"}]),
        ("predicate", [{"expression1": {"attribute_name": "age", "operator": "lt"}}]),
        ("idtype-value", []),
        ("idtype-value", {"type": "UIN"}),
        ("idtype-value", {"type": "UIN", "value": ""}),
        ("idtype-value", {"type": "UIN", "value": "9" * 101}),
        ("idtype-value", {"type": "UIN", "value": {"$ne": None}}),
        ("sql", {}),
    ],
)
def test_what_makes_no_sense_is_refused_without_an_echo(query_type: str, query: Any) -> None:
    with pytest.raises(QueryRefused) as caught:
        read(query_type, query)
    assert caught.value.reason is Reason.CRITERIA
    for said in ("DROP", "sleep", "yesterday", "password", "9999"):
        assert said not in caught.value.text


def test_graphql_is_for_subscriptions_alone() -> None:
    with pytest.raises(QueryRefused) as caught:
        read("graphql", {})
    assert caught.value.reason is Reason.FILTER


def test_an_attribute_is_open_only_where_the_registration_names_its_field() -> None:
    """One that is closed and one that does not exist get the same words."""
    fields = allowed(["group", "person.sex"])
    for name in ("poverty_status", "sex", "gender"):
        domain.read("expression", expression({name: "poor"}), fields)
    texts = set()
    for name in ("age", "is_disabled", "nothing"):
        with pytest.raises(QueryRefused) as caught:
            domain.read("expression", expression({name: 1}), fields)
        texts.add(caught.value.text)
    assert len(texts) == 1


def test_sorting_knows_its_attributes() -> None:
    [key] = domain.read_sort([("last_updated", "desc")], FIELDS, of_person=False)
    assert (key.attribute.name, key.descending) == ("last_updated", True)
    for sort, of_person in (
        (("name", "asc"), True),
        (("age", "asc"), False),
        (("age", "up"), True),
        (("sex", "asc"), True),
    ):
        with pytest.raises(QueryRefused) as caught:
            domain.read_sort([sort], FIELDS, of_person=of_person)
        assert caught.value.reason is Reason.SORT


_NAMES = st.sampled_from([*ATTRIBUTES, "$and", "$or", "$not", "$eq", "$in", "x'; --", ""])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100)
@given(st.sampled_from(["expression", "predicate", "idtype-value"]), _VALUES)
def test_whatever_is_asked_is_a_query_or_a_refusal(query_type: str, value: Any) -> None:
    """And of a query, every value is a parameter: the statement holds none of them."""
    query = expression(value) if query_type == "expression" else value
    try:
        asked = read(query_type, query)
    except QueryRefused:
        return
    if isinstance(asked.query, Lookup):
        return
    compiler = Compiler(DAY, {}, of_person=True, before=3)
    condition = compiler.condition(asked.query.tree)
    assert "x'" not in condition
    for place in range(1, len(compiler.values) + 1):
        assert f"${place + 3}" in condition

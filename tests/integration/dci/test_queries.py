"""Queries by attributes on real rows: what each finds, in which order, page by page."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest_asyncio

from libs.common.dci.fields import allowed
from libs.common.dci.words import Reason
from libs.common.vocabulary import StatusClass
from services.registry.dci import store
from services.registry.dci.domain import Asked
from services.registry.subscriptions.filters import Told, matches, read_filter
from tests.integration.dci.conftest import (
    DAY,
    EVERYTHING,
    HERE,
    THERE,
    Registry,
    Seeded,
    a_home,
)
from tests.integration.registry.builders import decide
from tests.integration.registry.builders import events as events_of
from tests.support.dci import a_search, an_item

EVERY = {"group_size": {"$gte": 1}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def homes(seeded: Seeded) -> AsyncIterator[dict[str, UUID]]:
    """Households of one commune: poor; near-poor; poor once and escaped; never poor."""
    database = seeded.database
    near_poor, _ = await a_home(database, HERE, "N-1", StatusClass.NEAR_POOR)
    escaped, _ = await a_home(database, HERE, "N-2", None)
    for status, day in ((StatusClass.POOR, date(2022, 1, 1)), (StatusClass.NONE, date(2022, 5, 1))):
        rows: list[tuple[UUID, StatusClass | None]] = [(escaped, status)]
        await decide(database, rows, effective_on=day, signed_on=day)
    never, _ = await a_home(database, HERE, "N-3", None)
    yield {
        "poor": seeded.near[0],
        "near_poor": near_poor,
        "escaped": escaped,
        "never": never,
    }


def an_expression(query: Any, collection: str = "Group", **criteria: Any) -> dict[str, Any]:
    inner = {"expression": {"collection": collection, "query": query}}
    return an_item(
        {"type": "ns:org:QueryType:expression", "value": inner}, "expression", **criteria
    )


def a_comparison(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {"attribute_name": name, "operator": operator, "attribute_value": value}


async def ask(registry: Registry, *items: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await registry.post(a_search(*items))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["message"]["search_response"]
    return found


def ids(response: dict[str, Any], name: str = "group_identifier") -> list[UUID]:
    assert response["status"] == "succ", response
    listed = [one[name] for one in response["data"]["reg_records"]]
    return [UUID(one[-1]["identifier_value"]) for one in listed]


async def test_each_condition_finds_its_households(
    registry: Registry, homes: dict[str, UUID]
) -> None:
    """Another commune's household fulfils many of them, and is never found."""
    everybody = set(homes)
    cases: list[tuple[Any, set[str]]] = [
        (EVERY, everybody),
        ({"poverty_status": "poor"}, {"poor"}),
        ({"poverty_status": {"$in": ["poor", "near_poor"]}}, {"poor", "near_poor"}),
        ({"poverty_status": "newly_escaped"}, {"escaped"}),
        ({"poverty_status": "none"}, {"never"}),
        ({"poverty_status": {"$ne": "poor"}}, everybody - {"poor"}),
        ({"poverty_status": {"$nin": ["poor", "none"]}}, {"near_poor", "escaped"}),
        ({"poverty_status": "rich"}, set()),
        ({"location": "06"}, everybody),
        ({"location": HERE}, everybody),
        ({"location": "01864"}, set()),
        ({"location": "central_region"}, set()),
        ({"group_size": {"$gt": "1", "$lte": 2}}, everybody),
        ({"group_size": {"$gt": 2}}, set()),
        ({"poverty_score": {"$lt": "140"}}, set()),  # not held: unknown
        ({"$not": {"poverty_score": {"$lt": 140}}}, everybody),
        ({"age": {"$lt": 10}, "poverty_status": "poor"}, {"poor"}),  # has a child
        ({"age": {"$gt": 60}}, set()),
        ({"registration_date": {"$lte": "2021-12-01"}}, everybody),
        ({"last_updated": {"$lt": "2021-12-01"}}, set()),
        ({"is_farm_household": "true"}, everybody),
        (
            {"$or": [{"poverty_status": "poor"}, {"$and": [{"poverty_status": "none"}]}]},
            {"poor", "never"},
        ),
        ({"ethnicity": {"$in": ["tay"]}, "sex": "female", "is_disabled": False}, everybody),
        ({"birth_date": {"$gte": "2015-03-02"}, "birth_year": 2015}, everybody),
        ({"employment_status": "farming"}, set()),
        ({"education_level": {"$ne": "primary"}}, everybody),
    ]
    for first in range(0, len(cases), 20):  # so many of a message are answered
        part = cases[first : first + 20]
        found = await ask(registry, *(an_expression(query) for query, _ in part))
        for (query, wanted), response in zip(part, found, strict=True):
            assert set(ids(response)) == {homes[name] for name in wanted}, query
    # A subscription's filter means the same households by their newest events.
    events = {name: (await events_of(registry.database, one))[-1] for name, one in homes.items()}
    for query, wanted in cases:
        asked = read_filter(None, {"value": {"expression": {"query": query}}}, allowed(EVERYTHING))
        meant = {name for name, event in events.items() if _means(asked, event)}
        assert meant == wanted, query


def _means(asked: Asked, event: dict[str, Any]) -> bool:
    updated = datetime.fromisoformat(event["recordedtime"]).date()
    areas = {"06": {HERE, THERE}, HERE: {HERE}, THERE: {THERE}}
    return matches(asked, Told(event["data"], updated), day=DAY, areas=areas)


async def test_persons_are_found_by_what_is_theirs_and_their_households(
    registry: Registry, homes: dict[str, UUID]
) -> None:
    young = {"age": {"$lt": 10}, "poverty_status": "poor"}
    others = ["near_poor", "newly_escaped", "none"]
    woman = [
        {
            "expression1": a_comparison("gender", "eq", "female"),
            "condition": "not",
            "expression2": a_comparison("poverty_status", "in", others),
        }
    ]
    [child, head] = await ask(
        registry,
        an_expression(young, "Member"),
        an_item(woman, "predicate", reg_record_type="SRPerson"),
    )
    [record] = child["data"]["reg_records"]
    assert record["demographic_info"]["birth_date"].startswith("2015-03-02")
    assert ids(head, "identifier") == [registry.bearer]
    [listed] = await ask(
        registry,
        an_item({"type": "HOUSEHOLD_ID", "value": str(registry.near)}, response_entity="Member"),
    )
    assert listed["pagination"]["total_count"] == 2


async def test_pages_follow_each_other_in_their_order(
    registry: Registry, homes: dict[str, UUID]
) -> None:
    """DCI-CORE-PAG-02: page 1 of n; a page behind the last one is empty and knows the number."""
    sort = [{"attribute_name": "birth_date", "sort_order": "desc"}]
    pages = await ask(
        registry,
        *(
            an_expression(EVERY, "Member", sort=sort, pagination=page)
            for page in (
                {"page_size": 3},
                {"page_size": 3, "page_number": 2},
                {"page_size": 3, "page_number": 3},
                {"page_size": 3, "page_number": 9},
            )
        ),
    )
    assert [len(ids(page, "member_identifier")) for page in pages] == [3, 3, 2, 0]
    assert {page["pagination"]["total_count"] for page in pages} == {8}
    seen = [one for page in pages for one in ids(page, "member_identifier")]
    assert len(set(seen)) == 8
    births = [
        record["demographic_info"]["birth_date"]
        for page in pages
        for record in page["data"]["reg_records"]
    ]
    assert births == sorted(births, reverse=True)


async def test_an_item_is_rejected_and_its_neighbours_are_answered(
    registry: Registry, homes: dict[str, UUID], monkeypatch: Any
) -> None:
    good = an_expression({"poverty_status": "poor"})
    cases = [
        (an_expression({"salary": 1}), Reason.CRITERIA),
        (an_item({}, "graphql"), Reason.FILTER),
        (an_expression(EVERY, sort=[{"attribute_name": "name"}]), Reason.SORT),
        (an_expression(EVERY, pagination={"page_size": 1_001}), Reason.PAGINATION),
        (an_expression(EVERY, reg_record_type="Loan"), Reason.CRITERIA),
        (an_expression(EVERY, reg_type="ns:org:RegistryType:Civil"), Reason.CRITERIA),
        (good, Reason.REFERENCE_DUPLICATE),
    ]
    found = await ask(registry, good, *(item for item, _ in cases))
    assert found[0]["status"] == "succ"
    for response, (_, reason) in zip(found[1:], cases, strict=True):
        assert (response["status"], response["status_reason_code"]) == ("rjct", reason)
        assert "data" not in response
    many = await ask(registry, *(an_expression({"poverty_status": "poor"}) for _ in range(21)))
    assert [one["status"] for one in many] == ["succ"] * 20 + ["rjct"]
    monkeypatch.setattr(store, "_PAGE", store._PAGE.replace(str(store.MOST_FOUND + 1), "3"))
    monkeypatch.setattr(store, "MOST_FOUND", 2)
    [too_many] = await ask(registry, an_expression(EVERY, pagination={"page_size": 1}))
    assert too_many["status_reason_code"] == Reason.TOO_MANY

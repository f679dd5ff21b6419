"""Whether a household, as an event says it, is one that a subscription means and may be told of."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from libs.common.dci.fields import NAMES, allowed
from libs.common.partners.domain import Scope
from services.registry.dci.attributes import QueryRefused
from services.registry.subscriptions.domain import Kind, kinds_of
from services.registry.subscriptions.filters import Told, matches, read_filter, status_of
from services.registry.subscriptions.store import Subscription
from services.registry.subscriptions.telling import Lens

DAY = date(2022, 6, 1)
FIELDS = allowed(NAMES)
HEAD, CHILD, GONE = ("00000000-0000-7000-8000-00000000000" + end for end in "123")
AREAS = {"06": frozenset({"01882"}), "01864": frozenset({"01864"})}


def a_person(person_id: str, **facts: Any) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "birth_date": "1980-06-02",
        "birth_year": 1980,
        "sex": "female",
        "ethnicity": "tay",
        "disability": "none",
        "schooling": "none",
        "employment": "farming",
        "left_on": None,
    } | facts


def a_status(status: str, from_day: str = "2022-01-01", until: str | None = None) -> dict[str, Any]:
    return {"status": status, "from_day": from_day, "until": until}


HOUSEHOLD: dict[str, Any] = {
    "household_id": "0000aaaa-0000-7000-8000-000000000000",
    "registered_on": "2021-12-01",
    "area": {"commune": "01882"},
    "is_farm_household": True,
    "members": [
        a_person(HEAD),
        a_person(CHILD, birth_date=None, birth_year=2015, sex="male", disability="mild"),
        a_person(GONE, sex="other", left_on="2022-01-01"),
    ],
    "statuses": [a_status("poor")],
    "escapes": [],
}


def means(given: Any, filter_type: str | None = None, **changed: Any) -> bool:
    asked = read_filter(filter_type, given, FIELDS)
    told = Told(HOUSEHOLD | changed, date(2022, 5, 31))
    return matches(asked, told, day=DAY, areas=AREAS)


def query(node: Any) -> dict[str, Any]:
    return {"type": "any", "value": {"expression": {"collection": "Group", "query": node}}}


@pytest.mark.parametrize(
    ("node", "is_meant"),
    [
        ({"group_size": 2}, True),  # who has left does not count
        ({"group_size": {"$gt": "2"}}, False),
        ({"poverty_status": "poor"}, True),
        ({"poverty_status": {"$in": ["near_poor", "none"]}}, False),
        ({"poverty_status": {"$ne": "poor"}}, False),
        ({"area_code": "06"}, True),
        ({"location": "01864"}, False),
        ({"area_code": "99"}, False),
        ({"registration_date": {"$lt": "2021-12-02"}}, True),
        ({"last_updated": "2022-05-31"}, True),
        ({"is_farm_household": "true"}, True),
        ({"age": {"$eq": 41}}, True),  # her birthday is tomorrow
        ({"age": 42}, False),
        ({"age": 7}, True),  # of whom the year alone is known
        ({"birth_date": "1980-06-02"}, True),
        ({"sex": "other"}, False),  # has left
        ({"is_disabled": True}, True),
        ({"$and": [{"sex": "male"}, {"ethnicity": "tay"}]}, True),
        ({"$or": [{"sex": "other"}, {"employment_status": "farming"}]}, True),
        ({"$not": {"sex": "male"}}, False),
        # What nobody recorded fulfils nothing, and its negation everything.
        ({"poverty_score": {"$lt": 5}}, False),
        ({"poverty_score": {"$not": {"$lt": 5}}}, True),
        ({"$not": {"birth_date": {"$lt": "1970-01-01"}}}, True),
    ],
)
def test_an_expression_means_what_a_search_finds(node: Any, is_meant: bool) -> None:
    assert means(query(node), "expression") is is_meant
    assert means(query(node)) is is_meant  # told by its shape


def test_a_predicate_and_an_identifier_are_told_by_their_shapes() -> None:
    expression = {"attribute_name": "age", "operator": "lt", "attribute_value": "25"}
    assert means([{"seq_num": 1, "expression1": expression}])
    assert means({"type": "HOUSEHOLD_ID", "value": HOUSEHOLD["household_id"].upper()})
    assert means({"type": "PERSON_ID", "value": CHILD})
    assert not means({"type": "PERSON_ID", "value": GONE})
    assert not means({"type": "UIN", "value": CHILD})


def test_a_filter_asks_only_for_what_the_registration_names() -> None:
    with pytest.raises(QueryRefused):
        read_filter(None, query({"sex": "male"}), allowed(["group.group_size"]))
    with pytest.raises(QueryRefused):
        read_filter("graphql", {}, FIELDS)


@pytest.mark.parametrize(
    ("statuses", "escapes", "status"),
    [
        ([], [], "none"),
        ([a_status("near_poor"), a_status("poor")], [], "poor"),
        ([a_status("poor", until="2022-06-01")], [], "none"),
        ([a_status("poor", from_day="2022-06-02")], [], "none"),
        ([a_status("none")], [{"from_day": "2022-01-01", "until": "2025-01-01"}], "newly_escaped"),
        ([a_status("poor")], [{"from_day": "2022-01-01", "until": "2025-01-01"}], "poor"),
        ([a_status("none")], [{"from_day": "2019-01-01", "until": "2022-06-01"}], "none"),
    ],
)
def test_the_class_is_the_worst_that_holds_on_the_day(
    statuses: list[Any], escapes: list[Any], status: str
) -> None:
    assert status_of(HOUSEHOLD | {"statuses": statuses, "escapes": escapes}, DAY) == status


AT = datetime(2022, 6, 1, tzinfo=UTC)
CHANGED, STATUS = "household.changed.v1", "household.status_changed.v1"


def an_event(status: str = "poor", commune: str = "01882", **changed: Any) -> dict[str, Any]:
    data = {"statuses": [a_status(status)], "area": {"commune": commune}} | changed
    return {"recordedtime": AT.isoformat(), "data": HOUSEHOLD | data}


def seen(
    event: dict[str, Any],
    before: dict[str, Any] | None,
    *,
    event_type: str = STATUS,
    types: tuple[str, ...] = ("household.*.v1",),
    kinds: str = "ALL",
    at: datetime = AT,
) -> Kind | None:
    """What a subscriber to the poor of one commune is told."""
    subscription = Subscription(
        code="sub",
        partner="p",
        endpoint_id=UUID(int=1),
        url="",
        areas=("*",),
        kinds=kinds_of(kinds),
        criteria={},
        starts_at=AT,
        ends_at=None,
        subscribed_at=AT,
        unsubscribed_at=None,
    )
    scope = Scope(types, ("*",), frozenset({"01882"}), ("group",))
    asked = read_filter(None, query({"poverty_status": "poor"}), FIELDS)
    lens = Lens(subscription, scope, asked, {}, DAY)
    found = lens.see(
        {"type": event_type, "recorded_at": at},
        event,
        None if before is None else (CHANGED, before),
    )
    assert found is None or (found.data is None) == found.kind.is_farewell
    return None if found is None else found.kind


def test_a_change_is_told_where_the_filter_meant_the_household_before_or_after_it() -> None:
    poor, fine = an_event(), an_event("none")
    assert seen(poor, fine) is Kind.STATUS_CHANGED
    assert seen(fine, poor) is Kind.STATUS_CHANGED
    assert seen(fine, fine) is None
    assert seen(fine, None) is None
    assert seen(poor, poor, kinds="REGISTER") is None


def test_a_household_that_leaves_the_scope_is_told_once_more_to_whoever_was_told() -> None:
    here, there = an_event(), an_event(commune="01864")
    assert seen(there, here) is Kind.SCOPE_LEFT
    assert seen(there, here, kinds="REGISTER") is Kind.SCOPE_LEFT
    assert seen(there, there) is None
    assert seen(there, an_event("none")) is None
    assert seen(here, there) is Kind.STATUS_CHANGED


def test_a_household_that_closes_is_told_once_more_to_whoever_was_told() -> None:
    here, fine, closed = an_event(), an_event("none"), an_event()
    closed["data"]["closed_on"] = "2022-06-01"
    assert seen(closed, here) is Kind.CLOSED
    assert seen(closed, here, kinds="REGISTER") is Kind.CLOSED
    assert seen(closed, closed) is None
    assert seen(closed, fine) is None
    assert seen(here, closed) is Kind.STATUS_CHANGED


def test_what_the_registration_or_the_season_leaves_out_is_not_told() -> None:
    poor = an_event()
    assert seen(poor, poor, types=("household.registered.v1",)) is None
    assert seen(poor, poor, at=AT - timedelta(seconds=1)) is None

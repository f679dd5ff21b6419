"""Which of the registry's events a subscriber is told of, and under which name."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.registry.subscriptions.domain import Kind, is_in_season, kind_of, kinds_of


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("REGISTER", {Kind.REGISTER}),
        ("register", {Kind.REGISTER}),
        ("NewHouseHoldMember", {Kind.NEW_MEMBER}),
        ("spdci:common:RegistryEventType:NewHouseHoldMember", {Kind.NEW_MEMBER}),
        ("UPDATE", {Kind.NEW_MEMBER, Kind.CHANGED, Kind.STATUS_CHANGED}),
        ("ALL", {kind for kind in Kind if not kind.is_farewell}),
        ("vn.poverty.household.status_changed.v1", {Kind.STATUS_CHANGED}),
        ("vn.household.changed.v1", {Kind.CHANGED}),
        ("vn.household.scope_left.v1", set()),  # follows from the registration, not from a wish
        ("LiveBirth", set()),
        ("", set()),
    ],
)
def test_a_subscription_names_events_by_the_standard_or_by_ours(
    name: str, kinds: set[Kind]
) -> None:
    assert kinds_of(name) == kinds


def household(*present: str, left: tuple[str, ...] = ()) -> dict[str, Any]:
    members = [{"person_id": one, "left_on": None} for one in present]
    return {"members": [*members, *({"person_id": one, "left_on": "2022-01-01"} for one in left)]}


@pytest.mark.parametrize(
    ("event_type", "data", "before", "kind"),
    [
        ("household.registered.v1", household("a"), None, Kind.REGISTER),
        ("household.changed.v1", household("a", "b"), household("a"), Kind.NEW_MEMBER),
        ("household.changed.v1", household("a"), household(left=("a",)), Kind.NEW_MEMBER),
        ("household.changed.v1", household("a"), household("a", "b"), Kind.CHANGED),
        ("household.changed.v1", household("a", left=("b",)), household("a", "b"), Kind.CHANGED),
        ("household.changed.v1", household("a"), household("a"), Kind.CHANGED),
        ("household.changed.v1", household("a"), None, Kind.CHANGED),
        ("household.split.v1", household("a"), None, Kind.REGISTER),
        ("household.split.v1", household("a", left=("b",)), household("a", "b"), Kind.CHANGED),
        ("household.merged.v1", household("a", "b"), household("a"), Kind.NEW_MEMBER),
        ("household.status_changed.v1", household("a"), household("a"), Kind.STATUS_CHANGED),
    ],
)
def test_what_happened_is_told_by_the_event_and_the_household_before_it(
    event_type: str, data: dict[str, Any], before: dict[str, Any] | None, kind: Kind
) -> None:
    assert kind_of(event_type, data, before) is kind


def test_the_standard_names_two_kinds_alone() -> None:
    assert {one for one in Kind if one.is_of_the_standard} == {Kind.REGISTER, Kind.NEW_MEMBER}


def test_only_what_is_recorded_within_the_time_subscribed_to_is_told() -> None:
    at, day = datetime(2026, 1, 15, tzinfo=UTC), timedelta(days=1)
    assert is_in_season(None, None, at)
    assert is_in_season(at, at, at)
    assert not is_in_season(at + day, None, at)
    assert not is_in_season(None, at - day, at)

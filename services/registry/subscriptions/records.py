"""A household's record as one event says it, by the same renderer as a search's."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

import asyncpg
from pydantic_core import from_json

from libs.common.vocabulary import Relation, StatusClass
from services.registry.dci.records import (
    CONTEXT,
    Home,
    Renderer,
    Standing,
    address_of,
)
from services.registry.dci.store import CommuneNames
from services.registry.subscriptions.domain import Data
from services.registry.subscriptions.filters import holding, present, status_of
from services.registry.subscriptions.telling import Telling

Record = dict[str, Any]
_POOR = (StatusClass.POOR.value, StatusClass.NEAR_POOR.value)


def members_of(told: Sequence[Telling]) -> list[UUID]:
    """Who is a member after one of the events."""
    return [UUID(one["person_id"]) for each in told if each.data for one in present(each.data)]


def group(
    render: Renderer,
    communes: CommuneNames,
    one: Telling,
    day: date,
    names: Mapping[UUID, bytes],
) -> Record:
    """The household after the event, with the fields that may be said.

    Args:
        communes: has loaded the household's commune.
        day: on which its class counts.
        names: written, of those who may be named.
    """
    data = one.data or {}
    recorded_at, area = one.row["recorded_at"], data["area"]
    registered_on = date.fromisoformat(data["registered_on"])
    moved_in = date.fromisoformat(area["from_day"])
    commune = communes.on(area["commune"], max(registered_on, moved_in))
    home = Home(
        row=_row(
            household_id=one.household_id,
            registered_on=registered_on,
            recorded_at=recorded_at,
            residence=area["commune"],
            is_farm_household=data["is_farm_household"],
        ),
        commune=commune,
        address=address_of(area["commune"], commune),
        standing=standing_of(data, day),
        members=[_member(member, recorded_at) for member in present(data)],
        names=names,
    )
    return _about(from_json(render.group(home)), one)


def left(one: Telling) -> Record:
    """That the household is no longer the subscriber's, or closed: its id alone."""
    identifier = {"identifier_type": "HOUSEHOLD_ID", "identifier_value": str(one.household_id)}
    record = {"@context": CONTEXT, "@type": "spdci:Group", "group_identifier": [identifier]}
    return _about(record, one)


def _about(record: Record, one: Telling) -> Record:
    """The record with what happened, where national facts stand."""
    return record | {
        "additional_attributes": [
            *record.get("additional_attributes", ()),
            {"event_type": one.kind.value},
        ]
    }


def standing_of(data: Data, day: date) -> Standing:
    """The household's class on a day, with the decision behind it."""
    status = status_of(data, day)
    numbers = {one["decision_id"]: one["number"] for one in data["decisions"]}
    held: Sequence[Data] = [one for one in holding(data["statuses"], day) if one["status"] in _POOR]
    if held:
        period = next(one for one in held if one["status"] == status)
    elif windows := holding(data["escapes"], day):
        period = max(windows, key=lambda one: str(one["until"]))
    else:
        return Standing(status)
    return Standing(
        status,
        period["standard"],
        date.fromisoformat(period["from_day"]),
        None if period["until"] is None else date.fromisoformat(period["until"]),
        numbers.get(period["decision_id"]),
    )


def _member(one: Data, recorded_at: Any) -> asyncpg.Record:
    born, joined = one["birth_date"], one["joined_on"]
    given = {
        **one,
        "person_id": UUID(one["person_id"]),
        "birth_date": None if born is None else date.fromisoformat(born),
        "joined_on": date.fromisoformat(joined),
        "relation": Relation(one["relation"]),
        "recorded_at": recorded_at,
    }
    return _row(**given)


def _row(**values: Any) -> asyncpg.Record:
    """Values by name, as the renderer reads them from a row."""
    return cast(asyncpg.Record, values)

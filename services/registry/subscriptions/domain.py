"""Which of the registry's events a subscriber is told of, and under which name. Pure.

The standard's social file names two events only, REGISTER and NewHouseHoldMember; whatever else
happens to a household goes out without `reg_event_type`, under a name of ours in the header's meta.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

Data = Mapping[str, Any]  # of an event on a household, as its JSON has it


class Kind(StrEnum):
    """What a notification is about."""

    REGISTER = "REGISTER"
    NEW_MEMBER = "NewHouseHoldMember"
    CHANGED = "vn.household.changed.v1"
    STATUS_CHANGED = "vn.poverty.household.status_changed.v1"
    SCOPE_LEFT = "vn.household.scope_left.v1"  # the subscriber may see it no longer
    CLOSED = "vn.household.closed.v1"  # it counts nowhere any more

    @property
    def is_of_the_standard(self) -> bool:
        """Whether `reg_event_type` may name it."""
        return self in (Kind.REGISTER, Kind.NEW_MEMBER)

    @property
    def is_farewell(self) -> bool:
        """Whether it is the last that a subscriber hears, told whatever was subscribed to."""
        return self in (Kind.SCOPE_LEFT, Kind.CLOSED)


_ASKED = frozenset(kind for kind in Kind if not kind.is_farewell)
_NAMES = {kind.value.lower(): frozenset({kind}) for kind in _ASKED} | {
    "update": _ASKED - {Kind.REGISTER},  # as peers use it
    "all": _ASKED,  # in one order: each subscription has an order of its own
}


def kinds_of(name: str) -> frozenset[Kind]:
    """What a subscription to this name is told of; nothing where the name means nothing here.

    A name may stand with a prefix before a colon, as the standard's code lists have it.
    """
    return _NAMES.get(name.rpartition(":")[2].strip().lower(), frozenset())


def kind_of(event_type: str, data: Data, before: Data | None) -> Kind:
    """What happened.

    Args:
        event_type: of the registry's stream `household`.
        data: the household after it.
        before: the household before it; None where it was not known.
    """
    match event_type.split(".")[1]:
        case "registered":
            return Kind.REGISTER
        case "split" if before is None:
            return Kind.REGISTER
        case "status_changed":
            return Kind.STATUS_CHANGED
    if before is not None and _present(data) - _present(before):
        return Kind.NEW_MEMBER
    return Kind.CHANGED


def is_closed(data: Data) -> bool:
    """Whether the household counts nowhere any more."""
    return data.get("closed_on") is not None


def _present(data: Data) -> set[str]:
    return {str(one["person_id"]) for one in data["members"] if one["left_on"] is None}


def is_in_season(starts_at: datetime | None, ends_at: datetime | None, at: datetime) -> bool:
    """Whether something that was recorded then is within the time that was subscribed to."""
    return (starts_at is None or starts_at <= at) and (ends_at is None or at <= ends_at)

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.list_state import ListState

T = TypeVar("T", bound="ListOut")


@_attrs_define
class ListOut:
    """A list; `waiting` of its needs wait for the commune, the first until `due_on`.

    Attributes:
        list_id (UUID):
        commune (str):
        group_id (None | UUID):
        voted_on (datetime.date):
        minutes_number (str):
        state (ListState): Whether a list waits for somebody.
        waiting (int):
        due_on (datetime.date | None):
        is_overdue (bool):
        entries_total (int):
        recorded_at (datetime.datetime):
    """

    list_id: UUID
    commune: str
    group_id: None | UUID
    voted_on: datetime.date
    minutes_number: str
    state: ListState
    waiting: int
    due_on: datetime.date | None
    is_overdue: bool
    entries_total: int
    recorded_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        list_id = str(self.list_id)

        commune = self.commune

        group_id: None | str
        if isinstance(self.group_id, UUID):
            group_id = str(self.group_id)
        else:
            group_id = self.group_id

        voted_on = self.voted_on.isoformat()

        minutes_number = self.minutes_number

        state = self.state.value

        waiting = self.waiting

        due_on: None | str
        if isinstance(self.due_on, datetime.date):
            due_on = self.due_on.isoformat()
        else:
            due_on = self.due_on

        is_overdue = self.is_overdue

        entries_total = self.entries_total

        recorded_at = self.recorded_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "list_id": list_id,
                "commune": commune,
                "group_id": group_id,
                "voted_on": voted_on,
                "minutes_number": minutes_number,
                "state": state,
                "waiting": waiting,
                "due_on": due_on,
                "is_overdue": is_overdue,
                "entries_total": entries_total,
                "recorded_at": recorded_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        list_id = UUID(d.pop("list_id"))

        commune = d.pop("commune")

        def _parse_group_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                group_id_type_0 = UUID(data)

                return group_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        group_id = _parse_group_id(d.pop("group_id"))

        voted_on = datetime.date.fromisoformat(d.pop("voted_on"))

        minutes_number = d.pop("minutes_number")

        state = ListState(d.pop("state"))

        waiting = d.pop("waiting")

        def _parse_due_on(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                due_on_type_0 = datetime.date.fromisoformat(data)

                return due_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        due_on = _parse_due_on(d.pop("due_on"))

        is_overdue = d.pop("is_overdue")

        entries_total = d.pop("entries_total")

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at"))

        list_out = cls(
            list_id=list_id,
            commune=commune,
            group_id=group_id,
            voted_on=voted_on,
            minutes_number=minutes_number,
            state=state,
            waiting=waiting,
            due_on=due_on,
            is_overdue=is_overdue,
            entries_total=entries_total,
            recorded_at=recorded_at,
        )

        list_out.additional_properties = d
        return list_out

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties

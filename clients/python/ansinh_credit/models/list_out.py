from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.list_state import ListState
from ..types import UNSET, Unset

T = TypeVar("T", bound="ListOut")


@_attrs_define
class ListOut:
    """A list; `waiting` of its needs wait for the commune, the first until `due_on`.

    Attributes:
        list_id (UUID):
        commune (str | Unset):
        group_id (None | Unset | UUID):
        voted_on (datetime.date | Unset):
        minutes_number (str | Unset):
        state (ListState | Unset): Whether a list waits for somebody.
        waiting (int | Unset):
        due_on (datetime.date | None | Unset):
        is_overdue (bool | Unset):
        entries_total (int | Unset):
        recorded_at (datetime.datetime | Unset):
    """

    list_id: UUID
    commune: str | Unset = UNSET
    group_id: None | Unset | UUID = UNSET
    voted_on: datetime.date | Unset = UNSET
    minutes_number: str | Unset = UNSET
    state: ListState | Unset = UNSET
    waiting: int | Unset = UNSET
    due_on: datetime.date | None | Unset = UNSET
    is_overdue: bool | Unset = UNSET
    entries_total: int | Unset = UNSET
    recorded_at: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        list_id = str(self.list_id)

        commune = self.commune

        group_id: None | str | Unset
        if isinstance(self.group_id, Unset):
            group_id = UNSET
        elif isinstance(self.group_id, UUID):
            group_id = str(self.group_id)
        else:
            group_id = self.group_id

        voted_on: str | Unset = UNSET
        if not isinstance(self.voted_on, Unset):
            voted_on = self.voted_on.isoformat()

        minutes_number = self.minutes_number

        state: str | Unset = UNSET
        if not isinstance(self.state, Unset):
            state = self.state.value

        waiting = self.waiting

        due_on: None | str | Unset
        if isinstance(self.due_on, Unset):
            due_on = UNSET
        elif isinstance(self.due_on, datetime.date):
            due_on = self.due_on.isoformat()
        else:
            due_on = self.due_on

        is_overdue = self.is_overdue

        entries_total = self.entries_total

        recorded_at: str | Unset = UNSET
        if not isinstance(self.recorded_at, Unset):
            recorded_at = self.recorded_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "list_id": list_id,
            }
        )
        if commune is not UNSET:
            field_dict["commune"] = commune
        if group_id is not UNSET:
            field_dict["group_id"] = group_id
        if voted_on is not UNSET:
            field_dict["voted_on"] = voted_on
        if minutes_number is not UNSET:
            field_dict["minutes_number"] = minutes_number
        if state is not UNSET:
            field_dict["state"] = state
        if waiting is not UNSET:
            field_dict["waiting"] = waiting
        if due_on is not UNSET:
            field_dict["due_on"] = due_on
        if is_overdue is not UNSET:
            field_dict["is_overdue"] = is_overdue
        if entries_total is not UNSET:
            field_dict["entries_total"] = entries_total
        if recorded_at is not UNSET:
            field_dict["recorded_at"] = recorded_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        list_id = UUID(d.pop("list_id"))

        commune = d.pop("commune", UNSET)

        def _parse_group_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                group_id_type_0 = UUID(data)

                return group_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        group_id = _parse_group_id(d.pop("group_id", UNSET))

        _voted_on = d.pop("voted_on", UNSET)
        voted_on: datetime.date | Unset
        if isinstance(_voted_on, Unset):
            voted_on = UNSET
        else:
            voted_on = datetime.date.fromisoformat(_voted_on)

        minutes_number = d.pop("minutes_number", UNSET)

        _state = d.pop("state", UNSET)
        state: ListState | Unset
        if isinstance(_state, Unset):
            state = UNSET
        else:
            state = ListState(_state)

        waiting = d.pop("waiting", UNSET)

        def _parse_due_on(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                due_on_type_0 = datetime.date.fromisoformat(data)

                return due_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        due_on = _parse_due_on(d.pop("due_on", UNSET))

        is_overdue = d.pop("is_overdue", UNSET)

        entries_total = d.pop("entries_total", UNSET)

        _recorded_at = d.pop("recorded_at", UNSET)
        recorded_at: datetime.datetime | Unset
        if isinstance(_recorded_at, Unset):
            recorded_at = UNSET
        else:
            recorded_at = datetime.datetime.fromisoformat(_recorded_at)

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.grade import Grade
from ..models.union import Union

T = TypeVar("T", bound="GroupOut")


@_attrs_define
class GroupOut:
    """A group as it is today. `is_complete`: it has members enough to vote on loans.

    Attributes:
        group_id (UUID):
        commune (str):
        village (str):
        union (Union): The entrusted unions that run the groups.
        founded_on (datetime.date):
        members (int):
        is_complete (bool):
        grade (Grade | None):
        graded_on (datetime.date | None):
    """

    group_id: UUID
    commune: str
    village: str
    union: Union
    founded_on: datetime.date
    members: int
    is_complete: bool
    grade: Grade | None
    graded_on: datetime.date | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        group_id = str(self.group_id)

        commune = self.commune

        village = self.village

        union = self.union.value

        founded_on = self.founded_on.isoformat()

        members = self.members

        is_complete = self.is_complete

        grade: None | str
        if isinstance(self.grade, Grade):
            grade = self.grade.value
        else:
            grade = self.grade

        graded_on: None | str
        if isinstance(self.graded_on, datetime.date):
            graded_on = self.graded_on.isoformat()
        else:
            graded_on = self.graded_on

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "group_id": group_id,
                "commune": commune,
                "village": village,
                "union": union,
                "founded_on": founded_on,
                "members": members,
                "is_complete": is_complete,
                "grade": grade,
                "graded_on": graded_on,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        group_id = UUID(d.pop("group_id"))

        commune = d.pop("commune")

        village = d.pop("village")

        union = Union(d.pop("union"))

        founded_on = datetime.date.fromisoformat(d.pop("founded_on"))

        members = d.pop("members")

        is_complete = d.pop("is_complete")

        def _parse_grade(data: object) -> Grade | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                grade_type_0 = Grade(data)

                return grade_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Grade | None, data)

        grade = _parse_grade(d.pop("grade"))

        def _parse_graded_on(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                graded_on_type_0 = datetime.date.fromisoformat(data)

                return graded_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        graded_on = _parse_graded_on(d.pop("graded_on"))

        group_out = cls(
            group_id=group_id,
            commune=commune,
            village=village,
            union=union,
            founded_on=founded_on,
            members=members,
            is_complete=is_complete,
            grade=grade,
            graded_on=graded_on,
        )

        group_out.additional_properties = d
        return group_out

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

from ..models.union import Union

T = TypeVar("T", bound="GroupIn")


@_attrs_define
class GroupIn:
    """A group that was founded; `group_id` is given by the sender, once for ever.

    Attributes:
        group_id (UUID):
        commune (str):
        village (str):
        union (Union): The entrusted unions that run the groups.
        founded_on (datetime.date):
    """

    group_id: UUID
    commune: str
    village: str
    union: Union
    founded_on: datetime.date

    def to_dict(self) -> dict[str, Any]:
        group_id = str(self.group_id)

        commune = self.commune

        village = self.village

        union = self.union.value

        founded_on = self.founded_on.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "group_id": group_id,
                "commune": commune,
                "village": village,
                "union": union,
                "founded_on": founded_on,
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

        group_in = cls(
            group_id=group_id,
            commune=commune,
            village=village,
            union=union,
            founded_on=founded_on,
        )

        return group_in

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.ballot_in import BallotIn


T = TypeVar("T", bound="ListIn")


@_attrs_define
class ListIn:
    """A list 03/TD with the number of its minutes (10C/TD), under an id that the caller gives.

    Listed is what more than half of the votes are for; the rest is declined.

        Attributes:
            list_id (UUID):
            commune (str):
            voted_on (datetime.date):
            minutes_number (str):
            entries (list[BallotIn]):
            group_id (None | Unset | UUID):
    """

    list_id: UUID
    commune: str
    voted_on: datetime.date
    minutes_number: str
    entries: list[BallotIn]
    group_id: None | Unset | UUID = UNSET

    def to_dict(self) -> dict[str, Any]:
        list_id = str(self.list_id)

        commune = self.commune

        voted_on = self.voted_on.isoformat()

        minutes_number = self.minutes_number

        entries = []
        for entries_item_data in self.entries:
            entries_item = entries_item_data.to_dict()
            entries.append(entries_item)

        group_id: None | str | Unset
        if isinstance(self.group_id, Unset):
            group_id = UNSET
        elif isinstance(self.group_id, UUID):
            group_id = str(self.group_id)
        else:
            group_id = self.group_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "list_id": list_id,
                "commune": commune,
                "voted_on": voted_on,
                "minutes_number": minutes_number,
                "entries": entries,
            }
        )
        if group_id is not UNSET:
            field_dict["group_id"] = group_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.ballot_in import BallotIn

        d = dict(src_dict)
        list_id = UUID(d.pop("list_id"))

        commune = d.pop("commune")

        voted_on = datetime.date.fromisoformat(d.pop("voted_on"))

        minutes_number = d.pop("minutes_number")

        entries = []
        _entries = d.pop("entries")
        for entries_item_data in _entries:
            entries_item = BallotIn.from_dict(entries_item_data)

            entries.append(entries_item)

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

        list_in = cls(
            list_id=list_id,
            commune=commune,
            voted_on=voted_on,
            minutes_number=minutes_number,
            entries=entries,
            group_id=group_id,
        )

        return list_in

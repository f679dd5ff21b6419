from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.verdict_in import VerdictIn


T = TypeVar("T", bound="ConfirmationIn")


@_attrs_define
class ConfirmationIn:
    """The commune's confirmation of a list, or of some of it.

    Attributes:
        confirmed_on (datetime.date):
        entries (list[VerdictIn]):
    """

    confirmed_on: datetime.date
    entries: list[VerdictIn]

    def to_dict(self) -> dict[str, Any]:
        confirmed_on = self.confirmed_on.isoformat()

        entries = []
        for entries_item_data in self.entries:
            entries_item = entries_item_data.to_dict()
            entries.append(entries_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "confirmed_on": confirmed_on,
                "entries": entries,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.verdict_in import VerdictIn

        d = dict(src_dict)
        confirmed_on = datetime.date.fromisoformat(d.pop("confirmed_on"))

        entries = []
        _entries = d.pop("entries")
        for entries_item_data in _entries:
            entries_item = VerdictIn.from_dict(entries_item_data)

            entries.append(entries_item)

        confirmation_in = cls(
            confirmed_on=confirmed_on,
            entries=entries,
        )

        return confirmation_in

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="UseCheckIn")


@_attrs_define
class UseCheckIn:
    """Form 06/TD: what the loan was used for. The note holds no names; it is said to nobody.

    Attributes:
        checked_on (datetime.date):
        used_as_agreed (bool):
        note (None | str | Unset):
    """

    checked_on: datetime.date
    used_as_agreed: bool
    note: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        checked_on = self.checked_on.isoformat()

        used_as_agreed = self.used_as_agreed

        note: None | str | Unset
        if isinstance(self.note, Unset):
            note = UNSET
        else:
            note = self.note

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "checked_on": checked_on,
                "used_as_agreed": used_as_agreed,
            }
        )
        if note is not UNSET:
            field_dict["note"] = note

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        checked_on = datetime.date.fromisoformat(d.pop("checked_on"))

        used_as_agreed = d.pop("used_as_agreed")

        def _parse_note(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        note = _parse_note(d.pop("note", UNSET))

        use_check_in = cls(
            checked_on=checked_on,
            used_as_agreed=used_as_agreed,
            note=note,
        )

        return use_check_in

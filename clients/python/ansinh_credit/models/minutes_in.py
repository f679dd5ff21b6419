from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="MinutesIn")


@_attrs_define
class MinutesIn:
    """That both sides have taken up what differs: the minutes (biên bản đối chiếu).

    Attributes:
        answered_on (datetime.date):
        document (str):
    """

    answered_on: datetime.date
    document: str

    def to_dict(self) -> dict[str, Any]:
        answered_on = self.answered_on.isoformat()

        document = self.document

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "answered_on": answered_on,
                "document": document,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        answered_on = datetime.date.fromisoformat(d.pop("answered_on"))

        document = d.pop("document")

        minutes_in = cls(
            answered_on=answered_on,
            document=document,
        )

        return minutes_in

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="WriteOffIn")


@_attrs_define
class WriteOffIn:
    """What is owed is forgiven.

    Attributes:
        on (datetime.date):
        document (str):
    """

    on: datetime.date
    document: str

    def to_dict(self) -> dict[str, Any]:
        on = self.on.isoformat()

        document = self.document

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "on": on,
                "document": document,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        on = datetime.date.fromisoformat(d.pop("on"))

        document = d.pop("document")

        write_off_in = cls(
            on=on,
            document=document,
        )

        return write_off_in

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ExtensionIn")


@_attrs_define
class ExtensionIn:
    """A new last day of the term.

    Attributes:
        until (datetime.date):
        document (str):
    """

    until: datetime.date
    document: str

    def to_dict(self) -> dict[str, Any]:
        until = self.until.isoformat()

        document = self.document

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "until": until,
                "document": document,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        until = datetime.date.fromisoformat(d.pop("until"))

        document = d.pop("document")

        extension_in = cls(
            until=until,
            document=document,
        )

        return extension_in

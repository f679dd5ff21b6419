from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="FreezeIn")


@_attrs_define
class FreezeIn:
    """Frozen from a day for so many months.

    Attributes:
        from_ (datetime.date):
        months (int):
        document (str):
    """

    from_: datetime.date
    months: int
    document: str

    def to_dict(self) -> dict[str, Any]:
        from_ = self.from_.isoformat()

        months = self.months

        document = self.document

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "from": from_,
                "months": months,
                "document": document,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        from_ = datetime.date.fromisoformat(d.pop("from"))

        months = d.pop("months")

        document = d.pop("document")

        freeze_in = cls(
            from_=from_,
            months=months,
            document=document,
        )

        return freeze_in

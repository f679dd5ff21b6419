from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ReceiptIn")


@_attrs_define
class ReceiptIn:
    """The bank has received the need.

    Attributes:
        received_on (datetime.date):
    """

    received_on: datetime.date

    def to_dict(self) -> dict[str, Any]:
        received_on = self.received_on.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "received_on": received_on,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        received_on = datetime.date.fromisoformat(d.pop("received_on"))

        receipt_in = cls(
            received_on=received_on,
        )

        return receipt_in

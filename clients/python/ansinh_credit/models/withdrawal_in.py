from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="WithdrawalIn")


@_attrs_define
class WithdrawalIn:
    """The household does not want the loan any more.

    Attributes:
        on (datetime.date):
        reason (str):
    """

    on: datetime.date
    reason: str

    def to_dict(self) -> dict[str, Any]:
        on = self.on.isoformat()

        reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "on": on,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        on = datetime.date.fromisoformat(d.pop("on"))

        reason = d.pop("reason")

        withdrawal_in = cls(
            on=on,
            reason=reason,
        )

        return withdrawal_in

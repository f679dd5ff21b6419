from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="AnswerIn")


@_attrs_define
class AnswerIn:
    """The bank's answer (notice 04/TD).

    Approved: `amount` (VND) and `months` where they are less than asked for. Refused: why.

        Attributes:
            approved (bool):
            answered_on (datetime.date):
            amount (int | None | Unset):
            months (int | None | Unset):
            reason (None | str | Unset):
    """

    approved: bool
    answered_on: datetime.date
    amount: int | None | Unset = UNSET
    months: int | None | Unset = UNSET
    reason: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        approved = self.approved

        answered_on = self.answered_on.isoformat()

        amount: int | None | Unset
        if isinstance(self.amount, Unset):
            amount = UNSET
        else:
            amount = self.amount

        months: int | None | Unset
        if isinstance(self.months, Unset):
            months = UNSET
        else:
            months = self.months

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        else:
            reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "approved": approved,
                "answered_on": answered_on,
            }
        )
        if amount is not UNSET:
            field_dict["amount"] = amount
        if months is not UNSET:
            field_dict["months"] = months
        if reason is not UNSET:
            field_dict["reason"] = reason

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        approved = d.pop("approved")

        answered_on = datetime.date.fromisoformat(d.pop("answered_on"))

        def _parse_amount(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        amount = _parse_amount(d.pop("amount", UNSET))

        def _parse_months(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        months = _parse_months(d.pop("months", UNSET))

        def _parse_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        answer_in = cls(
            approved=approved,
            answered_on=answered_on,
            amount=amount,
            months=months,
            reason=reason,
        )

        return answer_in

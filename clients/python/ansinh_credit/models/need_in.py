from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.capital_source import CapitalSource
from ..types import UNSET, Unset

T = TypeVar("T", bound="NeedIn")


@_attrs_define
class NeedIn:
    """Form 01/TD: what the household asks for, in VND and months, through which group.

    Attributes:
        referral_id (UUID):
        purpose (str):
        amount (int):
        months (int):
        source (CapitalSource): Whose money is lent (nguồn vốn).
        applied_on (datetime.date):
        group_id (None | Unset | UUID):
    """

    referral_id: UUID
    purpose: str
    amount: int
    months: int
    source: CapitalSource
    applied_on: datetime.date
    group_id: None | Unset | UUID = UNSET

    def to_dict(self) -> dict[str, Any]:
        referral_id = str(self.referral_id)

        purpose = self.purpose

        amount = self.amount

        months = self.months

        source = self.source.value

        applied_on = self.applied_on.isoformat()

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
                "referral_id": referral_id,
                "purpose": purpose,
                "amount": amount,
                "months": months,
                "source": source,
                "applied_on": applied_on,
            }
        )
        if group_id is not UNSET:
            field_dict["group_id"] = group_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        referral_id = UUID(d.pop("referral_id"))

        purpose = d.pop("purpose")

        amount = d.pop("amount")

        months = d.pop("months")

        source = CapitalSource(d.pop("source"))

        applied_on = datetime.date.fromisoformat(d.pop("applied_on"))

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

        need_in = cls(
            referral_id=referral_id,
            purpose=purpose,
            amount=amount,
            months=months,
            source=source,
            applied_on=applied_on,
            group_id=group_id,
        )

        return need_in

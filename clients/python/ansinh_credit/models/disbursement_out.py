from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="DisbursementOut")


@_attrs_define
class DisbursementOut:
    """What was paid out: of it the loan tells.

    Attributes:
        paid_on (datetime.date | Unset):
        amount (int | Unset):
        contract_number (str | Unset):
    """

    paid_on: datetime.date | Unset = UNSET
    amount: int | Unset = UNSET
    contract_number: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        paid_on: str | Unset = UNSET
        if not isinstance(self.paid_on, Unset):
            paid_on = self.paid_on.isoformat()

        amount = self.amount

        contract_number = self.contract_number

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if paid_on is not UNSET:
            field_dict["paid_on"] = paid_on
        if amount is not UNSET:
            field_dict["amount"] = amount
        if contract_number is not UNSET:
            field_dict["contract_number"] = contract_number

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        _paid_on = d.pop("paid_on", UNSET)
        paid_on: datetime.date | Unset
        if isinstance(_paid_on, Unset):
            paid_on = UNSET
        else:
            paid_on = datetime.date.fromisoformat(_paid_on)

        amount = d.pop("amount", UNSET)

        contract_number = d.pop("contract_number", UNSET)

        disbursement_out = cls(
            paid_on=paid_on,
            amount=amount,
            contract_number=contract_number,
        )

        disbursement_out.additional_properties = d
        return disbursement_out

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties

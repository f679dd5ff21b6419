from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="PlanIn")


@_attrs_define
class PlanIn:
    """How much may be lent in the year, VND, by which document.

    Attributes:
        amount (int):
        document (str):
    """

    amount: int
    document: str

    def to_dict(self) -> dict[str, Any]:
        amount = self.amount

        document = self.document

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "amount": amount,
                "document": document,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        amount = d.pop("amount")

        document = d.pop("document")

        plan_in = cls(
            amount=amount,
            document=document,
        )

        return plan_in

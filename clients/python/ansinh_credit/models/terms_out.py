from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TermsOut")


@_attrs_define
class TermsOut:
    """Loan terms from the day `on`: VND, months, percent a year as decimal text.

    Attributes:
        on (datetime.date):
        max_amount (int | None):
        max_months (int | None):
        yearly_rate_percent (str):
        overdue_rate_percent (str):
        document (str):
        is_confirmed (bool):
    """

    on: datetime.date
    max_amount: int | None
    max_months: int | None
    yearly_rate_percent: str
    overdue_rate_percent: str
    document: str
    is_confirmed: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        on = self.on.isoformat()

        max_amount: int | None
        max_amount = self.max_amount

        max_months: int | None
        max_months = self.max_months

        yearly_rate_percent = self.yearly_rate_percent

        overdue_rate_percent = self.overdue_rate_percent

        document = self.document

        is_confirmed = self.is_confirmed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "on": on,
                "max_amount": max_amount,
                "max_months": max_months,
                "yearly_rate_percent": yearly_rate_percent,
                "overdue_rate_percent": overdue_rate_percent,
                "document": document,
                "is_confirmed": is_confirmed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        on = datetime.date.fromisoformat(d.pop("on"))

        def _parse_max_amount(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        max_amount = _parse_max_amount(d.pop("max_amount"))

        def _parse_max_months(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        max_months = _parse_max_months(d.pop("max_months"))

        yearly_rate_percent = d.pop("yearly_rate_percent")

        overdue_rate_percent = d.pop("overdue_rate_percent")

        document = d.pop("document")

        is_confirmed = d.pop("is_confirmed")

        terms_out = cls(
            on=on,
            max_amount=max_amount,
            max_months=max_months,
            yearly_rate_percent=yearly_rate_percent,
            overdue_rate_percent=overdue_rate_percent,
            document=document,
            is_confirmed=is_confirmed,
        )

        terms_out.additional_properties = d
        return terms_out

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

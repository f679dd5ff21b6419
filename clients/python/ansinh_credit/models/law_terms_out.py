from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="LawTermsOut")


@_attrs_define
class LawTermsOut:
    """The terms of a programme on a day: VND, months, percent a year as decimal text.

    `table` and `row` name the rule, `document` its source; `is_confirmed` is false where that is
    still to be confirmed.

        Attributes:
            programme (str):
            on (datetime.date):
            max_amount (int):
            max_months (int):
            yearly_rate_percent (str):
            overdue_rate_percent (str):
            document (str):
            is_confirmed (bool):
            table (str):
            row (str):
    """

    programme: str
    on: datetime.date
    max_amount: int
    max_months: int
    yearly_rate_percent: str
    overdue_rate_percent: str
    document: str
    is_confirmed: bool
    table: str
    row: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        programme = self.programme

        on = self.on.isoformat()

        max_amount = self.max_amount

        max_months = self.max_months

        yearly_rate_percent = self.yearly_rate_percent

        overdue_rate_percent = self.overdue_rate_percent

        document = self.document

        is_confirmed = self.is_confirmed

        table = self.table

        row = self.row

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "programme": programme,
                "on": on,
                "max_amount": max_amount,
                "max_months": max_months,
                "yearly_rate_percent": yearly_rate_percent,
                "overdue_rate_percent": overdue_rate_percent,
                "document": document,
                "is_confirmed": is_confirmed,
                "table": table,
                "row": row,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        programme = d.pop("programme")

        on = datetime.date.fromisoformat(d.pop("on"))

        max_amount = d.pop("max_amount")

        max_months = d.pop("max_months")

        yearly_rate_percent = d.pop("yearly_rate_percent")

        overdue_rate_percent = d.pop("overdue_rate_percent")

        document = d.pop("document")

        is_confirmed = d.pop("is_confirmed")

        table = d.pop("table")

        row = d.pop("row")

        law_terms_out = cls(
            programme=programme,
            on=on,
            max_amount=max_amount,
            max_months=max_months,
            yearly_rate_percent=yearly_rate_percent,
            overdue_rate_percent=overdue_rate_percent,
            document=document,
            is_confirmed=is_confirmed,
            table=table,
            row=row,
        )

        law_terms_out.additional_properties = d
        return law_terms_out

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.capital_source import CapitalSource
from ..types import UNSET, Unset

T = TypeVar("T", bound="DisbursementIn")


@_attrs_define
class DisbursementIn:
    """What the bank paid out: amount in VND, the number of the loan contract.

    `months` is the loan's term; without it the approved one, without a need the longest of the
    programme. `source` is whose money; without it as applied for, without a need central.

        Attributes:
            paid_on (datetime.date):
            amount (int):
            contract_number (str):
            months (int | None | Unset):
            source (CapitalSource | None | Unset):
    """

    paid_on: datetime.date
    amount: int
    contract_number: str
    months: int | None | Unset = UNSET
    source: CapitalSource | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        paid_on = self.paid_on.isoformat()

        amount = self.amount

        contract_number = self.contract_number

        months: int | None | Unset
        if isinstance(self.months, Unset):
            months = UNSET
        else:
            months = self.months

        source: None | str | Unset
        if isinstance(self.source, Unset):
            source = UNSET
        elif isinstance(self.source, CapitalSource):
            source = self.source.value
        else:
            source = self.source

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "paid_on": paid_on,
                "amount": amount,
                "contract_number": contract_number,
            }
        )
        if months is not UNSET:
            field_dict["months"] = months
        if source is not UNSET:
            field_dict["source"] = source

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        paid_on = datetime.date.fromisoformat(d.pop("paid_on"))

        amount = d.pop("amount")

        contract_number = d.pop("contract_number")

        def _parse_months(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        months = _parse_months(d.pop("months", UNSET))

        def _parse_source(data: object) -> CapitalSource | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                source_type_0 = CapitalSource(data)

                return source_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CapitalSource | None | Unset, data)

        source = _parse_source(d.pop("source", UNSET))

        disbursement_in = cls(
            paid_on=paid_on,
            amount=amount,
            contract_number=contract_number,
            months=months,
            source=source,
        )

        return disbursement_in

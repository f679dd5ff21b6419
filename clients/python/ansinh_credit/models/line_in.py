from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.buckets_in import BucketsIn


T = TypeVar("T", bound="LineIn")


@_attrs_define
class LineIn:
    """One loan's statement of one month (YYYY-MM).

    Attributes:
        balances (BucketsIn): VND in term, overdue and frozen.
        interest (BucketsIn): VND in term, overdue and frozen.
        loan_id (UUID):
        month (str):
    """

    balances: BucketsIn
    interest: BucketsIn
    loan_id: UUID
    month: str

    def to_dict(self) -> dict[str, Any]:
        balances = self.balances.to_dict()

        interest = self.interest.to_dict()

        loan_id = str(self.loan_id)

        month = self.month

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "balances": balances,
                "interest": interest,
                "loan_id": loan_id,
                "month": month,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.buckets_in import BucketsIn

        d = dict(src_dict)
        balances = BucketsIn.from_dict(d.pop("balances"))

        interest = BucketsIn.from_dict(d.pop("interest"))

        loan_id = UUID(d.pop("loan_id"))

        month = d.pop("month")

        line_in = cls(
            balances=balances,
            interest=interest,
            loan_id=loan_id,
            month=month,
        )

        return line_in

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.buckets_in import BucketsIn


T = TypeVar("T", bound="StatementIn")


@_attrs_define
class StatementIn:
    """Principal and interest owed at the end of a month.

    Attributes:
        balances (BucketsIn): VND in term, overdue and frozen.
        interest (BucketsIn): VND in term, overdue and frozen.
    """

    balances: BucketsIn
    interest: BucketsIn

    def to_dict(self) -> dict[str, Any]:
        balances = self.balances.to_dict()

        interest = self.interest.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "balances": balances,
                "interest": interest,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.buckets_in import BucketsIn

        d = dict(src_dict)
        balances = BucketsIn.from_dict(d.pop("balances"))

        interest = BucketsIn.from_dict(d.pop("interest"))

        statement_in = cls(
            balances=balances,
            interest=interest,
        )

        return statement_in

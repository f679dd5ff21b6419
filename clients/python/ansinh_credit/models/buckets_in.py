from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="BucketsIn")


@_attrs_define
class BucketsIn:
    """VND in term, overdue and frozen.

    Attributes:
        in_term (int | Unset):  Default: 0.
        overdue (int | Unset):  Default: 0.
        frozen (int | Unset):  Default: 0.
    """

    in_term: int | Unset = 0
    overdue: int | Unset = 0
    frozen: int | Unset = 0

    def to_dict(self) -> dict[str, Any]:
        in_term = self.in_term

        overdue = self.overdue

        frozen = self.frozen

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if in_term is not UNSET:
            field_dict["in_term"] = in_term
        if overdue is not UNSET:
            field_dict["overdue"] = overdue
        if frozen is not UNSET:
            field_dict["frozen"] = frozen

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        in_term = d.pop("in_term", UNSET)

        overdue = d.pop("overdue", UNSET)

        frozen = d.pop("frozen", UNSET)

        buckets_in = cls(
            in_term=in_term,
            overdue=overdue,
            frozen=frozen,
        )

        return buckets_in

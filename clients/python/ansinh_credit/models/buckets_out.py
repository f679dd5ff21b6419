from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="BucketsOut")


@_attrs_define
class BucketsOut:
    """
    Attributes:
        in_term (int):
        overdue (int):
        frozen (int):
    """

    in_term: int
    overdue: int
    frozen: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        in_term = self.in_term

        overdue = self.overdue

        frozen = self.frozen

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "in_term": in_term,
                "overdue": overdue,
                "frozen": frozen,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        in_term = d.pop("in_term")

        overdue = d.pop("overdue")

        frozen = d.pop("frozen")

        buckets_out = cls(
            in_term=in_term,
            overdue=overdue,
            frozen=frozen,
        )

        buckets_out.additional_properties = d
        return buckets_out

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

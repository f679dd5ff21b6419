from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.line_out import LineOut


T = TypeVar("T", bound="StatementsOut")


@_attrs_define
class StatementsOut:
    """The report of a page: how many lines were recorded, unchanged and refused, and each one.

    Attributes:
        recorded (int):
        unchanged (int):
        refused (int):
        lines (list[LineOut]):
    """

    recorded: int
    unchanged: int
    refused: int
    lines: list[LineOut]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        recorded = self.recorded

        unchanged = self.unchanged

        refused = self.refused

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "recorded": recorded,
                "unchanged": unchanged,
                "refused": refused,
                "lines": lines,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.line_out import LineOut

        d = dict(src_dict)
        recorded = d.pop("recorded")

        unchanged = d.pop("unchanged")

        refused = d.pop("refused")

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = LineOut.from_dict(lines_item_data)

            lines.append(lines_item)

        statements_out = cls(
            recorded=recorded,
            unchanged=unchanged,
            refused=refused,
            lines=lines,
        )

        statements_out.additional_properties = d
        return statements_out

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

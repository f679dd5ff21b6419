from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.put_page_json_reconciliation_page_in_lines_item import PutPageJsonReconciliationPageInLinesItem


T = TypeVar("T", bound="PutPageJsonReconciliationPageIn")


@_attrs_define
class PutPageJsonReconciliationPageIn:
    """
    Attributes:
        lines (list[PutPageJsonReconciliationPageInLinesItem]):
    """

    lines: list[PutPageJsonReconciliationPageInLinesItem]

    def to_dict(self) -> dict[str, Any]:
        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "lines": lines,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.put_page_json_reconciliation_page_in_lines_item import PutPageJsonReconciliationPageInLinesItem

        d = dict(src_dict)
        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = PutPageJsonReconciliationPageInLinesItem.from_dict(lines_item_data)

            lines.append(lines_item)

        put_page_json_reconciliation_page_in = cls(
            lines=lines,
        )

        return put_page_json_reconciliation_page_in

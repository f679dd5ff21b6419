from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.unreadable_out import UnreadableOut


T = TypeVar("T", bound="ReconciliationPageOut")


@_attrs_define
class ReconciliationPageOut:
    """What came of a page: lines read, and those that could not be (the first hundred of them).

    `is_repeated`: it had come before, and changed nothing.

        Attributes:
            page (int):
            read (int):
            unreadable (int):
            lines (list[UnreadableOut]):
            is_repeated (bool):
    """

    page: int
    read: int
    unreadable: int
    lines: list[UnreadableOut]
    is_repeated: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        page = self.page

        read = self.read

        unreadable = self.unreadable

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        is_repeated = self.is_repeated

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "page": page,
                "read": read,
                "unreadable": unreadable,
                "lines": lines,
                "is_repeated": is_repeated,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.unreadable_out import UnreadableOut

        d = dict(src_dict)
        page = d.pop("page")

        read = d.pop("read")

        unreadable = d.pop("unreadable")

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = UnreadableOut.from_dict(lines_item_data)

            lines.append(lines_item)

        is_repeated = d.pop("is_repeated")

        reconciliation_page_out = cls(
            page=page,
            read=read,
            unreadable=unreadable,
            lines=lines,
            is_repeated=is_repeated,
        )

        reconciliation_page_out.additional_properties = d
        return reconciliation_page_out

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

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.column_out import ColumnOut
    from ..models.section_out_rows_item import SectionOutRowsItem
    from ..models.words_out import WordsOut


T = TypeVar("T", bound="SectionOut")


@_attrs_define
class SectionOut:
    """One kind of thing that is held. `is_whole` is false where there was more than is shown.

    Attributes:
        name (str):
        title (WordsOut):
        columns (list[ColumnOut]):
        rows (list[SectionOutRowsItem]):
        is_whole (bool):
    """

    name: str
    title: WordsOut
    columns: list[ColumnOut]
    rows: list[SectionOutRowsItem]
    is_whole: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        title = self.title.to_dict()

        columns = []
        for columns_item_data in self.columns:
            columns_item = columns_item_data.to_dict()
            columns.append(columns_item)

        rows = []
        for rows_item_data in self.rows:
            rows_item = rows_item_data.to_dict()
            rows.append(rows_item)

        is_whole = self.is_whole

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "title": title,
                "columns": columns,
                "rows": rows,
                "is_whole": is_whole,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.column_out import ColumnOut
        from ..models.section_out_rows_item import SectionOutRowsItem
        from ..models.words_out import WordsOut

        d = dict(src_dict)
        name = d.pop("name")

        title = WordsOut.from_dict(d.pop("title"))

        columns = []
        _columns = d.pop("columns")
        for columns_item_data in _columns:
            columns_item = ColumnOut.from_dict(columns_item_data)

            columns.append(columns_item)

        rows = []
        _rows = d.pop("rows")
        for rows_item_data in _rows:
            rows_item = SectionOutRowsItem.from_dict(rows_item_data)

            rows.append(rows_item)

        is_whole = d.pop("is_whole")

        section_out = cls(
            name=name,
            title=title,
            columns=columns,
            rows=rows,
            is_whole=is_whole,
        )

        section_out.additional_properties = d
        return section_out

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

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.column_out_words import ColumnOutWords
    from ..models.words_out import WordsOut


T = TypeVar("T", bound="ColumnOut")


@_attrs_define
class ColumnOut:
    """A column of a section: `name` is its key in `rows`, `words` how its codes are read.

    Attributes:
        name (str):
        title (WordsOut):
        kind (str):
        words (ColumnOutWords):
    """

    name: str
    title: WordsOut
    kind: str
    words: ColumnOutWords
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        title = self.title.to_dict()

        kind = self.kind

        words = self.words.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "title": title,
                "kind": kind,
                "words": words,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.column_out_words import ColumnOutWords
        from ..models.words_out import WordsOut

        d = dict(src_dict)
        name = d.pop("name")

        title = WordsOut.from_dict(d.pop("title"))

        kind = d.pop("kind")

        words = ColumnOutWords.from_dict(d.pop("words"))

        column_out = cls(
            name=name,
            title=title,
            kind=kind,
            words=words,
        )

        column_out.additional_properties = d
        return column_out

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

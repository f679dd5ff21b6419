from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ReconciliationCloseIn")


@_attrs_define
class ReconciliationCloseIn:
    """How many pages were sent: one that is missing is noticed.

    Attributes:
        pages (int):
    """

    pages: int

    def to_dict(self) -> dict[str, Any]:
        pages = self.pages

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "pages": pages,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        pages = d.pop("pages")

        reconciliation_close_in = cls(
            pages=pages,
        )

        return reconciliation_close_in

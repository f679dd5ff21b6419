from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ReconciliationIn")


@_attrs_define
class ReconciliationIn:
    """A list of a day. `columns`: which to compare beside the key; without it, every one that the
    registration covers.

        Attributes:
            list_ (str):
            as_of (datetime.date):
            columns (list[str] | None | Unset):
    """

    list_: str
    as_of: datetime.date
    columns: list[str] | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        list_ = self.list_

        as_of = self.as_of.isoformat()

        columns: list[str] | None | Unset
        if isinstance(self.columns, Unset):
            columns = UNSET
        elif isinstance(self.columns, list):
            columns = self.columns

        else:
            columns = self.columns

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "list": list_,
                "as_of": as_of,
            }
        )
        if columns is not UNSET:
            field_dict["columns"] = columns

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        list_ = d.pop("list")

        as_of = datetime.date.fromisoformat(d.pop("as_of"))

        def _parse_columns(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                columns_type_0 = cast(list[str], data)

                return columns_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        columns = _parse_columns(d.pop("columns", UNSET))

        reconciliation_in = cls(
            list_=list_,
            as_of=as_of,
            columns=columns,
        )

        return reconciliation_in

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ReviewIn")


@_attrs_define
class ReviewIn:
    """The yearly review, form 16/TD.

    Attributes:
        done_on (datetime.date):
    """

    done_on: datetime.date

    def to_dict(self) -> dict[str, Any]:
        done_on = self.done_on.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "done_on": done_on,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        done_on = datetime.date.fromisoformat(d.pop("done_on"))

        review_in = cls(
            done_on=done_on,
        )

        return review_in

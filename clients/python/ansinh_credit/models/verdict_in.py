from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="VerdictIn")


@_attrs_define
class VerdictIn:
    """Whether the commune confirms residence and class of a need's household; why not.

    Attributes:
        need_id (UUID):
        is_confirmed (bool):
        reason (None | str | Unset):
    """

    need_id: UUID
    is_confirmed: bool
    reason: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        need_id = str(self.need_id)

        is_confirmed = self.is_confirmed

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        else:
            reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "need_id": need_id,
                "is_confirmed": is_confirmed,
            }
        )
        if reason is not UNSET:
            field_dict["reason"] = reason

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        need_id = UUID(d.pop("need_id"))

        is_confirmed = d.pop("is_confirmed")

        def _parse_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        verdict_in = cls(
            need_id=need_id,
            is_confirmed=is_confirmed,
            reason=reason,
        )

        return verdict_in

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.need_out import NeedOut
    from ..models.step_out import StepOut


T = TypeVar("T", bound="NeedDetailOut")


@_attrs_define
class NeedDetailOut:
    """A need with every act that changed it, oldest first.

    Attributes:
        need (NeedOut): A need as it stands.

            `version` is that of the referral after the last step. `due_on`: the last day for the commune's
            confirmation or the bank's answer; `is_overdue` once that is past. `over_cap`: the amount is
            over the limit that now applies. `confirmed_on` is the last confirmation; while the need is
            `listed`, another is needed. Partners: see `need` of the referral; what that has no field for is
            shown to whom all of it is.
        history (list[StepOut]):
    """

    need: NeedOut
    history: list[StepOut]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        need = self.need.to_dict()

        history = []
        for history_item_data in self.history:
            history_item = history_item_data.to_dict()
            history.append(history_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "need": need,
                "history": history,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.need_out import NeedOut
        from ..models.step_out import StepOut

        d = dict(src_dict)
        need = NeedOut.from_dict(d.pop("need"))

        history = []
        _history = d.pop("history")
        for history_item_data in _history:
            history_item = StepOut.from_dict(history_item_data)

            history.append(history_item)

        need_detail_out = cls(
            need=need,
            history=history,
        )

        need_detail_out.additional_properties = d
        return need_detail_out

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

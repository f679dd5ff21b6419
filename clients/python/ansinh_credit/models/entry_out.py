from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.need_stage import NeedStage
from ..types import UNSET, Unset

T = TypeVar("T", bound="EntryOut")


@_attrs_define
class EntryOut:
    """One line; `stage` is where the need is now, null once its household is out of sight.

    Attributes:
        need_id (UUID):
        household_id (None | UUID):
        votes_for (int | Unset):
        votes_against (int | Unset):
        is_carried (bool | Unset):
        stage (NeedStage | None | Unset):
    """

    need_id: UUID
    household_id: None | UUID
    votes_for: int | Unset = UNSET
    votes_against: int | Unset = UNSET
    is_carried: bool | Unset = UNSET
    stage: NeedStage | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        need_id = str(self.need_id)

        household_id: None | str
        if isinstance(self.household_id, UUID):
            household_id = str(self.household_id)
        else:
            household_id = self.household_id

        votes_for = self.votes_for

        votes_against = self.votes_against

        is_carried = self.is_carried

        stage: None | str | Unset
        if isinstance(self.stage, Unset):
            stage = UNSET
        elif isinstance(self.stage, NeedStage):
            stage = self.stage.value
        else:
            stage = self.stage

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "need_id": need_id,
                "household_id": household_id,
            }
        )
        if votes_for is not UNSET:
            field_dict["votes_for"] = votes_for
        if votes_against is not UNSET:
            field_dict["votes_against"] = votes_against
        if is_carried is not UNSET:
            field_dict["is_carried"] = is_carried
        if stage is not UNSET:
            field_dict["stage"] = stage

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        need_id = UUID(d.pop("need_id"))

        def _parse_household_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                household_id_type_0 = UUID(data)

                return household_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        household_id = _parse_household_id(d.pop("household_id"))

        votes_for = d.pop("votes_for", UNSET)

        votes_against = d.pop("votes_against", UNSET)

        is_carried = d.pop("is_carried", UNSET)

        def _parse_stage(data: object) -> NeedStage | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                stage_type_0 = NeedStage(data)

                return stage_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NeedStage | None | Unset, data)

        stage = _parse_stage(d.pop("stage", UNSET))

        entry_out = cls(
            need_id=need_id,
            household_id=household_id,
            votes_for=votes_for,
            votes_against=votes_against,
            is_carried=is_carried,
            stage=stage,
        )

        entry_out.additional_properties = d
        return entry_out

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.file_state import FileState

T = TypeVar("T", bound="OutcomeFileOut")


@_attrs_define
class OutcomeFileOut:
    """An outcome file and how far it is.

    Of its `lines`, `recorded` changed something, `unchanged` were known already or say nothing yet,
    `refused` stand in the report with the reason; once it is done the three make up the lines.

        Attributes:
            file_id (UUID):
            state (FileState): How far a file is.
            lines (int):
            recorded (int):
            unchanged (int):
            refused (int):
            recorded_at (datetime.datetime):
            finished_at (datetime.datetime | None):
    """

    file_id: UUID
    state: FileState
    lines: int
    recorded: int
    unchanged: int
    refused: int
    recorded_at: datetime.datetime
    finished_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        file_id = str(self.file_id)

        state = self.state.value

        lines = self.lines

        recorded = self.recorded

        unchanged = self.unchanged

        refused = self.refused

        recorded_at = self.recorded_at.isoformat()

        finished_at: None | str
        if isinstance(self.finished_at, datetime.datetime):
            finished_at = self.finished_at.isoformat()
        else:
            finished_at = self.finished_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "file_id": file_id,
                "state": state,
                "lines": lines,
                "recorded": recorded,
                "unchanged": unchanged,
                "refused": refused,
                "recorded_at": recorded_at,
                "finished_at": finished_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        file_id = UUID(d.pop("file_id"))

        state = FileState(d.pop("state"))

        lines = d.pop("lines")

        recorded = d.pop("recorded")

        unchanged = d.pop("unchanged")

        refused = d.pop("refused")

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at"))

        def _parse_finished_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                finished_at_type_0 = datetime.datetime.fromisoformat(data)

                return finished_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        finished_at = _parse_finished_at(d.pop("finished_at"))

        outcome_file_out = cls(
            file_id=file_id,
            state=state,
            lines=lines,
            recorded=recorded,
            unchanged=unchanged,
            refused=refused,
            recorded_at=recorded_at,
            finished_at=finished_at,
        )

        outcome_file_out.additional_properties = d
        return outcome_file_out

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

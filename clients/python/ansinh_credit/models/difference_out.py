from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.acts import Acts
from ..models.difference_kind import DifferenceKind

if TYPE_CHECKING:
    from ..models.problem_text import ProblemText


T = TypeVar("T", bound="DifferenceOut")


@_attrs_define
class DifferenceOut:
    """One difference.

    `kind`: `missing_here` (on the partner's list alone), `missing_there` (on ours alone), `differs`
    (one column), `duplicate`, `unreadable`, `outside_scope`. `acts` is who should act, `advice`
    what that is. `page` and `line` say where the partner's line stands; lines count from 1.

        Attributes:
            kind (DifferenceKind): What a difference is.
            key (None | str):
            field (None | str):
            theirs (None | str):
            ours (None | str):
            page (int | None):
            line (int | None):
            household_id (None | UUID):
            acts (Acts): Who should act on a difference.
            reason (ProblemText): One message in both languages.
            advice (ProblemText): One message in both languages.
    """

    kind: DifferenceKind
    key: None | str
    field: None | str
    theirs: None | str
    ours: None | str
    page: int | None
    line: int | None
    household_id: None | UUID
    acts: Acts
    reason: ProblemText
    advice: ProblemText
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind.value

        key: None | str
        key = self.key

        field: None | str
        field = self.field

        theirs: None | str
        theirs = self.theirs

        ours: None | str
        ours = self.ours

        page: int | None
        page = self.page

        line: int | None
        line = self.line

        household_id: None | str
        if isinstance(self.household_id, UUID):
            household_id = str(self.household_id)
        else:
            household_id = self.household_id

        acts = self.acts.value

        reason = self.reason.to_dict()

        advice = self.advice.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "key": key,
                "field": field,
                "theirs": theirs,
                "ours": ours,
                "page": page,
                "line": line,
                "household_id": household_id,
                "acts": acts,
                "reason": reason,
                "advice": advice,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.problem_text import ProblemText

        d = dict(src_dict)
        kind = DifferenceKind(d.pop("kind"))

        def _parse_key(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        key = _parse_key(d.pop("key"))

        def _parse_field(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        field = _parse_field(d.pop("field"))

        def _parse_theirs(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        theirs = _parse_theirs(d.pop("theirs"))

        def _parse_ours(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        ours = _parse_ours(d.pop("ours"))

        def _parse_page(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        page = _parse_page(d.pop("page"))

        def _parse_line(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        line = _parse_line(d.pop("line"))

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

        acts = Acts(d.pop("acts"))

        reason = ProblemText.from_dict(d.pop("reason"))

        advice = ProblemText.from_dict(d.pop("advice"))

        difference_out = cls(
            kind=kind,
            key=key,
            field=field,
            theirs=theirs,
            ours=ours,
            page=page,
            line=line,
            household_id=household_id,
            acts=acts,
            reason=reason,
            advice=advice,
        )

        difference_out.additional_properties = d
        return difference_out

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

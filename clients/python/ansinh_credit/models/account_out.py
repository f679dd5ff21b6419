from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.words_out import WordsOut


T = TypeVar("T", bound="AccountOut")


@_attrs_define
class AccountOut:
    """Who read or wrote of the person or its household, and why; `what` says `act` in words.

    Attributes:
        at (datetime.datetime):
        caller (str):
        roles (str):
        kind (str):
        act (str):
        what (None | WordsOut):
        purpose (None | str):
    """

    at: datetime.datetime
    caller: str
    roles: str
    kind: str
    act: str
    what: None | WordsOut
    purpose: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.words_out import WordsOut

        at = self.at.isoformat()

        caller = self.caller

        roles = self.roles

        kind = self.kind

        act = self.act

        what: dict[str, Any] | None
        if isinstance(self.what, WordsOut):
            what = self.what.to_dict()
        else:
            what = self.what

        purpose: None | str
        purpose = self.purpose

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "caller": caller,
                "roles": roles,
                "kind": kind,
                "act": act,
                "what": what,
                "purpose": purpose,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.words_out import WordsOut

        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        caller = d.pop("caller")

        roles = d.pop("roles")

        kind = d.pop("kind")

        act = d.pop("act")

        def _parse_what(data: object) -> None | WordsOut:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                what_type_0 = WordsOut.from_dict(data)

                return what_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | WordsOut, data)

        what = _parse_what(d.pop("what"))

        def _parse_purpose(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        purpose = _parse_purpose(d.pop("purpose"))

        account_out = cls(
            at=at,
            caller=caller,
            roles=roles,
            kind=kind,
            act=act,
            what=what,
            purpose=purpose,
        )

        account_out.additional_properties = d
        return account_out

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

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.problem_text import ProblemText


T = TypeVar("T", bound="ProblemField")


@_attrs_define
class ProblemField:
    """One broken rule: where (JSON pointer), which, what is wrong, how to mend it.

    Attributes:
        pointer (str):
        rule (str):
        message (ProblemText): One message in both languages.
        fix (ProblemText): One message in both languages.
    """

    pointer: str
    rule: str
    message: ProblemText
    fix: ProblemText
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pointer = self.pointer

        rule = self.rule

        message = self.message.to_dict()

        fix = self.fix.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pointer": pointer,
                "rule": rule,
                "message": message,
                "fix": fix,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.problem_text import ProblemText

        d = dict(src_dict)
        pointer = d.pop("pointer")

        rule = d.pop("rule")

        message = ProblemText.from_dict(d.pop("message"))

        fix = ProblemText.from_dict(d.pop("fix"))

        problem_field = cls(
            pointer=pointer,
            rule=rule,
            message=message,
            fix=fix,
        )

        problem_field.additional_properties = d
        return problem_field

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

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.result import Result

if TYPE_CHECKING:
    from ..models.problem_field import ProblemField


T = TypeVar("T", bound="LineOut")


@_attrs_define
class LineOut:
    """What came of a line; `errors` say why it was refused, and `position` is its place in the
    page, from 0.

        Attributes:
            position (int):
            loan_id (UUID):
            month (str):
            result (Result): What came of one line of a page of writes.
            code (None | str):
            errors (list[ProblemField]):
    """

    position: int
    loan_id: UUID
    month: str
    result: Result
    code: None | str
    errors: list[ProblemField]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        position = self.position

        loan_id = str(self.loan_id)

        month = self.month

        result = self.result.value

        code: None | str
        code = self.code

        errors = []
        for errors_item_data in self.errors:
            errors_item = errors_item_data.to_dict()
            errors.append(errors_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "position": position,
                "loan_id": loan_id,
                "month": month,
                "result": result,
                "code": code,
                "errors": errors,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.problem_field import ProblemField

        d = dict(src_dict)
        position = d.pop("position")

        loan_id = UUID(d.pop("loan_id"))

        month = d.pop("month")

        result = Result(d.pop("result"))

        def _parse_code(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        code = _parse_code(d.pop("code"))

        errors = []
        _errors = d.pop("errors")
        for errors_item_data in _errors:
            errors_item = ProblemField.from_dict(errors_item_data)

            errors.append(errors_item)

        line_out = cls(
            position=position,
            loan_id=loan_id,
            month=month,
            result=result,
            code=code,
            errors=errors,
        )

        line_out.additional_properties = d
        return line_out

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

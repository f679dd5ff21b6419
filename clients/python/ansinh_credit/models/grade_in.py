from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.grade import Grade

T = TypeVar("T", bound="GradeIn")


@_attrs_define
class GradeIn:
    """
    Attributes:
        grade (Grade):
        graded_on (datetime.date):
    """

    grade: Grade
    graded_on: datetime.date

    def to_dict(self) -> dict[str, Any]:
        grade = self.grade.value

        graded_on = self.graded_on.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "grade": grade,
                "graded_on": graded_on,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        grade = Grade(d.pop("grade"))

        graded_on = datetime.date.fromisoformat(d.pop("graded_on"))

        grade_in = cls(
            grade=grade,
            graded_on=graded_on,
        )

        return grade_in

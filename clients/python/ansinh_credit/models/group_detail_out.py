from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.grade import Grade
from ..models.union import Union

if TYPE_CHECKING:
    from ..models.member_out import MemberOut
    from ..models.review_out import ReviewOut


T = TypeVar("T", bound="GroupDetailOut")


@_attrs_define
class GroupDetailOut:
    """A group with everyone who is or was a member, and its reviews.

    Attributes:
        group_id (UUID):
        commune (str):
        village (str):
        union (Union): The entrusted unions that run the groups.
        founded_on (datetime.date):
        members (int):
        is_complete (bool):
        grade (Grade | None):
        graded_on (datetime.date | None):
        roll (list[MemberOut]):
        reviews (list[ReviewOut]):
    """

    group_id: UUID
    commune: str
    village: str
    union: Union
    founded_on: datetime.date
    members: int
    is_complete: bool
    grade: Grade | None
    graded_on: datetime.date | None
    roll: list[MemberOut]
    reviews: list[ReviewOut]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        group_id = str(self.group_id)

        commune = self.commune

        village = self.village

        union = self.union.value

        founded_on = self.founded_on.isoformat()

        members = self.members

        is_complete = self.is_complete

        grade: None | str
        if isinstance(self.grade, Grade):
            grade = self.grade.value
        else:
            grade = self.grade

        graded_on: None | str
        if isinstance(self.graded_on, datetime.date):
            graded_on = self.graded_on.isoformat()
        else:
            graded_on = self.graded_on

        roll = []
        for roll_item_data in self.roll:
            roll_item = roll_item_data.to_dict()
            roll.append(roll_item)

        reviews = []
        for reviews_item_data in self.reviews:
            reviews_item = reviews_item_data.to_dict()
            reviews.append(reviews_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "group_id": group_id,
                "commune": commune,
                "village": village,
                "union": union,
                "founded_on": founded_on,
                "members": members,
                "is_complete": is_complete,
                "grade": grade,
                "graded_on": graded_on,
                "roll": roll,
                "reviews": reviews,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.member_out import MemberOut
        from ..models.review_out import ReviewOut

        d = dict(src_dict)
        group_id = UUID(d.pop("group_id"))

        commune = d.pop("commune")

        village = d.pop("village")

        union = Union(d.pop("union"))

        founded_on = datetime.date.fromisoformat(d.pop("founded_on"))

        members = d.pop("members")

        is_complete = d.pop("is_complete")

        def _parse_grade(data: object) -> Grade | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                grade_type_0 = Grade(data)

                return grade_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Grade | None, data)

        grade = _parse_grade(d.pop("grade"))

        def _parse_graded_on(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                graded_on_type_0 = datetime.date.fromisoformat(data)

                return graded_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        graded_on = _parse_graded_on(d.pop("graded_on"))

        roll = []
        _roll = d.pop("roll")
        for roll_item_data in _roll:
            roll_item = MemberOut.from_dict(roll_item_data)

            roll.append(roll_item)

        reviews = []
        _reviews = d.pop("reviews")
        for reviews_item_data in _reviews:
            reviews_item = ReviewOut.from_dict(reviews_item_data)

            reviews.append(reviews_item)

        group_detail_out = cls(
            group_id=group_id,
            commune=commune,
            village=village,
            union=union,
            founded_on=founded_on,
            members=members,
            is_complete=is_complete,
            grade=grade,
            graded_on=graded_on,
            roll=roll,
            reviews=reviews,
        )

        group_detail_out.additional_properties = d
        return group_detail_out

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

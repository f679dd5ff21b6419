"""What the bank sends and reads about groups."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.web.days import Day
from services.credit.groups.domain import Grade, Group, Member, Size, Union, is_complete
from services.credit.groups.store import Review


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GroupIn(_In):
    """A group that was founded; `group_id` is given by the sender, once for ever."""

    group_id: UUID
    commune: Annotated[str, Field(pattern=r"^[0-9]{5}$", examples=["01882"])]
    village: Annotated[str, Field(min_length=1, max_length=100)]
    union: Union
    founded_on: Day

    def group(self) -> Group:
        return Group(
            self.group_id, self.commune, self.village, self.union, self.founded_on, members=0
        )


class MemberIn(_In):
    """A household joins; `person_id` is who stands for it, where that is known."""

    joined_on: Day
    person_id: UUID | None = None


class GradeIn(_In):
    grade: Grade
    graded_on: Day


class ReviewIn(_In):
    """The yearly review, form 16/TD."""

    done_on: Day


class GroupOut(BaseModel):
    """A group as it is today. `is_complete`: it has members enough to vote on loans."""

    group_id: UUID
    commune: str
    village: str
    union: Union
    founded_on: date
    members: int
    is_complete: bool
    grade: Grade | None
    graded_on: date | None

    @classmethod
    def of(cls, group: Group, size: Size) -> "GroupOut":
        return cls(
            group_id=group.group_id,
            commune=group.commune,
            village=group.village,
            union=group.union,
            founded_on=group.founded_on,
            members=group.members,
            is_complete=is_complete(group.members, size),
            grade=group.grade,
            graded_on=group.graded_on,
        )


class MemberOut(BaseModel):
    """A household in the group over `[joined_on, left_on)`."""

    household_id: UUID
    person_id: UUID | None
    joined_on: date
    left_on: date | None

    @classmethod
    def of(cls, member: Member) -> "MemberOut":
        return cls(
            household_id=member.household_id,
            person_id=member.person_id,
            joined_on=member.joined_on,
            left_on=member.left_on,
        )


class ReviewOut(BaseModel):
    year: int
    done_on: date

    @classmethod
    def of(cls, review: Review) -> "ReviewOut":
        return cls(year=review.year, done_on=review.done_on)


class GroupDetailOut(GroupOut):
    """A group with everyone who is or was a member, and its reviews."""

    roll: list[MemberOut]
    reviews: list[ReviewOut]

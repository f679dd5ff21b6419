from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="BallotIn")


@_attrs_define
class BallotIn:
    """One need and the votes of the group's members for and against it.

    Attributes:
        need_id (UUID):
        votes_for (int):
        votes_against (int):
    """

    need_id: UUID
    votes_for: int
    votes_against: int

    def to_dict(self) -> dict[str, Any]:
        need_id = str(self.need_id)

        votes_for = self.votes_for

        votes_against = self.votes_against

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "need_id": need_id,
                "votes_for": votes_for,
                "votes_against": votes_against,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        need_id = UUID(d.pop("need_id"))

        votes_for = d.pop("votes_for")

        votes_against = d.pop("votes_against")

        ballot_in = cls(
            need_id=need_id,
            votes_for=votes_for,
            votes_against=votes_against,
        )

        return ballot_in

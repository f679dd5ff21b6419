"""What commune officers send and read of lists 03/TD."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from libs.common.partners.documents import Fields, Told
from libs.common.vocabulary import NeedStage
from libs.common.web.days import Day
from services.credit.lists.domain import Ballot, ListState, NeedList, Verdict
from services.credit.lists.store import Entry, Head, Kept
from services.credit.needs.schemas import Input, Words

LARGEST_LIST = 500
Votes = Annotated[int, Field(ge=0, le=1_000)]


class BallotIn(Input):
    """One need and the votes of the group's members for and against it."""

    need_id: UUID
    votes_for: Votes
    votes_against: Votes


class ListIn(Input):
    """A list 03/TD with the number of its minutes (10C/TD), under an id that the caller gives.

    Listed is what more than half of the votes are for; the rest is declined.
    """

    list_id: UUID
    group_id: UUID | None = None
    commune: Annotated[str, Field(pattern=r"^[0-9]{5}$", examples=["01882"])]
    voted_on: Day
    minutes_number: Annotated[str, Field(pattern=r"^[0-9A-ZĐ./-]{1,40}$", examples=["03/10C"])]
    entries: Annotated[list[BallotIn], Field(min_length=1, max_length=LARGEST_LIST)]

    def sheet(self) -> NeedList:
        return NeedList(
            list_id=self.list_id,
            commune=self.commune,
            group_id=self.group_id,
            voted_on=self.voted_on,
            minutes_number=self.minutes_number,
            ballots=tuple(
                Ballot(entry.need_id, entry.votes_for, entry.votes_against)
                for entry in self.entries
            ),
        )


class VerdictIn(Input):
    """Whether the commune confirms residence and class of a need's household; why not."""

    need_id: UUID
    is_confirmed: bool
    reason: Words | None = None

    def verdict(self) -> Verdict:
        return Verdict(self.need_id, self.is_confirmed, self.reason)


class ConfirmationIn(Input):
    """The commune's confirmation of a list, or of some of it."""

    confirmed_on: Day
    entries: Annotated[list[VerdictIn], Field(min_length=1, max_length=LARGEST_LIST)]


class ListOut(Told):
    """A list; `waiting` of its needs wait for the commune, the first until `due_on`."""

    told_by = Fields(ids=("list_id",), paths={"commune": "area.commune"}, under="need")

    list_id: UUID
    commune: str
    group_id: UUID | None
    voted_on: date
    minutes_number: str
    state: ListState
    waiting: int
    due_on: date | None
    is_overdue: bool
    entries_total: int
    recorded_at: datetime

    @classmethod
    def of(cls, head: Head, today: date) -> Self:
        return cls(
            list_id=head.list_id,
            commune=head.commune,
            group_id=head.group_id,
            voted_on=head.voted_on,
            minutes_number=head.minutes_number,
            state=head.state,
            waiting=head.waiting,
            due_on=head.due_on,
            is_overdue=head.due_on is not None and head.due_on < today,
            entries_total=head.entries,
            recorded_at=head.recorded_at,
        )


class EntryOut(Told):
    """One line; `stage` is where the need is now, null once its household is out of sight."""

    told_by = Fields(ids=("need_id", "household_id"), under="need")

    need_id: UUID
    votes_for: int
    votes_against: int
    is_carried: bool
    household_id: UUID | None
    stage: NeedStage | None

    @classmethod
    def of(cls, entry: Entry) -> Self:
        ballot = entry.ballot
        return cls(
            need_id=ballot.need_id,
            votes_for=ballot.votes_for,
            votes_against=ballot.votes_against,
            is_carried=ballot.is_carried,
            household_id=entry.household_id,
            stage=entry.stage,
        )


class ListDetailOut(BaseModel):
    """A list with its lines in their order."""

    head: ListOut
    entries: list[EntryOut]

    @classmethod
    def of(cls, kept: Kept, today: date) -> Self:
        return cls(
            head=ListOut.of(kept.head, today),
            entries=[EntryOut.of(entry) for entry in kept.entries],
        )

"""What can be proposed, one model per kind: which households, in which version, and which edits.

Stored as sent, with the ids of new persons filled in and what persons are called left out; read
back by the same models.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Discriminator, Field, Tag, TypeAdapter

from libs.common.ids import new_id
from libs.common.vocabulary import CloseReason, LeftReason, Relation
from services.registry.areas.domain import tidy
from services.registry.changes.asking import (
    MOST,
    Addressed,
    Asked,
    IntoOther,
    Moving,
    OfFacts,
    OfHousehold,
    Relating,
    Whom,
    named_in,
    without_names,
)
from services.registry.changes.domain import Kind
from services.registry.changes.facts import Claim, Edit
from services.registry.changes.people import (
    Address,
    ChildIn,
    Input,
    MemberCorrectionIn,
    NewcomerIn,
    RelationIn,
    WhoIn,
)
from services.registry.households.domain import HouseholdFacts
from services.registry.households.schemas import CommuneCode, Village


class BirthIn(OfHousehold):
    """Children born into the household on the effective day; twins stand in one request."""

    kind: Literal[Kind.BIRTH]
    children: list[ChildIn] = Field(min_length=1, max_length=6)

    @property
    def named(self) -> dict[str, Whom]:
        return named_in("/proposal/children", self.children)

    def unnamed(self) -> Self:
        return self.model_copy(update={"children": [*without_names(self.children)]})

    def own_claims(self, effective_on: date) -> Sequence[Claim]:
        # Two officers ask for one child: a new person's id would not tell.
        return [Claim(self.home, f"newborn:{effective_on.isoformat()}")]


class DeathIn(Relating):
    """A member died on the effective day; where it was the head, `relations` name the next."""

    kind: Literal[Kind.DEATH]
    person_id: UUID


class TransferIn(IntoOther):
    """Members go to another household of the register, by marriage or otherwise.

    `members` say what each is to the head there, `relations` what those who stay are to a new head.
    """

    kind: Literal[Kind.MARRIAGE, Kind.TRANSFER]
    members: list[RelationIn] = Field(min_length=1, max_length=MOST)

    @property
    def movers(self) -> tuple[UUID, ...]:
        return tuple(one.person_id for one in self.members)


class MovingInIn(OfFacts):
    """Persons from outside the register come to live with the household, also by marriage."""

    kind: Literal[Kind.MOVING_IN]
    newcomers: list[NewcomerIn] = Field(min_length=1, max_length=MOST)

    @property
    def named(self) -> dict[str, Whom]:
        return named_in("/proposal/newcomers", self.newcomers)

    def unnamed(self) -> Self:
        return self.model_copy(update={"newcomers": [*without_names(self.newcomers)]})

    def _own(self, effective_on: date) -> Sequence[Edit]:
        return [
            Edit(
                self.home,
                f"/proposal/newcomers/{place}",
                joins=one.facts(effective_on),
            )
            for place, one in enumerate(self.newcomers)
        ]


class MovingOutIn(OfFacts):
    """Members leave the household for a place outside the register."""

    kind: Literal[Kind.MOVING_OUT]
    persons: list[UUID] = Field(min_length=1, max_length=MOST)

    def _own(self, effective_on: date) -> Sequence[Edit]:
        leaves = {"left_on": effective_on, "left_reason": LeftReason.MOVED}
        return [
            Edit(self.home, f"/proposal/persons/{place}", person_id, values=leaves)
            for place, person_id in enumerate(self.persons)
        ]


class MoveIn(Moving, OfFacts):
    """The whole household lives in another commune from the effective day on."""

    kind: Literal[Kind.MOVE]
    to_commune: CommuneCode
    village: Village | None = None

    @property
    def elsewhere(self) -> str | None:
        return self.to_commune

    def _own(self, effective_on: date) -> Sequence[Edit]:
        values = {
            "commune": self.to_commune,
            "lives_there_from": effective_on,
            "village": None if self.village is None else tidy(self.village),
        }
        return [Edit(self.home, "/proposal/to_commune", values=values)]


class RehousingIn(Moving, OfFacts):
    """The whole household lives in another village, or at another address, of its commune: at least
    one of the two is stated.
    """

    kind: Literal[Kind.REHOUSING]
    village: Village | None = None

    def _own(self, effective_on: date) -> Sequence[Edit]:
        values: dict[str, Any] = {"lives_there_from": effective_on}
        if self.village is not None:
            values["village"] = tidy(self.village)
        return [Edit(self.home, "/proposal/village", values=values)]


class ArrivingIn(Input):
    """The household that comes, with all its members. `address` is of those who state none."""

    household_id: UUID = Field(default_factory=new_id)
    commune: CommuneCode
    village: Village | None = None
    is_farm_household: bool
    members: list[NewcomerIn] = Field(min_length=1, max_length=MOST)
    address: Address | None = None

    def facts(self, effective_on: date) -> HouseholdFacts:
        """As it is registered: it lives there from the day on."""
        return HouseholdFacts(
            household_id=self.household_id,
            registered_on=effective_on,
            commune=self.commune,
            lives_there_from=effective_on,
            is_farm_household=self.is_farm_household,
            members=tuple(one.facts(effective_on) for one in self.members),
            village=None if self.village is None else tidy(self.village),
        )


class ArrivalIn(Asked):
    """A whole household from outside the register, from another province or abroad."""

    kind: Literal[Kind.ARRIVAL]
    new: ArrivingIn

    @property
    def home(self) -> UUID:
        return self.new.household_id

    @property
    def named(self) -> dict[str, Whom]:
        return named_in("/proposal/new/members", self.new.members)

    @property
    def addressed(self) -> Addressed | None:
        if self.new.address is None:
            return None
        without = (one.person_id for one in self.new.members if one.who.address is None)
        return Addressed("/proposal/new/address", self.new.address, tuple(without))

    def unnamed(self) -> Self:
        update = {"members": [*without_names(self.new.members)], "address": None}
        return self.model_copy(update={"new": self.new.model_copy(update=update)})


class NewHouseholdIn(Input):
    """The household that those who leave make. `commune`: another one than before, which confirms.

    `members` say what each is to the head of the new household.
    """

    household_id: UUID = Field(default_factory=new_id)
    members: list[RelationIn] = Field(min_length=1, max_length=MOST)
    is_farm_household: bool
    commune: CommuneCode | None = None


class SplitIn(Moving):
    """Members leave with a household of their own; the rest keep the id and the class."""

    kind: Literal[Kind.SPLIT]
    new: NewHouseholdIn

    @property
    def elsewhere(self) -> str | None:
        return self.new.commune

    @property
    def movers(self) -> tuple[UUID, ...]:
        return tuple(one.person_id for one in self.new.members)


class MergeIn(IntoOther):
    """All members join another household; `relations` say what each is to its head."""

    kind: Literal[Kind.MERGE]


class ClosingIn(OfHousehold):
    """The household counts nowhere from the effective day on; its members are members no longer."""

    kind: Literal[Kind.CLOSING]
    reason: Literal[CloseReason.MOVED_AWAY, CloseReason.REGISTERED_TWICE, CloseReason.OTHER]


class ReopeningIn(Relating):
    """A closed household is back; `relations` name all who came back."""

    kind: Literal[Kind.REOPENING]
    relations: list[RelationIn] = Field(min_length=1, max_length=MOST)


class ChangeOfHeadIn(Relating):
    """Another member is the head; `relations` say what each is to the new one."""

    kind: Literal[Kind.CHANGE_OF_HEAD]
    relations: list[RelationIn] = Field(min_length=2, max_length=MOST)


class FactCorrectionIn(OfFacts):
    """What was recorded was wrong, of the household or of members."""

    kind: Literal[Kind.CORRECTION]
    is_farm_household: bool | None = None
    members: list[MemberCorrectionIn] = Field(default_factory=list, max_length=MOST)

    def _own(self, effective_on: date) -> Sequence[Edit]:
        edits = [
            one.edit(self.home, f"/proposal/members/{place}")
            for place, one in enumerate(self.members)
        ]
        if self.is_farm_household is not None:
            values = {"is_farm_household": self.is_farm_household}
            at = "/proposal/is_farm_household"
            edits.append(Edit(self.home, at, values=values))
        return edits


class NameCorrectionIn(OfHousehold):
    """A member's name, numbers or address were wrong, or became others on the effective day."""

    kind: Literal[Kind.IDENTITY]
    person_id: UUID
    who: WhoIn = WhoIn()

    @property
    def named(self) -> dict[str, Whom]:
        return {"/proposal/who": (self.person_id, self.who)}

    def unnamed(self) -> Self:
        return self.model_copy(update={"who": WhoIn()})


class ReversalIn(Input):
    """A request that was carried out is undone: its facts become what they were before.

    `relations`, of those who came since, where the head is another one again.
    """

    kind: Literal[Kind.REVERSAL]
    change_id: UUID
    relations: list[RelationIn] = Field(default_factory=list, max_length=MOST)

    @property
    def to_head(self) -> dict[UUID, Relation]:
        """What they are to the head again."""
        return {one.person_id: one.relation for one in self.relations}


_OF_KIND: dict[Kind, type[BaseModel]] = {
    Kind.BIRTH: BirthIn,
    Kind.DEATH: DeathIn,
    Kind.MARRIAGE: TransferIn,
    Kind.TRANSFER: TransferIn,
    Kind.MOVING_IN: MovingInIn,
    Kind.MOVING_OUT: MovingOutIn,
    Kind.ARRIVAL: ArrivalIn,
    Kind.MOVE: MoveIn,
    Kind.REHOUSING: RehousingIn,
    Kind.SPLIT: SplitIn,
    Kind.MERGE: MergeIn,
    Kind.CLOSING: ClosingIn,
    Kind.REOPENING: ReopeningIn,
    Kind.CHANGE_OF_HEAD: ChangeOfHeadIn,
    Kind.CORRECTION: FactCorrectionIn,
    Kind.IDENTITY: NameCorrectionIn,
    Kind.REVERSAL: ReversalIn,
}


def _tag(value: Any) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    if not isinstance(kind, str) or kind not in _OF_KIND:
        return None
    return f"={_OF_KIND[Kind(kind)].__name__}"


# The tags stand in pydantic's paths of errors; `=` tells the edge that they are no fields.
Proposal = Annotated[
    Annotated[BirthIn, Tag("=BirthIn")]
    | Annotated[DeathIn, Tag("=DeathIn")]
    | Annotated[TransferIn, Tag("=TransferIn")]
    | Annotated[MovingInIn, Tag("=MovingInIn")]
    | Annotated[MovingOutIn, Tag("=MovingOutIn")]
    | Annotated[ArrivalIn, Tag("=ArrivalIn")]
    | Annotated[MoveIn, Tag("=MoveIn")]
    | Annotated[RehousingIn, Tag("=RehousingIn")]
    | Annotated[SplitIn, Tag("=SplitIn")]
    | Annotated[MergeIn, Tag("=MergeIn")]
    | Annotated[ClosingIn, Tag("=ClosingIn")]
    | Annotated[ReopeningIn, Tag("=ReopeningIn")]
    | Annotated[ChangeOfHeadIn, Tag("=ChangeOfHeadIn")]
    | Annotated[FactCorrectionIn, Tag("=FactCorrectionIn")]
    | Annotated[NameCorrectionIn, Tag("=NameCorrectionIn")]
    | Annotated[ReversalIn, Tag("=ReversalIn")],
    Discriminator(
        _tag,
        custom_error_type="enum",
        custom_error_context={"expected": ", ".join(sorted(_OF_KIND))},
    ),
]
PROPOSAL: TypeAdapter[Proposal] = TypeAdapter(Proposal)

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
from services.registry.changes.domain import Kind
from services.registry.changes.facts import Claim, Edit
from services.registry.changes.people import (
    ChildIn,
    Input,
    MemberCorrectionIn,
    NewcomerIn,
    RelationIn,
    WhoIn,
)
from services.registry.households.schemas import CommuneCode

_MOST = 100


class HouseholdRef(Input):
    """A household in the version that the officer has read."""

    household_id: UUID
    version: int = Field(ge=1, le=2**62)


class _OfHousehold(Input):
    """A proposal about one household, which the asker sees."""

    household: HouseholdRef

    @property
    def households(self) -> dict[str, "HouseholdRef | IntoRef"]:
        """The households that it is about, by where they stand in the request."""
        return {"/proposal/household": self.household}

    @property
    def elsewhere(self) -> str | None:
        """The other commune that it names."""
        return None

    def own_claims(self, effective_on: date) -> Sequence[Claim]:
        """What it claims besides the facts that it touches."""
        return ()

    @property
    def named(self) -> dict[str, tuple[UUID, WhoIn]]:
        """Whom it names, by where they stand in the request."""
        return {}

    def unnamed(self) -> Self:
        """The same without names and numbers, to be stored."""
        return self


class Relating(_OfHousehold):
    """It also says what members are to the head afterwards."""

    relations: list[RelationIn] = Field(default_factory=list, max_length=_MOST)

    @property
    def to_head(self) -> dict[UUID, Relation]:
        """The same, by person."""
        return {one.person_id: one.relation for one in self.relations}


class OfFacts(Relating):
    """A proposal that is no act of its own: facts of one household become others."""

    def edits(self, effective_on: date) -> Sequence[Edit]:
        """What it changes, in order."""
        relations = [
            one.edit(self.household.household_id, f"/proposal/relations/{place}")
            for place, one in enumerate(self.relations)
        ]
        return [*self._own(effective_on), *relations]

    def _own(self, effective_on: date) -> Sequence[Edit]:
        raise NotImplementedError


class BirthIn(_OfHousehold):
    """Children born into the household on the effective day; twins stand in one request."""

    kind: Literal[Kind.BIRTH]
    children: list[ChildIn] = Field(min_length=1, max_length=6)

    @property
    def named(self) -> dict[str, tuple[UUID, WhoIn]]:
        return _named("children", self.children)

    def unnamed(self) -> Self:
        return self.model_copy(update={"children": _unnamed(self.children)})

    def own_claims(self, effective_on: date) -> Sequence[Claim]:
        # Two officers ask for one child: a new person's id would not tell.
        return [Claim(self.household.household_id, f"newborn:{effective_on.isoformat()}")]


class DeathIn(Relating):
    """A member died on the effective day; where it was the head, `relations` name the next."""

    kind: Literal[Kind.DEATH]
    person_id: UUID


class IntoRef(Input):
    """The household that others come to. `commune`, and no version, where it is another commune's,
    whose households the asker does not see: that commune confirms.
    """

    household_id: UUID
    version: int | None = Field(None, ge=1, le=2**62)
    commune: CommuneCode | None = None


class _IntoOther(Relating):
    into: IntoRef

    @property
    def elsewhere(self) -> str | None:
        return self.into.commune

    @property
    def households(self) -> dict[str, HouseholdRef | IntoRef]:
        return {"/proposal/household": self.household, "/proposal/into": self.into}


class TransferIn(_IntoOther):
    """Members go to another household of the register, by marriage or otherwise.

    `members` say what each is to the head there, `relations` what those who stay are to a new head.
    """

    kind: Literal[Kind.MARRIAGE, Kind.TRANSFER]
    members: list[RelationIn] = Field(min_length=1, max_length=_MOST)


class MovingInIn(OfFacts):
    """Persons from outside the register come to live with the household, also by marriage."""

    kind: Literal[Kind.MOVING_IN]
    newcomers: list[NewcomerIn] = Field(min_length=1, max_length=_MOST)

    @property
    def named(self) -> dict[str, tuple[UUID, WhoIn]]:
        return _named("newcomers", self.newcomers)

    def unnamed(self) -> Self:
        return self.model_copy(update={"newcomers": _unnamed(self.newcomers)})

    def _own(self, effective_on: date) -> Sequence[Edit]:
        return [
            Edit(
                self.household.household_id,
                f"/proposal/newcomers/{place}",
                joins=one.facts(effective_on),
            )
            for place, one in enumerate(self.newcomers)
        ]


class MovingOutIn(OfFacts):
    """Members leave the household for a place outside the register."""

    kind: Literal[Kind.MOVING_OUT]
    persons: list[UUID] = Field(min_length=1, max_length=_MOST)

    def _own(self, effective_on: date) -> Sequence[Edit]:
        leaves = {"left_on": effective_on, "left_reason": LeftReason.MOVED}
        return [
            Edit(
                self.household.household_id, f"/proposal/persons/{place}", person_id, values=leaves
            )
            for place, person_id in enumerate(self.persons)
        ]


class MoveIn(OfFacts):
    """The whole household lives in another commune from the effective day on."""

    kind: Literal[Kind.MOVE]
    to_commune: CommuneCode

    @property
    def elsewhere(self) -> str | None:
        return self.to_commune

    def _own(self, effective_on: date) -> Sequence[Edit]:
        values = {"commune": self.to_commune, "lives_there_from": effective_on}
        return [Edit(self.household.household_id, "/proposal/to_commune", values=values)]


class NewHouseholdIn(Input):
    """The household that those who leave make. `commune`: another one than before, which confirms.

    `members` say what each is to the head of the new household.
    """

    household_id: UUID = Field(default_factory=new_id)
    members: list[RelationIn] = Field(min_length=1, max_length=_MOST)
    is_farm_household: bool
    commune: CommuneCode | None = None


class SplitIn(Relating):
    """Members leave with a household of their own; the rest keep the id and the class."""

    kind: Literal[Kind.SPLIT]
    new: NewHouseholdIn

    @property
    def elsewhere(self) -> str | None:
        return self.new.commune


class MergeIn(_IntoOther):
    """All members join another household; `relations` say what each is to its head."""

    kind: Literal[Kind.MERGE]


class ClosingIn(_OfHousehold):
    """The household counts nowhere from the effective day on; its members are members no longer."""

    kind: Literal[Kind.CLOSING]
    reason: Literal[CloseReason.MOVED_AWAY, CloseReason.REGISTERED_TWICE, CloseReason.OTHER]


class ReopeningIn(Relating):
    """A closed household is back; `relations` name all who came back."""

    kind: Literal[Kind.REOPENING]
    relations: list[RelationIn] = Field(min_length=1, max_length=_MOST)


class ChangeOfHeadIn(Relating):
    """Another member is the head; `relations` say what each is to the new one."""

    kind: Literal[Kind.CHANGE_OF_HEAD]
    relations: list[RelationIn] = Field(min_length=2, max_length=_MOST)


class FactCorrectionIn(OfFacts):
    """What was recorded was wrong, of the household or of members."""

    kind: Literal[Kind.CORRECTION]
    is_farm_household: bool | None = None
    members: list[MemberCorrectionIn] = Field(default_factory=list, max_length=_MOST)

    def _own(self, effective_on: date) -> Sequence[Edit]:
        edits = [
            one.edit(self.household.household_id, f"/proposal/members/{place}")
            for place, one in enumerate(self.members)
        ]
        if self.is_farm_household is not None:
            values = {"is_farm_household": self.is_farm_household}
            at = "/proposal/is_farm_household"
            edits.append(Edit(self.household.household_id, at, values=values))
        return edits


class NameCorrectionIn(_OfHousehold):
    """A member's name, numbers or address were wrong, or became others on the effective day."""

    kind: Literal[Kind.IDENTITY]
    person_id: UUID
    who: WhoIn = WhoIn()

    @property
    def named(self) -> dict[str, tuple[UUID, WhoIn]]:
        return {"/proposal/who": (self.person_id, self.who)}

    def unnamed(self) -> Self:
        return self.model_copy(update={"who": WhoIn()})


class ReversalIn(Input):
    """A request that was carried out is undone: its facts become what they were before.

    `relations`, of those who came since, where the head is another one again.
    """

    kind: Literal[Kind.REVERSAL]
    change_id: UUID
    relations: list[RelationIn] = Field(default_factory=list, max_length=_MOST)

    @property
    def to_head(self) -> dict[UUID, Relation]:
        """What they are to the head again."""
        return {one.person_id: one.relation for one in self.relations}


def _named(name: str, people: Sequence[ChildIn | NewcomerIn]) -> dict[str, tuple[UUID, WhoIn]]:
    return {
        f"/proposal/{name}/{place}/who": (one.person_id, one.who)
        for place, one in enumerate(people)
        if not one.who.says_nothing
    }


def _unnamed(people: Sequence[ChildIn | NewcomerIn]) -> list[ChildIn | NewcomerIn]:
    return [one.model_copy(update={"who": WhoIn()}) for one in people]


_OF_KIND: dict[Kind, type[BaseModel]] = {
    Kind.BIRTH: BirthIn,
    Kind.DEATH: DeathIn,
    Kind.MARRIAGE: TransferIn,
    Kind.TRANSFER: TransferIn,
    Kind.MOVING_IN: MovingInIn,
    Kind.MOVING_OUT: MovingOutIn,
    Kind.MOVE: MoveIn,
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
    | Annotated[MoveIn, Tag("=MoveIn")]
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

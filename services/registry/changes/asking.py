"""What proposals have in common: whom and which households they name, where people live afterwards.

Every kind answers the same questions, so that whoever carries a proposal out asks for no kind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from pydantic import Field

from libs.common.vocabulary import Relation
from services.registry.changes.facts import Claim, Edit
from services.registry.changes.people import (
    Address,
    ChildIn,
    Input,
    NewcomerIn,
    RelationIn,
    WhoIn,
)
from services.registry.households.schemas import CommuneCode

MOST = 100
Whom = tuple[UUID, WhoIn]


class HouseholdRef(Input):
    """A household in the version that the officer has read."""

    household_id: UUID
    version: int = Field(ge=1, le=2**62)


class IntoRef(Input):
    """The household that others come to. `commune`, and no version, where it is another commune's,
    whose households the asker does not see: that commune confirms.
    """

    household_id: UUID
    version: int | None = Field(None, ge=1, le=2**62)
    commune: CommuneCode | None = None


@dataclass(frozen=True, slots=True)
class Addressed:
    """Where people live from the effective day on.

    Attributes:
        pointer: where it stands in the request.
        persons: who lives there; None: all present members of the household.
    """

    pointer: str
    address: str
    persons: tuple[UUID, ...] | None


class Asked(Input):
    """A proposal, whatever its kind."""

    @property
    def households(self) -> dict[str, HouseholdRef | IntoRef]:
        """The households that it is about, by where they stand in the request."""
        return {}

    @property
    def elsewhere(self) -> str | None:
        """The other commune that it names."""
        return None

    def own_claims(self, effective_on: date) -> Sequence[Claim]:
        """What it claims besides the facts that it touches."""
        return ()

    @property
    def home(self) -> UUID:
        """The household in which those whom it names are members."""
        raise NotImplementedError

    @property
    def named(self) -> dict[str, Whom]:
        """Whom it names, by where they stand in the request."""
        return {}

    @property
    def addressed(self) -> Addressed | None:
        """Where who moves by it lives afterwards, if that is stated."""
        return None

    def unnamed(self) -> Self:
        """The same without names, numbers and addresses, to be stored."""
        return self


class OfHousehold(Asked):
    """A proposal about one household, which the asker sees."""

    household: HouseholdRef

    @property
    def households(self) -> dict[str, HouseholdRef | IntoRef]:
        return {"/proposal/household": self.household}

    @property
    def home(self) -> UUID:
        return self.household.household_id


class Relating(OfHousehold):
    """It also says what members are to the head afterwards."""

    relations: list[RelationIn] = Field(default_factory=list, max_length=MOST)

    @property
    def to_head(self) -> dict[UUID, Relation]:
        """The same, by person."""
        return {one.person_id: one.relation for one in self.relations}


class Moving(Relating):
    """Somebody lives elsewhere afterwards, at `address`: sealed as names are, and recorded from the
    effective day on.
    """

    address: Address | None = None

    @property
    def movers(self) -> tuple[UUID, ...] | None:
        """Who lives there; None: the whole household."""
        return None

    @property
    def addressed(self) -> Addressed | None:
        if self.address is None:
            return None
        return Addressed("/proposal/address", self.address, self.movers)

    def unnamed(self) -> Self:
        return self.model_copy(update={"address": None})


class OfFacts(Relating):
    """A proposal that is no act of its own: facts of one household become others."""

    def edits(self, effective_on: date) -> Sequence[Edit]:
        """What it changes, in order."""
        relations = [
            one.edit(self.home, f"/proposal/relations/{place}")
            for place, one in enumerate(self.relations)
        ]
        return [*self._own(effective_on), *relations]

    def _own(self, effective_on: date) -> Sequence[Edit]:
        raise NotImplementedError


class IntoOther(Moving):
    """Members come to another household of the register."""

    into: IntoRef

    @property
    def elsewhere(self) -> str | None:
        return self.into.commune

    @property
    def households(self) -> dict[str, HouseholdRef | IntoRef]:
        return {"/proposal/household": self.household, "/proposal/into": self.into}


def named_in(at: str, people: Sequence[ChildIn | NewcomerIn]) -> dict[str, Whom]:
    """Those of new persons of whom something is said, by where they stand in the request."""
    return {
        f"{at}/{place}/who": (one.person_id, one.who)
        for place, one in enumerate(people)
        if not one.who.says_nothing
    }


def without_names(people: Sequence[ChildIn | NewcomerIn]) -> Iterator[ChildIn | NewcomerIn]:
    """The same persons, as they are stored."""
    return (one.model_copy(update={"who": WhoIn()}) for one in people)

"""A household of a file on its way through the rules, and what comes of a page of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from libs.common.problems import FieldError
from libs.common.vocabulary import Relation
from services.registry.areas.store import CommuneFacts
from services.registry.households.acts import Stated
from services.registry.households.correcting import Correction, differs
from services.registry.households.domain import HouseholdFacts
from services.registry.households.events import RecordedUnit
from services.registry.households.store import StoredHousehold
from services.registry.imports import reasons
from services.registry.imports.domain import Bearer, Refusals, Settled
from services.registry.imports.form import RowFacts
from services.registry.imports.reasons import error_of
from services.registry.imports.stating import Group
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import Bearer as NumberBearer
from services.registry.vault.domain import IdentifierType, doubts


@dataclass
class Judged:
    """A household of the file; `two`: by line, what one person may not decide alone; `unseen`:
    lines whose number is of somebody out of the sender's sight.
    """

    group: Group
    lines: list[int]
    refused: Refusals = field(default_factory=dict)
    hashes: dict[int, dict[IdentifierType, bytes]] = field(default_factory=dict)
    bearers: dict[int, Bearer] = field(default_factory=dict)
    unseen: set[int] = field(default_factory=set)
    found: UUID | None = None
    before: StoredHousehold | None = None
    persons: dict[int, UUID] = field(default_factory=dict)
    made: frozenset[UUID] = frozenset()
    facts: HouseholdFacts | None = None
    changes: list[PersonIdentity] = field(default_factory=list)
    two: Refusals = field(default_factory=dict)

    @property
    def first(self) -> RowFacts:
        return self.group.rows[0]

    @property
    def numbers(self) -> list[tuple[int, IdentifierType, bytes]]:
        """Line, kind and hash of every number in it."""
        return [(n, kind, h) for n, of in self.hashes.items() for kind, h in of.items()]

    @property
    def doubts(self) -> Refusals:
        """What is said of lines that are taken all the same: a personal number that says otherwise
        than its line, and what takes two persons.
        """
        found = {line: list(errors) for line, errors in self.two.items()}
        for row in self.group.rows:
            number = row.numbers.get(IdentifierType.UIN, "")
            bearer = NumberBearer(row.sex, row.birth_year)
            for said in doubts(IdentifierType.UIN, number, bearer)[:1]:
                words = ("number.doubt", said, reasons.LOOK)
                found.setdefault(row.line, []).append(error_of(IdentifierType.UIN, words))
        return found

    @property
    def told_unseen(self) -> set[int]:
        """Lines that say that their number is of somebody out of sight."""
        rules = {line: {error.rule for error in self.refused.get(line, ())} for line in self.unseen}
        return {line for line, of in rules.items() if reasons.ELSEWHERE[0] in of}

    @property
    def stated(self) -> UUID | None:
        """Our own id, where a line names it; the lines do not differ in it."""
        return next((row.household_id for row in self.group.rows if row.household_id), None)

    @property
    def head(self) -> RowFacts | None:
        return next((row for row in self.group.rows if row.relation is Relation.HEAD), None)

    @property
    def outcome(self) -> Settled:
        """What comes of it, where nothing of it is refused."""
        if self.before is None or self.facts is None:
            return Settled.REGISTERED
        if self.changes or differs(self.before, self.facts):
            return Settled.CORRECTED
        return Settled.UNCHANGED


@dataclass(frozen=True, slots=True)
class Judgement:
    """What comes of a page, by line, and what is to be written for it; `made` are new persons,
    `known` the household and the person of the register that a line is about, `unseen` the lines
    that say that their number is of somebody out of sight.
    """

    settled: Mapping[int, tuple[Settled, list[FieldError]]]
    new: Sequence[Stated]
    made: Collection[UUID]
    corrections: Sequence[Correction]
    changes: Sequence[PersonIdentity]
    codes: Sequence[tuple[str, str, UUID]]
    units: dict[RecordedUnit, CommuneFacts]
    heads: dict[UUID, int]
    known: Mapping[int, tuple[UUID, UUID | None]]
    unseen: Collection[int]

    @property
    def read(self) -> Sequence[UUID]:
        """The households of the register that it is about."""
        return list(dict.fromkeys(household_id for household_id, _ in self.known.values()))

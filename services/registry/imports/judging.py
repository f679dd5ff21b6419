"""What a page of a file means and what it would change: read in sets, decided by the domain.

The dry run and the taking judge by the same function; the taking holds the heads of the households
in question, so that what it has decided on does not change under it.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from uuid import UUID

from libs.common.contracts.household import Member
from libs.common.database import Transaction
from libs.common.files.reading import Line
from libs.common.ids import placed_id
from libs.common.messaging import ledger
from libs.common.problems import FieldError
from libs.common.security.encryption import Vault
from libs.common.vocabulary import LeftReason, Relation
from services.registry.areas.store import CommuneFacts
from services.registry.households.acts import STREAM, Stated
from services.registry.households.correcting import Correction, differs
from services.registry.households.domain import HouseholdFacts, check_household
from services.registry.households.events import RecordedUnit, read_units
from services.registry.households.store import StoredHousehold, read_households
from services.registry.imports import domain, matching, store
from services.registry.imports.domain import (
    Bearer,
    Evidence,
    KnownPerson,
    Refusals,
    Settled,
    StatedPerson,
    error_of,
)
from services.registry.imports.form import RowFacts, key_of, keys_along, read_row
from services.registry.imports.matching import Asked
from services.registry.imports.staging import key_hash, number_hash
from services.registry.imports.stating import (
    Group,
    changed_identity,
    check_group,
    lines_of,
    stated_household,
)
from services.registry.imports.store import StoredImport
from services.registry.vault import acts as vault_acts
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import Bearer as NumberBearer
from services.registry.vault.domain import IdentifierType, Identity, digest, doubts, words

_NOBODY = Identity()


@dataclass
class _Household:
    """A household of the file on its way through the rules."""

    group: Group
    lines: list[int]
    refused: Refusals = field(default_factory=dict)
    hashes: dict[int, dict[IdentifierType, bytes]] = field(default_factory=dict)
    bearers: dict[int, Bearer] = field(default_factory=dict)
    found: UUID | None = None
    before: StoredHousehold | None = None
    persons: dict[int, UUID] = field(default_factory=dict)
    made: frozenset[UUID] = frozenset()
    facts: HouseholdFacts | None = None
    changes: list[PersonIdentity] = field(default_factory=list)

    @property
    def first(self) -> RowFacts:
        return self.group.rows[0]

    @property
    def doubts(self) -> Refusals:
        """What a personal number says otherwise than its line: it is recorded all the same."""
        return {
            row.line: [error_of(IdentifierType.UIN, ("number.doubt", said, domain.LOOK))]
            for row in self.group.rows
            for said in doubts(
                IdentifierType.UIN,
                row.numbers.get(IdentifierType.UIN, ""),
                NumberBearer(row.sex, row.birth_year),
            )[:1]
        }

    @property
    def stated(self) -> UUID | None:
        """Our own id, where a line names it; the lines do not differ in it."""
        return next((row.household_id for row in self.group.rows if row.household_id), None)

    @property
    def head(self) -> RowFacts | None:
        return next((row for row in self.group.rows if row.relation is Relation.HEAD), None)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What comes of a page, by line, and what is to be written for it; `made` are new persons."""

    settled: Mapping[int, tuple[Settled, list[FieldError]]]
    new: Sequence[Stated]
    made: Collection[UUID]
    corrections: Sequence[Correction]
    changes: Sequence[PersonIdentity]
    codes: Sequence[tuple[str, str, UUID]]
    units: dict[RecordedUnit, CommuneFacts]
    heads: dict[UUID, int]
    read: Sequence[UUID]


class Judge:
    """Judges pages of one import.

    Args:
        sent: the import.
        vault: names and numbers.
        today: the day in Vietnam.
    """

    def __init__(self, sent: StoredImport, vault: Vault, today: date) -> None:
        self.sent = sent
        self.vault = vault
        self.today = today
        self.twice = frozenset(sent.twice)

    async def judge(self, tx: Transaction, lines: Sequence[Line], *, locks: bool) -> Judgement:
        """Judge whole households; `locks` where what is decided will be written."""
        households = [self._read(list(group)) for _, group in groupby(lines, keys_along())]
        open_ones = [one for one in households if not one.refused]
        await self._find(tx, open_ones)
        heads = {}
        found = [one.found for one in open_ones if one.found]
        if locks and found:
            heads = await ledger.lock_heads(tx, STREAM, found)
        units = await self._state(tx, [one for one in open_ones if not one.refused])
        return self._judgement(households, units, heads)

    def _read(self, lines: list[Line]) -> _Household:
        """Every rule that one household's cells can break by themselves."""
        refused: Refusals = {}
        rows = []
        for line in lines:
            row, errors = read_row(line, self.sent.effective_on, self.today)
            if errors:
                refused[line.number] = errors
            elif row is not None:
                rows.append(row)
        commune, code = key_of(lines[0])
        one = _Household(Group(commune, code, rows), [line.number for line in lines], refused)
        if refused:
            return one
        one.refused = check_group(one.group)
        if key_hash(commune, code) in self.twice:
            for number in one.lines:
                one.refused.setdefault(number, []).append(error_of("code", domain.TWICE))
        for row in rows:
            for kind, value in row.numbers.items():
                hashed = digest(self.vault.hash_key, kind, value)
                one.hashes.setdefault(row.line, {})[kind] = hashed
                if number_hash(hashed) in self.twice:
                    error = error_of(kind, domain.NUMBER_TWICE)
                    one.refused.setdefault(row.line, []).append(error)
        return one

    async def _find(self, tx: Transaction, households: Sequence[_Household]) -> None:
        """Which households are meant."""
        keys = [(one.group.commune, one.group.code) for one in households]
        by_code = await matching.households_by_code(tx, keys)
        hashes = [h for one in households for of in one.hashes.values() for h in of.values()]
        bearers = await matching.bearers(tx, hashes)
        for one in households:
            self._take_bearers(one, bearers)
        stated = [one.stated for one in households if one.stated]
        now = [b.household_id for one in households for b in one.bearers.values() if b.household_id]
        unknown = [
            one
            for one in households
            if one.stated is None
            and (one.group.commune, one.group.code) not in by_code
            and not any(bearer.household_id for bearer in one.bearers.values())
        ]
        by_name = await self._by_name(tx, unknown)
        existing = await matching.visible(
            tx, {*stated, *by_code.values(), *now}, self.sent.communes
        )
        for place, one in enumerate(households):
            one.found, refused = domain.find_household(
                Evidence(
                    lines=one.lines,
                    stated=one.stated,
                    existing=existing,
                    by_code=by_code.get(keys[place]),
                    by_number=one.bearers,
                    by_name=by_name.get(one.lines[0], ()),
                )
            )
            one.refused |= refused
        await self._refuse_shared(tx, [one for one in households if one.found])

    async def _refuse_shared(self, tx: Transaction, households: Sequence[_Household]) -> None:
        """Two households of a file are two: they cannot both be the same one of the register."""
        meant = Counter(one.found for one in households)
        others: dict[int, set[int]] = {}
        codes = await matching.every_code_of(tx, [one.found for one in households if one.found])
        for one in households:
            known = set(codes.get(one.found, ())) - {(one.group.commune, one.group.code)}
            others[one.lines[0]] = {key_hash(*code) for code in known}
        hashes = set().union(*others.values())
        present = await store.keys_in_file(tx, self.sent.import_id, hashes)
        for one in households:
            if others[one.lines[0]] & present or meant[one.found] > 1:
                one.refused = {n: [error_of("code", domain.SHARED)] for n in one.lines}

    def _take_bearers(self, one: _Household, bearers: Mapping[bytes, Bearer]) -> None:
        for line, hashes in one.hashes.items():
            borne = {bearers[hashed] for hashed in hashes.values() if hashed in bearers}
            if len({bearer.person_id for bearer in borne}) > 1:
                one.refused[line] = [error_of(IdentifierType.UIN, domain.NUMBERS_DIFFER)]
            elif any(bearer.has_died for bearer in borne):
                one.refused[line] = [error_of("", domain.DIED)]
            elif borne:
                one.bearers[line] = next(iter(borne))

    async def _by_name(
        self, tx: Transaction, households: Sequence[_Household]
    ) -> dict[int, set[UUID]]:
        asked = []
        for one in households:
            if (head := one.head) and head.name:
                tokens = ",".join(map(str, self.vault.hashes("name", words(head.name))))
                birth = (head.birth_year, head.sex, head.birth_date)
                has_number = IdentifierType.UIN in head.numbers
                asked.append(Asked(one.lines[0], f"{{{tokens}}}", head.commune, *birth, has_number))
        return await matching.namesakes(tx, asked)

    async def _state(
        self, tx: Transaction, households: Sequence[_Household]
    ) -> dict[RecordedUnit, CommuneFacts]:
        """What they state, against what is known."""
        found = [one.found for one in households if one.found]
        known = {h.household_id: h for h in await read_households(tx, found)} if found else {}
        members = [m.person_id for h in known.values() for m in h.members if _is_named(m)]
        names = await vault_acts.read(tx, self.vault, members) if members else {}
        moved = await matching.moved(
            tx,
            [
                (one.group.commune, known[one.found].commune)
                for one in households
                if one.found in known
            ],
        )
        for one in households:
            one.before = known.get(one.found) if one.found else None
            if one.before and (one.group.commune, one.before.commune) in moved:
                one.refused = {n: [error_of("commune", domain.MOVED)] for n in one.lines}
            elif one.before and one.before.lineage.closed_on:
                one.refused = {n: [error_of("code", domain.CLOSED)] for n in one.lines}
            else:
                self._state_one(one, names)
        stated = [one.facts for one in households if one.facts]
        units = await read_units(tx, {(f.commune, f.recorded_day) for f in stated})
        outside = matching.outside(self.sent.communes, {f.commune for f in stated})
        for one in households:
            if one.facts and one.facts.commune in outside:
                one.refused = {n: [error_of("commune", domain.OUTSIDE)] for n in one.lines}
            elif one.facts and (one.facts.commune, one.facts.recorded_day) not in units:
                one.refused = {n: [error_of("commune", domain.AREA_UNKNOWN)] for n in one.lines}
        return units

    def _state_one(self, one: _Household, names: Mapping[UUID, Identity]) -> None:
        members = one.before.members if one.before else ()
        present, dead = (
            [_known_person(m, names) for m in members if m.left_on is None],
            [_known_person(m, names) for m in members if m.left_reason is LeftReason.DIED],
        )
        found, refused = domain.find_persons(
            [_stated_person(row, one.bearers.get(row.line)) for row in one.group.rows],
            present,
            dead,
        )
        if refused:
            one.refused = refused
            return
        made = {n: self._made(n, "person") for n, person_id in found.items() if not person_id}
        one.made = frozenset(made.values())
        one.persons = {line: person_id or made[line] for line, person_id in found.items()}
        household_id = one.found or self._made(one.lines[0], "household")
        facts = stated_household(
            one.group, household_id, one.before, one.persons, self.sent.effective_on
        )
        errors = check_household(facts, self.today)
        if errors:
            one.refused = lines_of(errors, facts, one.group, one.persons)
            return
        one.facts = facts
        one.changes = [
            change
            for row in one.group.rows
            if (
                change := changed_identity(
                    names.get(one.persons[row.line], _NOBODY),
                    row,
                    one.persons[row.line],
                    household_id,
                    self.sent.effective_on,
                )
            )
        ]

    def _judgement(
        self,
        households: Sequence[_Household],
        units: dict[RecordedUnit, CommuneFacts],
        heads: dict[UUID, int],
    ) -> Judgement:
        settled: dict[int, tuple[Settled, list[FieldError]]] = {}
        new, corrections, changes, codes, read = [], [], [], [], []
        made: set[UUID] = set()
        for one in households:
            outcome = _outcome(one)
            settled |= domain.settle_household(one.lines, one.refused, outcome, one.doubts)
            if one.before:
                read.append(one.before.household_id)
            if one.refused or one.facts is None:
                continue
            act = self._made(one.lines[0], "act")
            if one.before is None:
                digest = f"{self.sent.digest.hex()}/{one.lines[0]}".encode()
                new.append(Stated(one.facts, f"/lines/{one.lines[0]}", digest, act))
            elif differs(one.before, one.facts):
                corrections.append(Correction(one.before, one.facts, act))
            changes += one.changes
            made |= one.made
            if code := one.first.code:
                codes.append((one.group.commune, code, one.facts.household_id))
        return Judgement(settled, new, made, corrections, changes, codes, units, heads, read)

    def _made(self, line: int, kind: str) -> UUID:
        """The same id whenever the line is worked: a job that was killed makes nothing twice."""
        return placed_id(self.sent.opened_at, line, kind, self.sent.import_id)


def _outcome(one: _Household) -> Settled:
    if one.before is None or one.facts is None:
        return Settled.REGISTERED
    if one.changes or differs(one.before, one.facts):
        return Settled.CORRECTED
    return Settled.UNCHANGED


def _stated_person(row: RowFacts, bearer: Bearer | None) -> StatedPerson:
    return StatedPerson(
        line=row.line,
        person_id=row.person_id,
        bearer=bearer.person_id if bearer else None,
        name=_folded(row.name) or "",
        birth_date=row.birth_date,
        birth_year=row.birth_year,
        sex=row.sex,
        relation=row.relation,
    )


def _is_named(member: Member) -> bool:
    """Whose name tells whether a line means them: who is there, and who died there."""
    return member.left_on is None or member.left_reason is LeftReason.DIED


def _known_person(member: Member, names: Mapping[UUID, Identity]) -> KnownPerson:
    return KnownPerson(
        member.person_id,
        _folded(names.get(member.person_id, _NOBODY).name),
        member.birth_date,
        member.birth_year,
        member.sex,
        member.relation,
    )


def _folded(name: str | None) -> str | None:
    return None if name is None else " ".join(words(name))

"""What a page of a file means and what it would change: read in sets, decided by the domain.

The dry run and the taking judge by the same function; the taking holds the heads of the households
in question, so that what it has decided on does not change under it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from uuid import UUID

from libs.common.contracts.household import Member
from libs.common.database import EVERY_AREA, Transaction
from libs.common.files.reading import Line
from libs.common.ids import placed_id
from libs.common.messaging import ledger
from libs.common.problems import FieldError
from libs.common.security.encryption import Vault
from libs.common.vocabulary import LeftReason
from services.registry.areas.store import CommuneFacts
from services.registry.households.acts import STREAM, Stated
from services.registry.households.correcting import Correction, differs
from services.registry.households.domain import check_household
from services.registry.households.events import RecordedUnit, facts_of, read_units
from services.registry.households.store import (
    StoredHousehold,
    read_earlier_residences,
    read_households,
)
from services.registry.imports import domain, matching, reasons, store
from services.registry.imports.deciding import taking_two
from services.registry.imports.domain import (
    Bearer,
    KnownPerson,
    Refusals,
    Settled,
    StatedPerson,
)
from services.registry.imports.finding import find
from services.registry.imports.form import RowFacts, key_of, keys_along, read_row
from services.registry.imports.judged import Judged, Judgement
from services.registry.imports.reasons import error_of
from services.registry.imports.staging import key_hash, number_hash
from services.registry.imports.stating import (
    Group,
    Past,
    changed_identity,
    check_group,
    lines_of,
    lives_from,
    replaced_columns,
    stated_household,
)
from services.registry.imports.store import StoredImport
from services.registry.vault import acts as vault_acts
from services.registry.vault.domain import IdentifierType, Identity, digest, words

_NOBODY = Identity()


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
        self._import = str(sent.import_id)

    async def judge(self, tx: Transaction, lines: Sequence[Line], *, locks: bool) -> Judgement:
        """Judge whole households; `locks` where what is decided will be written."""
        households = [self._read(list(group)) for _, group in groupby(lines, keys_along())]
        outside = matching.outside(self.sent.communes, {one.group.commune for one in households})
        for one in households:
            if one.group.commune in outside and not one.refused:
                one.refused = {n: [error_of("commune", reasons.OUTSIDE)] for n in one.lines}
        await self._refuse_twice(tx, [one for one in households if not one.refused])
        open_ones = [one for one in households if not one.refused]
        await find(tx, self.sent, self.vault, open_ones)
        heads = {}
        found = [one.found for one in open_ones if one.found]
        if locks and found:
            heads = await ledger.lock_heads(tx, STREAM, found)
        units = await self._state(tx, [one for one in open_ones if not one.refused])
        if locks and not self.sent.by_two:
            for one in open_ones:
                one.refused = one.refused or one.two
        return self._judgement(households, units, heads)

    def _read(self, lines: list[Line]) -> Judged:
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
        one = Judged(Group(commune, code, rows), [line.number for line in lines], refused)
        if refused:
            return one
        one.refused = check_group(one.group)
        for row in rows:
            for kind, value in row.numbers.items():
                hashed = digest(self.vault.hash_key, kind, value)
                one.hashes.setdefault(row.line, {})[kind] = hashed
        return one

    async def _refuse_twice(self, tx: Transaction, households: Sequence[Judged]) -> None:
        """A household and a number stand in a file once."""
        keys = {key_hash(one.group.commune, one.group.code) for one in households}
        numbers = {number_hash(h) for one in households for _, _, h in one.numbers}
        twice = await store.twice_in_file(tx, self.sent.import_id, keys | numbers)
        for one in households:
            if key_hash(one.group.commune, one.group.code) in twice:
                one.refused = {n: [error_of("code", reasons.TWICE)] for n in one.lines}
            for line, kind, hashed in one.numbers:
                if number_hash(hashed) in twice:
                    error = error_of(kind, reasons.NUMBER_TWICE)
                    one.refused.setdefault(line, []).append(error)

    async def _state(
        self, tx: Transaction, households: Sequence[Judged]
    ) -> dict[RecordedUnit, CommuneFacts]:
        """What they state, against what is known."""
        found = [one.found for one in households if one.found]
        known: dict[UUID | None, StoredHousehold] = {}
        known |= {h.household_id: h for h in await read_households(tx, found)} if found else {}
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
        past = await self._past(tx, households, known)
        for one in households:
            one.before = known.get(one.found)
            if one.before and (one.group.commune, one.before.commune) in moved:
                one.refused = {n: [error_of("commune", reasons.MOVED)] for n in one.lines}
            elif one.before and one.before.lineage.closed_on:
                one.refused = {n: [error_of("code", reasons.CLOSED)] for n in one.lines}
            else:
                self._state_one(one, names, past.get(one.found, ()))
        stated = [one.facts for one in households if one.facts]
        units = await read_units(tx, {(f.commune, f.recorded_day) for f in stated})
        for one in households:
            if one.facts and (one.facts.commune, one.facts.recorded_day) not in units:
                one.refused = {n: [error_of("commune", reasons.AREA_UNKNOWN)] for n in one.lines}
        return units

    async def _past(
        self,
        tx: Transaction,
        households: Sequence[Judged],
        known: Mapping[UUID | None, StoredHousehold],
    ) -> dict[UUID | None, list[Past]]:
        """Where those lived before of whom the file says that they live there for longer."""
        longer = {
            home.household_id: home.commune
            for one in households
            if (home := known.get(one.found)) and (day := one.group.from_day)
            if day < home.lives_there_from
        }
        rows = await read_earlier_residences(tx, list(longer)) if longer else []
        pairs = {(longer[row.household_id], row.commune) for row in rows}
        elsewhere = await matching.moved(tx, pairs)
        found: dict[UUID | None, list[Past]] = {}
        for row in rows:
            is_here = (longer[row.household_id], row.commune) not in elsewhere
            past = Past(row.from_day, row.until, is_here)
            found.setdefault(row.household_id, []).append(past)
        return found

    def _state_one(self, one: Judged, names: Mapping[UUID, Identity], past: Sequence[Past]) -> None:
        if one.before:
            members = one.before.members
            found, refused = domain.find_persons(
                [_stated_person(row, one.bearers.get(row.line)) for row in one.group.rows],
                [_known_person(m, names) for m in members if m.left_on is None],
                [_known_person(m, names) for m in members if m.left_reason is LeftReason.DIED],
            )
        else:  # of nobody anything is known: names need not be compared
            found, refused = domain.find_nobody(
                {row.line: row.person_id for row in one.group.rows}, one.lines
            )
        if refused:
            one.refused = refused
            return
        made = {n: self._made(n, "person") for n, person_id in found.items() if not person_id}
        one.made = frozenset(made.values())
        one.persons = {line: person_id or made[line] for line, person_id in found.items()}
        household_id = one.found or self._made(one.lines[0], "household")
        day, since = self.sent.effective_on, one.group.from_day
        begins = (
            lives_from(since, one.before.lives_there_from, past) if one.before else since or day
        )
        if begins is None:
            lines = [row.line for row in one.group.rows if row.from_day]
            one.refused = {n: [error_of("from_day", reasons.OVERLAPS)] for n in lines}
            return
        facts = stated_household(one.group, household_id, one.before, one.persons, begins, day)
        errors = check_household(facts, self.today)
        if errors:
            one.refused = lines_of(errors, facts, one.group, one.persons)
            return
        one.facts = facts
        replaced = {}
        for row in one.group.rows:
            person_id = one.persons[row.line]
            known = names.get(person_id, _NOBODY)
            if change := changed_identity(known, row, person_id, household_id, day):
                one.changes.append(change)
                if columns := replaced_columns(known, change):
                    replaced[row.line] = columns
        if one.before:
            before = facts_of(one.before)
            one.two = taking_two(before, facts, one.persons, replaced, self.today)

    def _judgement(
        self,
        households: Sequence[Judged],
        units: dict[RecordedUnit, CommuneFacts],
        heads: dict[UUID, int],
    ) -> Judgement:
        settled: dict[int, tuple[Settled, list[FieldError]]] = {}
        new, corrections, changes, codes = [], [], [], []
        known: dict[int, tuple[UUID, UUID | None]] = {}
        made: set[UUID] = set()
        for one in households:
            outcome = one.outcome
            settled |= domain.settle_household(one.lines, one.refused, outcome, one.doubts)
            if one.before:
                persons = {n: one_id for n, one_id in one.persons.items() if one_id not in one.made}
                known |= {n: (one.before.household_id, persons.get(n)) for n in one.lines}
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
        # Who is in no household counts as out of sight, but not to whoever covers every commune.
        sees_all = EVERY_AREA in self.sent.communes
        unseen = set().union(*(one.told_unseen for one in households if not sees_all))
        return Judgement(
            settled, new, made, corrections, changes, codes, units, heads, known, unseen
        )

    def _made(self, line: int, kind: str) -> UUID:
        """The same id whenever the line is worked: a job that was killed makes nothing twice."""
        return placed_id(self.sent.opened_at, line, kind, self._import)


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


def _stated_person(row: RowFacts, bearer: Bearer | None) -> StatedPerson:
    return StatedPerson(
        line=row.line,
        person_id=row.person_id,
        bearer=bearer.person_id if bearer else None,
        number=bearer.kind if bearer else IdentifierType.UIN,
        name=_folded(row.name) or "",
        birth_date=row.birth_date,
        birth_year=row.birth_year,
        sex=row.sex,
        relation=row.relation,
    )


def _folded(name: str | None) -> str | None:
    return None if name is None else " ".join(words(name))

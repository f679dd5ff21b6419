"""Which household and which persons a file means: explicit rules, each with its reason. Pure.

Nothing is guessed. A household is found by the first of these that says something: (1) our own id,
(2) the province's code in its commune, (3) its members' numbers, (4) the name, birth and sex of its
head among the commune's households that have no code there; of several, the one that has the code
of a commune that this one came from. What was merged is the household that it went to. One
household is a match, several are refused and named, none is a new household. A number of somebody
who is in no household of the import's communes is refused, and who or where is not said. What was
found may not contradict the numbers, and somebody of the household must be known in it. A person is
found by (1) our id, (2) a number, (3) name, birth and sex among the household's members.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from libs.common.problems import FieldError, Text
from libs.common.vocabulary import Relation, Sex
from services.registry.imports.reasons import (
    CONTRADICTION,
    DIED,
    ELSEWHERE,
    NOBODY_KNOWN,
    NOT_A_MEMBER,
    SEVERAL,
    SEVERAL_PERSONS,
    SPLIT,
    UNKNOWN,
    Words,
    error_of,
    naming,
)
from services.registry.vault.domain import IdentifierType


class ImportState(StrEnum):
    """How far an import is (tình trạng)."""

    SENDING = "sending"  # parts are being sent
    READING = "reading"  # all parts are there, rows are read
    CHECKING = "checking"  # every row is checked, nothing is written
    CHECKED = "checked"  # waits for a person to confirm
    TAKING = "taking"  # confirmed: households are written
    DONE = "done"
    REFUSED = "refused"  # the file as a whole
    CANCELLED = "cancelled"


# Of how many lines a day a sender is told that their numbers are of somebody out of sight: a list
# of a commune has some hundred who moved in, whoever tries numbers needs ten thousands.
MOST_ELSEWHERE = 1_000
ENDED = frozenset({ImportState.DONE, ImportState.REFUSED, ImportState.CANCELLED})


class Settled(StrEnum):
    """What comes of a line; in a dry run, what would come of it."""

    REGISTERED = "registered"  # đăng ký mới
    CORRECTED = "corrected"  # cập nhật
    UNCHANGED = "unchanged"  # không đổi
    REFUSED = "refused"  # từ chối


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who bears a number of that kind: the person, and the household where it is a member now;
    `died_in`: where it died, if it is a member of none.
    """

    person_id: UUID
    household_id: UUID | None
    died_in: UUID | None = None
    kind: IdentifierType = IdentifierType.UIN


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the register knows of a household of the file.

    Attributes:
        lines: of its rows.
        stated: the id that the file names.
        existing: of the ids in question, those of households that may be seen.
        by_code: whose code it is.
        by_number: by line, who bears the number that stands there.
        by_name: households of the commune with a member of the head's name, birth and sex.
        went_to: of households that were merged, the one that stands for them now.
        split_off: of a household, those that were split off from it.
        by_old_code: which have that code of a commune that this one came from.
    """

    lines: Sequence[int]
    stated: UUID | None = None
    existing: Set[UUID] = frozenset()
    by_code: UUID | None = None
    by_number: Mapping[int, Bearer] = field(default_factory=dict)
    by_name: Collection[UUID] = frozenset()
    went_to: Mapping[UUID, UUID] = field(default_factory=dict)
    split_off: Mapping[UUID, Collection[UUID]] = field(default_factory=dict)
    by_old_code: Collection[UUID] = frozenset()

    def stands(self, household_id: UUID | None) -> UUID | None:
        """The household, or the one that it was merged into."""
        return None if household_id is None else self.went_to.get(household_id, household_id)


Refusals = dict[int, list[FieldError]]
NO_DOUBTS: Mapping[int, list[FieldError]] = {}


def find_household(evidence: Evidence) -> tuple[UUID | None, Refusals]:
    """The household that is meant, None for a new one; or why it is refused, by line."""
    lines = evidence.lines
    unseen = [
        n for n, one in evidence.by_number.items() if one.household_id not in evidence.existing
    ]
    if unseen:
        return None, _of_numbers(evidence, unseen, ELSEWHERE)
    by_code = evidence.stands(evidence.by_code)
    found = evidence.stands(evidence.stated) or by_code
    if evidence.stated is not None:
        if by_code not in (None, found):
            return None, _all(lines, "code", CONTRADICTION)
        if evidence.stated not in evidence.existing:
            return None, _all(lines, "household_id", UNKNOWN)
    elif found is not None and found not in evidence.existing:
        return None, _all(lines, "code", UNKNOWN)
    now = {bearer.household_id for bearer in evidence.by_number.values()}
    if found is None and len(now) > 1:
        several = naming(SEVERAL, evidence.existing & now)
        return None, _of_numbers(evidence, evidence.by_number, several)
    if found is None and now:
        [found] = now
    if found is not None and now - {found}:
        return None, _elsewhere(evidence, found)
    if found is None and evidence.by_name:
        meant = evidence.by_name
        if len(meant) > 1:
            meant = set(meant) & set(evidence.by_old_code)
        if len(meant) != 1:
            return None, _all(lines, "name", naming(SEVERAL, evidence.by_name))
        [found] = meant
    return found, {}


def _elsewhere(evidence: Evidence, found: UUID) -> Refusals:
    """Numbers of persons of other households than the one that is found. Whether the list is older
    than a split, or its code goes with those who left, only the officer knows.
    """
    refused: Refusals = {}
    left = set(evidence.split_off.get(found, ())) & set(evidence.existing)
    for line, one in evidence.by_number.items():
        if one.household_id in left:
            refused |= _all([line], "code", naming(SPLIT, {found, one.household_id}))
        elif one.household_id != found:
            refused |= _of_numbers(evidence, [line], ELSEWHERE)
    return refused


def _of_numbers(evidence: Evidence, lines: Collection[int], words: Words) -> Refusals:
    return {line: [error_of(evidence.by_number[line].kind, words)] for line in lines}


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A present member of a known household; `name` folded, None where none is recorded."""

    person_id: UUID
    name: str | None
    birth_date: date | None
    birth_year: int
    sex: Sex
    relation: Relation


@dataclass(frozen=True, slots=True)
class StatedPerson:
    """A person of the file; `bearer` is who bears its number, `number` of which kind that is;
    `name` is folded.
    """

    line: int
    person_id: UUID | None
    bearer: UUID | None
    name: str
    birth_date: date | None
    birth_year: int
    sex: Sex
    relation: Relation
    number: IdentifierType = IdentifierType.UIN


def find_persons(
    stated: Sequence[StatedPerson],
    known: Sequence[KnownPerson],
    dead: Collection[KnownPerson] = (),
) -> tuple[dict[int, UUID | None], Refusals]:
    """Who is meant by each line, None for somebody new; or why it is refused, by line.

    Args:
        stated: the rows of a household.
        known: its present members; nobody for a new one.
        dead: who died as a member of it: a list that was not brought up to date still has them.
    """
    members = {one.person_id: one for one in known}
    found: dict[int, UUID | None] = {}
    refused: Refusals = {}
    for one in stated:
        if one.person_id is not None and one.person_id not in members:
            refused |= _all([one.line], "person_id", NOT_A_MEMBER)
        elif one.person_id is not None and one.bearer not in (None, one.person_id):
            refused |= _all([one.line], one.number, CONTRADICTION)
        elif person_id := one.person_id or one.bearer:
            found[one.line] = person_id
    taken = {person_id for person_id in found.values() if person_id}
    free = [one for one in known if one.person_id not in taken]
    for one in stated:
        if one.line in found or one.line in refused:
            continue
        alike = [other.person_id for other in free if _is_same(one, other)]
        if len(alike) > 1:
            refused |= _all([one.line], "name", SEVERAL_PERSONS)
        elif not alike and any(other.name and _is_same(one, other) for other in dead):
            refused |= _all([one.line], "name", DIED)
        found[one.line] = alike[0] if len(alike) == 1 else None
    meant = Counter(person_id for person_id in found.values() if person_id)
    for line, person_id in found.items():
        if person_id and meant[person_id] > 1:
            refused |= _all([line], "name", SEVERAL_PERSONS)
    if known and not refused and not any(found[one.line] in members for one in stated):
        refused = _all([one.line for one in stated], "code", NOBODY_KNOWN)
    return found, refused


def find_nobody(
    stated: Mapping[int, UUID | None], lines: Sequence[int]
) -> tuple[dict[int, UUID | None], Refusals]:
    """The same of a new household: `find_persons` with nobody known. Nobody there bears a number:
    whoever did would have been found with a household.

    Args:
        stated: by line, the id that it names.
        lines: the household's.
    """
    named = [line for line in lines if stated[line] is not None]
    return dict.fromkeys(lines), _all(named, "person_id", NOT_A_MEMBER)


def _is_same(stated: StatedPerson, known: KnownPerson) -> bool:
    """By name, birth and sex; of whom no name is recorded, by birth, sex and relation."""
    if stated.sex is not known.sex or stated.birth_year != known.birth_year:
        return False
    days = {stated.birth_date, known.birth_date} - {None}
    if len(days) > 1:
        return False
    if known.name is None:
        return stated.relation is known.relation
    return stated.name == known.name


def settle_household(
    lines: Sequence[int],
    refused: Refusals,
    otherwise: Settled,
    doubts: Mapping[int, list[FieldError]] = NO_DOUBTS,
) -> dict[int, tuple[Settled, list[FieldError]]]:
    """A household is taken whole or not at all: one refused line refuses its neighbours too.

    `doubts` are said of what is taken all the same.
    """
    if not any(refused.get(line) for line in lines):
        return {line: (otherwise, doubts.get(line, [])) for line in lines}
    first = min(line for line in lines if refused.get(line))
    with_it = FieldError(
        "",
        "household.other_line",
        Text(f"Dòng {first} cùng hộ bị từ chối.", f"Line {first} of this household is refused."),
        Text("Sửa dòng đó rồi gửi lại cả hộ.", "Mend that line and send the household again."),
    )
    return {line: (Settled.REFUSED, refused.get(line) or [with_it]) for line in lines}


def _all(lines: Collection[int], column: str, words: Words) -> Refusals:
    return {line: [error_of(column, words)] for line in lines}

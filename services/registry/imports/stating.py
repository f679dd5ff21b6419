"""From the rows of a household to the household that they state. Pure.

Of a known household what no cell states stays as it is, and who is not in the file stays in it: a
file adds and corrects, it ends nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple, cast
from uuid import UUID

from libs.common.problems import FieldError
from libs.common.vocabulary import Disability, Employment, Schooling
from services.registry.households.domain import HouseholdFacts, MemberFacts
from services.registry.households.events import facts_of
from services.registry.households.store import StoredHousehold
from services.registry.imports.domain import Refusals
from services.registry.imports.form import RowFacts
from services.registry.imports.reasons import DIFFERS, LARGE, error_of
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import Identity, normalise, tidy

_LARGEST = 100
_OF_HOUSEHOLD = ("household_id", "registered_on", "from_day", "village", "is_farm_household")
# Where a broken rule of a household stands in the form; anything else is the line's.
_COLUMNS = {
    "birth_date": "birth",
    "birth_year": "birth",
    "joined_on": "joined_on",
    "ethnicity": "ethnicity",
    "person_id": "person_id",
}


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one household of the file."""

    commune: str
    code: str
    rows: Sequence[RowFacts]

    @property
    def lines(self) -> list[int]:
        return [row.line for row in self.rows]

    @property
    def from_day(self) -> date | None:
        """Since when it lives there, where a cell says it."""
        return cast("date | None", _first(self, "from_day"))


class Past(NamedTuple):
    """An earlier residence over `[from_day, until)`; `is_here`: in the place of the present one."""

    from_day: date
    until: date
    is_here: bool


def lives_from(stated: date | None, known: date, past: Sequence[Past]) -> date | None:
    """Since when a known household lives where it does, after the file; None: the day that is
    stated lies within an earlier residence, or before it.

    An earlier day corrects since when, as it does by request. Where there were residences before,
    a sheet that is older than the last move, or than a new code of the place, repeats the day from
    which they lived there then: that is known and changes nothing.
    """
    if stated is None or stated >= known:
        return stated or known
    if any(one.is_here and one.from_day == stated for one in past):
        return known
    return None if any(stated < one.until for one in past) else stated


def check_group(group: Group) -> Refusals:
    """What the rows of one household may not say differently."""
    refused: Refusals = {}
    if len(group.rows) > _LARGEST:
        return {line: [error_of("code", LARGE)] for line in group.lines}
    for name in _OF_HOUSEHOLD:
        said = {getattr(row, name) for row in group.rows} - {None}
        if len(said) > 1:
            for row in group.rows:
                if getattr(row, name) is not None:
                    refused.setdefault(row.line, []).append(error_of(name, DIFFERS))
    return refused


def stated_household(
    group: Group,
    household_id: UUID,
    before: StoredHousehold | None,
    persons: Mapping[int, UUID],
    lives_there_from: date,
    effective_on: date,
) -> HouseholdFacts:
    """The whole household as it is after the file.

    Args:
        group: its rows, free of faults.
        household_id: whose it is, or of the new one.
        before: as it is known; None for a new one.
        persons: who is meant by each line.
        lives_there_from: in its commune.
        effective_on: from when a new household and new members count where no cell says it.
    """
    first: dict[str, Any] = {name: _first(group, name) for name in _OF_HOUSEHOLD}
    past = facts_of(before).members if before else ()
    known = {member.person_id: member for member in past if member.left_on is None}
    stated = {
        persons[row.line]: _member(
            row,
            persons[row.line],
            known.get(persons[row.line]),
            effective_on if before else lives_there_from,
        )
        for row in group.rows
    }
    stay = [
        stated.pop(member.person_id)
        if member.left_on is None and member.person_id in stated
        else member
        for member in past
    ]
    is_farm = first["is_farm_household"]
    return HouseholdFacts(
        household_id=household_id,
        registered_on=(before.registered_on if before else first["registered_on"] or effective_on),
        commune=before.commune if before else group.commune,
        lives_there_from=lives_there_from,
        is_farm_household=(before.is_farm_household if before else False)
        if is_farm is None
        else is_farm,
        members=(*stay, *stated.values()),
        village=village_after(first["village"], group.from_day, before, lives_there_from),
    )


def village_after(
    stated: str | None, since: date | None, before: StoredHousehold | None, begins: date
) -> str | None:
    """A sheet from before a move within the commune tells of the village of that time."""
    if before is None:
        return stated
    is_older = since is not None and since < begins
    return before.village or stated if is_older else stated or before.village


def changed_identity(
    known: Identity, row: RowFacts, person_id: UUID, household_id: UUID, from_day: date
) -> PersonIdentity | None:
    """What a line states of who a person is, and is not known yet; None: nothing."""
    numbers = {k: v for k, v in row.numbers.items() if known.numbers.get(k) != normalise(v)}
    name = row.name
    if name is not None and known.name == tidy(name):
        name = None
    address = row.address
    if address is not None and known.address == tidy(address):
        address = None
    if name is None and address is None and not numbers:
        return None
    return PersonIdentity(person_id, household_id, from_day, name, numbers, address)


def replaced_columns(known: Identity, change: PersonIdentity) -> list[str]:
    """Where a change puts another name or number in the place of a known one. Where a person is
    reached is not who it is.
    """
    name = ["name"] if change.name is not None and known.name is not None else []
    return name + [str(kind) for kind in change.numbers if kind in known.numbers]


def lines_of(
    errors: Sequence[FieldError], facts: HouseholdFacts, group: Group, persons: Mapping[int, UUID]
) -> Refusals:
    """The broken rules of a stated household, where they stand in the file."""
    line_of = {person_id: line for line, person_id in persons.items()}
    refused: Refusals = {}
    for error in errors:
        parts = error.pointer.split("/")
        line, column = group.rows[0].line, "relation" if error.rule.startswith("head.") else ""
        if len(parts) > 2 and parts[1] == "members":
            line = line_of.get(facts.members[int(parts[2])].person_id, line)
            column = _COLUMNS.get(parts[-1], "")
        elif parts[-1] in ("registered_on", "from_day"):
            column = parts[-1]
        pointer = f"/{column}" if column else ""
        refused.setdefault(line, []).append(replace(error, pointer=pointer))
    return refused


def _first(group: Group, name: str) -> Any:
    return next((said for row in group.rows if (said := getattr(row, name)) is not None), None)


def _member(
    row: RowFacts,
    person_id: UUID,
    old: MemberFacts | None,
    joined: date,
) -> MemberFacts:
    birth_date = row.birth_date or (old.birth_date if old else None)
    return MemberFacts(
        person_id=person_id,
        birth_date=birth_date,
        birth_year=row.birth_year,
        sex=row.sex,
        ethnicity=row.ethnicity,
        relation=row.relation,
        disability=row.disability or (old.disability if old else Disability.NONE),
        schooling=row.schooling or (old.schooling if old else Schooling.NOT_ATTENDING),
        employment=row.employment or (old.employment if old else Employment.INACTIVE),
        has_pension=_or(row.has_pension, old.has_pension if old else False),
        joined_on=row.joined_on
        or (old.joined_on if old else max(joined, birth_date) if birth_date else joined),
        left_on=None,
        is_low_income_worker=_or(
            row.is_low_income_worker, old.is_low_income_worker if old else False
        ),
    )


def _or(stated: bool | None, otherwise: bool) -> bool:
    return otherwise if stated is None else stated

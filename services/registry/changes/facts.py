"""Which facts of which households a change touches: before, after, and what one claims meanwhile.

Pure. A proposal says its changes as edits of households; applied to households as they stand they
give households as they would be, and the difference of the two is what a person decides on. No name
and no number is among these facts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from libs.common.problems import FieldError, Text
from libs.common.vocabulary import Disability, Employment, LeftReason, Relation, Schooling, Sex
from services.registry.households.domain import HouseholdFacts, MemberFacts
from services.registry.households.memberships import member_already, no_member


class Fact(StrEnum):
    """What a change can touch; the words are those of the law table."""

    EXISTENCE = "existence"
    RESIDENCE = "residence"
    VILLAGE = "village"
    FARM = "farm"
    MEMBERSHIP = "membership"
    RELATION = "relation"
    BIRTH = "birth"
    SEX = "sex"
    ETHNICITY = "ethnicity"
    DISABILITY = "disability"
    SCHOOLING = "schooling"
    EMPLOYMENT = "employment"
    PENSION = "pension"
    LOW_INCOME_WORKER = "low_income_worker"
    NAME = "name"
    NUMBER = "number"
    ADDRESS = "address"


# How the facts of a member and of a household are made of their fields.
MEMBER_FIELDS: dict[Fact, tuple[str, ...]] = {
    Fact.MEMBERSHIP: ("joined_on", "left_on", "left_reason"),
    Fact.RELATION: ("relation",),
    Fact.BIRTH: ("birth_date", "birth_year"),
    Fact.SEX: ("sex",),
    Fact.ETHNICITY: ("ethnicity",),
    Fact.DISABILITY: ("disability",),
    Fact.SCHOOLING: ("schooling",),
    Fact.EMPLOYMENT: ("employment",),
    Fact.PENSION: ("has_pension",),
    Fact.LOW_INCOME_WORKER: ("is_low_income_worker",),
}
HOUSEHOLD_FIELDS: dict[Fact, tuple[str, ...]] = {
    Fact.RESIDENCE: ("commune", "lives_there_from"),
    Fact.VILLAGE: ("village",),
    Fact.FARM: ("is_farm_household",),
}

# Who lives together, where and from what: a class was given to these.
CLASS_RESTS_ON = frozenset((Fact.EXISTENCE, Fact.RESIDENCE, Fact.FARM, Fact.MEMBERSHIP))

_EXISTENCE: dict[Fact, tuple[str, ...]] = {Fact.EXISTENCE: ("closed_on",)}
_MEMBERSHIP: dict[Fact, tuple[str, ...]] = {Fact.MEMBERSHIP: MEMBER_FIELDS[Fact.MEMBERSHIP]}
_PERSON: dict[Fact, tuple[str, ...]] = {
    fact: names for fact, names in MEMBER_FIELDS.items() if fact is not Fact.MEMBERSHIP
}

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """A household as it stands; from `closed_on` on it counts nowhere."""

    household: HouseholdFacts
    closed_on: date | None = None

    @property
    def stays(self) -> dict[UUID, MemberFacts]:
        """Of everybody who was ever a member, the newest stay."""
        ordered = sorted(self.household.members, key=lambda member: member.stay)
        return {member.person_id: member for member in ordered}


@dataclass(frozen=True, slots=True)
class FactChange:
    """One fact of a household, or of a person in it; None is where there was, or will be, none."""

    household_id: UUID
    person_id: UUID | None
    fact: Fact
    before: Values | None
    after: Values | None


@dataclass(frozen=True, slots=True)
class Claim:
    """What one open request holds for itself: a fact of one subject, in the words of the table."""

    subject: UUID
    fact: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one household.

    Attributes:
        pointer: where it stands in the request.
        person_id: of the member it is about; None: about the household itself.
        joins: who becomes a member.
        values: fields that get another value; of the member, else of the household.
        never_was: the member is taken out as if it had never been one.
    """

    household_id: UUID
    pointer: str
    person_id: UUID | None = None
    joins: MemberFacts | None = None
    values: Values = field(default_factory=dict)
    never_was: bool = False


def edited(
    households: Mapping[UUID, HouseholdFacts], edits: Sequence[Edit]
) -> tuple[dict[UUID, HouseholdFacts], list[FieldError]]:
    """Households as edits would leave them, and which edits cannot be made of them.

    Args:
        households: as they stand; every edit is of one of them.
        edits: in order.
    """
    after, errors = dict(households), []
    for edit in edits:
        household = after[edit.household_id]
        error = _fault(household, edit)
        if error is None:
            after[edit.household_id] = _edit(household, edit)
        else:
            errors.append(error)
    return after, errors


def _fault(household: HouseholdFacts, edit: Edit) -> FieldError | None:
    stays = Standing(household).stays
    if edit.joins is not None:
        known = stays.get(edit.joins.person_id)
        return member_already(edit.pointer) if known is not None and known.left_on is None else None
    if edit.person_id is None:
        return None
    if edit.person_id not in stays:
        return no_member(edit.pointer)
    leaves = edit.values.get("left_on") is not None
    return _has_left(edit.pointer) if leaves and stays[edit.person_id].left_on else None


def _edit(household: HouseholdFacts, edit: Edit) -> HouseholdFacts:
    if edit.joins is not None:
        return replace(household, members=(*household.members, edit.joins))
    if edit.person_id is None:
        return replace(household, **edit.values)
    newest = Standing(household).stays[edit.person_id]
    values = dict(edit.values)
    if values.get("birth_date") and newest.joined_on == newest.birth_date:
        values.setdefault("joined_on", values["birth_date"])  # a member from birth on
    return replace(
        household,
        members=tuple(
            replace(member, **values) if member is newest else member
            for member in household.members
            if not (edit.never_was and member is newest)
        ),
    )


def place_of(pointer: str, household: HouseholdFacts, edits: Sequence[Edit]) -> str:
    """Where in the request a broken rule comes from.

    Args:
        pointer: in the whole household, e.g. `/members/3/birth_date`.
        household: as edited.
        edits: that were made.
    """
    if pointer == "/household_id":  # the household itself is in the way: it is closed, or merged
        return pointer
    parts = pointer.split("/")
    if parts[1] == "residence":
        moves = (edit.pointer for edit in edits if "lives_there_from" in edit.values)
        return "/effective_on" if parts[-1] == "from_day" else next(moves, "/proposal")
    is_members = len(parts) > 3 and parts[1] == "members"
    person = household.members[int(parts[2])].person_id if is_members else None
    for edit in edits:
        about = edit.person_id if edit.joins is None else edit.joins.person_id
        if edit.household_id == household.household_id and about == person is not None:
            return f"{edit.pointer}/{parts[-1]}"
    return "/proposal"


def changes_between(
    before: Mapping[UUID, Standing], after: Mapping[UUID, Standing]
) -> tuple[FactChange, ...]:
    """Every fact that differs, household by household in the order of `after`.

    Of a person who goes from one of the households to another the other facts go along: they are
    told only where they differ.
    """
    found: list[FactChange] = []
    known_persons = {m.person_id: m for one in before.values() for m in one.stays.values()}
    still = {person_id for one in after.values() for person_id in one.stays}
    for household_id, now in after.items():
        was = before.get(household_id)
        found += _differences(household_id, None, _EXISTENCE, was, now)
        facts = None if was is None else was.household
        found += _differences(household_id, None, HOUSEHOLD_FIELDS, facts, now.household)
        stays = {} if was is None else was.stays
        for person_id, stay in now.stays.items():
            known = stays.get(person_id)
            if known is None and stay.left_on is not None:
                continue
            found += _differences(household_id, person_id, _MEMBERSHIP, known, stay)
            other = known or known_persons.get(person_id)
            found += _differences(household_id, person_id, _PERSON, other, stay)
        for person_id in sorted(stays.keys() - now.stays.keys()):
            fields = _MEMBERSHIP if person_id in still else MEMBER_FIELDS
            found += _differences(household_id, person_id, fields, stays[person_id], None)
    return tuple(found)


def _differences(
    household_id: UUID,
    person_id: UUID | None,
    fields: Mapping[Fact, tuple[str, ...]],
    before: object | None,
    after: object | None,
) -> Iterable[FactChange]:
    for fact, names in fields.items():
        was, will = _values(before, names), _values(after, names)
        if was != will:
            yield FactChange(household_id, person_id, fact, was, will)


def _values(record: object | None, names: tuple[str, ...]) -> Values | None:
    return None if record is None else {name: _plain(getattr(record, name)) for name in names}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def claims(changes: Iterable[FactChange], own: Iterable[Claim] = ()) -> list[Claim]:
    """What a request claims while it is open: each fact once, in one order for all."""
    touched = {Claim(c.person_id or c.household_id, str(c.fact)) for c in changes}
    return sorted(touched.union(own), key=lambda claim: (claim.subject, claim.fact))


def differing(written: Sequence[FactChange], present: Sequence[FactChange]) -> list[int]:
    """The places in `written` that are not what the same proposal would change at present.

    A change that would come on top has no place of its own: it is told as one past the last.
    """
    still = {_key(change): change for change in present}
    places = [place for place, change in enumerate(written) if still.get(_key(change)) != change]
    if {_key(change) for change in written} < still.keys():
        places.append(len(written))
    return places


def undoing(changes: Sequence[FactChange], pointer: str) -> list[Edit]:
    """The edits that make the facts what they were before these changes.

    A move is undone from its own day on: the household has then lived where it lived before.
    """
    groups: dict[tuple[UUID, UUID | None], list[FactChange]] = {}
    for change in changes:
        groups.setdefault((change.household_id, change.person_id), []).append(change)
    return [
        Edit(household_id, pointer, person_id, **_undo(person_id, group))
        for (household_id, person_id), group in groups.items()
    ]


def _undo(person_id: UUID | None, group: Sequence[FactChange]) -> dict[str, Any]:
    before: dict[str, Any] = {}
    for change in group:
        before |= change.before or {}
        if change.fact is Fact.RESIDENCE and change.after is not None:
            before["lives_there_from"] = change.after["lives_there_from"]
    typed = {name: _TYPES.get(name, _same)(value) for name, value in before.items()}
    if person_id is None:
        return {"values": typed}
    memberships = [change for change in group if change.fact is Fact.MEMBERSHIP]
    if memberships and memberships[0].before is None:
        return {"never_was": True}
    if memberships and memberships[0].after is None:
        return {"joins": MemberFacts(person_id=person_id, **typed)}
    return {"values": typed}


def is_stayed(change: FactChange) -> bool:
    """Whether only the day of the residence is another one: where a household is said to have
    stayed after all, the day on which it was thought to move says nothing.
    """
    before, after = change.before, change.after
    if change.fact is not Fact.RESIDENCE or before is None or after is None:
        return False
    return bool(before["commune"] == after["commune"])


def not_undone(changes: Sequence[FactChange], by: Sequence[FactChange]) -> list[int]:
    """The places in `changes` that are not just taken back: the fact is another one since."""
    now = {_key(change): change for change in by}
    return [
        place
        for place, change in enumerate(changes)
        if (back := now.get(_key(change))) is None or back.before != change.after
    ]


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _reason(value: str | None) -> LeftReason | None:
    return None if value is None else LeftReason(value)


def _same(value: Any) -> Any:
    return value


_TYPES: dict[str, Callable[[Any], Any]] = {
    "birth_date": _day,
    "joined_on": _day,
    "left_on": _day,
    "left_reason": _reason,
    "lives_there_from": _day,
    "sex": Sex,
    "relation": Relation,
    "disability": Disability,
    "schooling": Schooling,
    "employment": Employment,
}


def _key(change: FactChange) -> tuple[UUID, UUID | None, Fact]:
    return change.household_id, change.person_id, change.fact


def _has_left(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "person.has_left",
        Text("Người này đã rời hộ.", "The person has left the household already."),
        Text("Kiểm tra lại người được nêu.", "Check who is meant."),
    )

"""Records in the standard's shapes, with the fields that the partner's registration names.

They are written as canonical JSON at once, names in order, and are signed as they stand: no tree of
a message is built. What is said is chosen once, as writers: each gives `"name":value,` or nothing.
What many records share (a class, a day, a commune) is written once and remembered; ids and names
are not.
"""

import functools
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from libs.common.vocabulary import Disability, Employment, Relation, Schooling, StatusClass
from services.registry.dci.filters import NEWLY_ESCAPED, NO_STATUS
from services.registry.dci.naming import DEMOGRAPHICS, PERSON_NAME
from services.registry.dci.store import Commune
from services.registry.reviews.domain import Row, derive_timeline

CONTEXT = {"spdci": "https://schema.spdci.org/extensions/social/v1/"}
_HEAD = b'"@context":' + to_json(CONTEXT) + b',"@type":"spdci:%b",'
_OF_GROUP, _OF_MEMBER, _OF_PERSON = (_HEAD % one for one in (b"Group", b"Member", b"SRPerson"))
_MOST_REMEMBERED = 20_000  # of one field
_HOUSEHOLD = "2"  # of the standard's assistance units
_EMPLOYMENT = {
    Employment.EMPLOYED: "4",
    Employment.SELF_EMPLOYED: "6",
    Employment.FARMING: "6",
    Employment.UNEMPLOYED: "2",
    Employment.INACTIVE: "2",
}
# The level attended now, by ISCED; the standard's list has no vocational one of its own.
_EDUCATION = {
    Schooling.PRESCHOOL: "0",
    Schooling.PRIMARY: "1",
    Schooling.LOWER_SECONDARY: "2",
    Schooling.UPPER_SECONDARY: "3",
    Schooling.VOCATIONAL: "4",
    Schooling.HIGHER: "6",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A household's class on a day: the worst over all standards."""

    status: str
    standard: str | None = None
    from_day: date | None = None
    until: date | None = None
    decision_no: str | None = None


NO_STANDING = Standing(NO_STATUS)
_WORST = {StatusClass.POOR: 0, StatusClass.NEAR_POOR: 1}


def standing_on(rows: Sequence[Row], day: date) -> Standing:
    """What a household's decisions mean on a day."""
    if not rows:
        return NO_STANDING
    if len(rows) == 1:  # as most have: nothing to put in order
        return _of_one(rows[0], day)
    timeline = derive_timeline(rows).on(day)
    numbers = {row.decision_id: row.number for row in rows}
    held = [period for period in timeline.periods if period.status in _WORST]
    if held:
        worst = min(held, key=lambda period: _WORST[period.status])
        return Standing(
            worst.status.value,
            worst.standard,
            worst.from_day,
            worst.until,
            numbers[worst.decision_id],
        )
    if timeline.windows:
        window = max(timeline.windows, key=lambda one: one.until)
        number = numbers[window.decision_id]
        return Standing(NEWLY_ESCAPED, window.standard, window.from_day, window.until, number)
    return NO_STANDING


def _of_one(row: Row, day: date) -> Standing:
    if row.status not in _WORST or day < row.effective_on:
        return NO_STANDING
    return Standing(row.status.value, row.standard, row.effective_on, None, row.number)


@dataclass(frozen=True, slots=True)
class Home:
    """A household with everything that its records say.

    Attributes:
        row: of the store: the household with its present residence.
        commune: what its code meant when it was recorded; `address` says it.
        standing: its class, where that was asked for.
        names: written, of those who may be named.
    """

    row: asyncpg.Record
    commune: Commune | None
    address: bytes
    standing: Standing
    members: Sequence[asyncpg.Record]
    names: Mapping[UUID, bytes] = field(default_factory=dict)


OfPerson = Callable[[asyncpg.Record, Home, bytes], bytes]  # the last: its identifiers, written
OfGroup = Callable[[Home, Sequence[bytes]], bytes]  # the last: its members, written
Writer = TypeVar("Writer")


class Renderer:
    """Writes records for one partner.

    Args:
        fields: what may be said; see `libs.common.dci.fields.allowed`.
    """

    def __init__(self, fields: Collection[str]) -> None:
        self._person = _chosen("person", _PERSON, fields)
        of_member = _facts_of_member(fields) | {"demographic_info": self._demographics} | _MEMBER
        self._member = _chosen("member", of_member, fields)
        self._group = _chosen("group", _facts_of_group(fields) | _GROUP, fields)
        self.says_members = not {"group.member_list", "group.group_head_info"}.isdisjoint(fields)
        self.needs_members = self.says_members or "group.group_size" in fields
        self.says_names = PERSON_NAME in fields
        self.says_names_of_members = self.says_names and DEMOGRAPHICS in fields
        self.says_status = any(f"group.{name}" in fields for name in _STATUS_FACTS)

    def group(self, home: Home) -> bytes:
        """A household."""
        listed = home.members if self.says_members else ()
        members = [
            _about(b'"@type":"Member",', self._member, one, home, own_identifier(one))
            for one in listed
        ]
        return _whole(_OF_GROUP, [write(home, members) for write in self._group])

    def member(self, row: asyncpg.Record, home: Home, found_by: bytes = b"") -> bytes:
        """A person in a household; `found_by` is an `identifier` that is said before its own."""
        return _about(_OF_MEMBER, self._member, row, home, found_by + own_identifier(row))

    def person(self, row: asyncpg.Record, home: Home, found_by: bytes = b"") -> bytes:
        """A person alone."""
        return _about(_OF_PERSON, self._person, row, home, found_by + own_identifier(row))

    def _demographics(self, row: asyncpg.Record, home: Home, own: bytes) -> bytes:
        person = _about(b'"@type":"SRPerson",', self._person, row, home, own)
        return b'"demographic_info":%b,' % person


def _about(
    head: bytes, writers: Sequence[OfPerson], row: asyncpg.Record, home: Home, own: bytes
) -> bytes:
    return _whole(head, [write(row, home, own) for write in writers])


def _whole(head: bytes, said: Sequence[bytes]) -> bytes:
    """An object of what was written; its last comma goes."""
    return b"{%b%b}" % (head, b"".join(said)[:-1])


def _chosen(
    kind: str, writers: Mapping[str, Writer], fields: Collection[str]
) -> tuple[Writer, ...]:
    """The writers of what may be said; national facts have chosen theirs already."""
    return tuple(
        write for name, write in writers.items() if name == _FACTS or f"{kind}.{name}" in fields
    )


def identifier(kind: str, value: str) -> bytes:
    return b'{"identifier_type":%b,"identifier_value":%b}' % (to_json(kind), to_json(value))


def own_identifier(row: asyncpg.Record) -> bytes:
    value = str(row["person_id"]).encode()
    return b'{"identifier_type":"PERSON_ID","identifier_value":"%b"}' % value


Value = TypeVar("Value", bound=Hashable)


class _Remembered(dict[Value, bytes]):
    """What was written for a value; forgets all of it where it holds too much."""

    def __init__(self, write: Callable[[Value], bytes]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, value: Value) -> bytes:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        said = self[value] = self._write(value)
        return said


def _said(name: str, value: object) -> bytes:
    return b'"%b":%b,' % (name.encode(), to_json(value))


def _day(name: str, day: date | None) -> bytes:
    """A day as the standard's date-time: its beginning in Vietnam."""
    return b"" if day is None else _said(name, f"{day.isoformat()}T00:00:00+07:00")


_FACTS = "additional_attributes"


def _national(facts: Iterable[tuple[str, object]]) -> bytes:
    """Facts that the standard has no names for."""
    return _said(_FACTS, [{name: value} for name, value in facts if value is not None])


def _severity(disability: str) -> bytes:
    if disability == Disability.NONE:
        return b""
    return _said("disability_info", [{"functional_severity": disability}])


def _education(schooling: str) -> bytes:
    level = _EDUCATION.get(Schooling(schooling))
    return b"" if level is None else _said("education_level", level)


_YEAR = _Remembered[int](lambda year: _national([("birth_year", year)]))
_BORN = _Remembered[date | None](lambda day: _day("birth_date", day))
_REGISTERED = _Remembered[date](lambda day: _day("registration_date", day))
_UPDATED = _Remembered[datetime](lambda at: _said("last_updated", at))
_SEX = _Remembered[str](lambda sex: _said("sex", sex))
_SEVERITY = _Remembered[str](_severity)
_LEVEL = _Remembered[str](_education)
_WORK = _Remembered[str](lambda work: _said("employment_status", _EMPLOYMENT[Employment(work)]))
_DISABLED = _Remembered[str](lambda one: _said("is_disabled", one != Disability.NONE))

# What is written of each, in the order of the written names.
_PERSON: dict[str, OfPerson] = {
    "birth_year": lambda row, home, own: _YEAR[row["birth_year"]],
    "address": lambda row, home, own: home.address,
    "birth_date": lambda row, home, own: _BORN[row["birth_date"]],
    "identifier": lambda row, home, own: b'"identifier":[%b],' % own,
    "last_updated": lambda row, home, own: _UPDATED[row["recorded_at"]],
    "name": lambda row, home, own: home.names.get(row["person_id"], b""),
    "registration_date": lambda row, home, own: _REGISTERED[home.row["registered_on"]],
    "sex": lambda row, home, own: _SEX[row["sex"]],
}
_MEMBER: dict[str, OfPerson] = {
    "disability_info": lambda row, home, own: _SEVERITY[row["disability"]],
    "education_level": lambda row, home, own: _LEVEL[row["schooling"]],
    "employment_status": lambda row, home, own: _WORK[row["employment"]],
    "is_disabled": lambda row, home, own: _DISABLED[row["disability"]],
    "last_updated": lambda row, home, own: _UPDATED[row["recorded_at"]],
    "member_identifier": lambda row, home, own: b'"member_identifier":[%b],' % own,
}
_GROUP: dict[str, OfGroup] = {
    "address": lambda home, members: home.address,
    "group_head_info": lambda home, members: _head(home, members),
    "group_identifier": lambda home, members: (
        b'"group_identifier":[%b],' % identifier("HOUSEHOLD_ID", str(home.row["household_id"]))
    ),
    "group_size": lambda home, members: _said("group_size", len(home.members)),
    "group_type": lambda home, members: _said("group_type", _HOUSEHOLD),
    "last_updated": lambda home, members: _UPDATED[_last_updated(home)],
    "member_list": lambda home, members: b'"member_list":[%b],' % b",".join(members),
    "registration_date": lambda home, members: _REGISTERED[home.row["registered_on"]],
}
# National facts: of a household, and columns of a member.
_GROUP_FACTS: Mapping[str, Callable[[Home], Any]] = {
    "poverty_status": lambda home: home.standing.status,
    "poverty_status_from": lambda home: home.standing.from_day,
    "poverty_status_until": lambda home: home.standing.until,
    "poverty_standard": lambda home: home.standing.standard,
    "decision_no": lambda home: home.standing.decision_no,
    "area_code": lambda home: home.row["residence"],
    "area_code_version": lambda home: home.commune and home.commune.valid_from,
    "is_farm_household": lambda home: home.row["is_farm_household"],
}
_STATUS_FACTS = frozenset(
    "poverty_status poverty_status_from poverty_status_until poverty_standard decision_no".split()
)
_MEMBER_FACTS = {
    "relation_to_head": "relation",
    "ethnicity": "ethnicity",
    "has_pension": "has_pension",
    "joined_on": "joined_on",
}


def _facts_of_group(fields: Collection[str]) -> dict[str, OfGroup]:
    """What writes those facts that may be said, if any may."""
    chosen = {name: read for name, read in _GROUP_FACTS.items() if f"group.{name}" in fields}
    reads = tuple(chosen.values())
    known = _Remembered[tuple[object, ...]](
        lambda values: _national(zip(chosen, values, strict=True))
    )
    return (
        {_FACTS: lambda home, members: known[tuple([read(home) for read in reads])]}
        if chosen
        else {}
    )


def _facts_of_member(fields: Collection[str]) -> dict[str, OfPerson]:
    chosen = {name: one for name, one in _MEMBER_FACTS.items() if f"member.{name}" in fields}
    columns = tuple(chosen.values())
    known = _Remembered[tuple[object, ...]](
        lambda values: _national(zip(chosen, values, strict=True))
    )
    return (
        {_FACTS: lambda row, home, own: known[tuple([row[one] for one in columns])]}
        if chosen
        else {}
    )


def address_of(code: str, commune: Commune | None) -> bytes:
    """Where a household lives: its commune as recorded, nothing nearer."""
    address = {"country_code": "VN"}
    if commune is not None:
        address["locality"] = commune.name
        address["region_code"] = commune.province
    address["sub_region_code"] = code
    return _said("address", [address])


def _head(home: Home, members: Sequence[bytes]) -> bytes:
    for row, said in zip(home.members, members, strict=True):
        if row["relation"] == Relation.HEAD:
            return b'"group_head_info":%b,' % said
    return b""


def _last_updated(home: Home) -> datetime:
    known = [home.row["recorded_at"], *[one["recorded_at"] for one in home.members]]
    found: datetime = max(known)
    return found


@functools.lru_cache(maxsize=64)
def renderer(fields: frozenset[str]) -> Renderer:
    """That of a registration's fields: what it remembers serves the next message too."""
    return Renderer(fields)

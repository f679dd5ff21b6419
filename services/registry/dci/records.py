"""Records in the standard's shapes, with the fields that the partner's registration names.

Plain dictionaries, their names in order and days and instants as they are: so they are written once
and are signed as they stand.
Names are not held yet; `name` stays out until they are.
"""

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from libs.common.vocabulary import Disability, Employment, Relation, Schooling, StatusClass
from services.registry.dci.filters import NEWLY_ESCAPED, NO_STATUS
from services.registry.dci.store import Commune
from services.registry.reviews.domain import Row, derive_timeline

CONTEXT = {"spdci": "https://schema.spdci.org/extensions/social/v1/"}
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

Record = dict[str, Any]
Fact = TypeVar("Fact")


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
        row, residence: of the store.
        commune: what its code meant when it was recorded.
        address: of `address_of`; one object for all who live there.
        standing: its class, where that was asked for.
    """

    row: asyncpg.Record
    residence: asyncpg.Record
    commune: Commune | None
    address: list[Record]
    standing: Standing
    members: Sequence[asyncpg.Record]

    @property
    def household_id(self) -> UUID:
        found: UUID = self.row["household_id"]
        return found


class Renderer:
    """Makes records for one partner.

    Args:
        fields: what may be said; see `libs.common.dci.fields.allowed`.
    """

    def __init__(self, fields: Collection[str]) -> None:
        self._fields = frozenset(fields)
        self._group_facts = self._named("group", _GROUP_FACTS)
        self._member_facts = self._named("member", _MEMBER_FACTS)
        self.says_members = bool({"group.member_list", "group.group_head_info"} & self._fields)
        self.needs_members = self.says_members or "group.group_size" in self._fields
        self.says_status = bool(_STATUS_FACTS & set(self._group_facts))

    def group(self, home: Home) -> Record:
        """A household."""
        allowed = self._fields
        listed = home.members if self.says_members else ()
        members = [self._member({"@type": "Member"}, one, home, None) for one in listed]
        record: Record = {"@context": CONTEXT, "@type": "spdci:Group"}
        if self._group_facts:
            record["additional_attributes"] = self._of_group(home)
        if "group.address" in allowed:
            record["address"] = home.address
        if "group.group_head_info" in allowed and (place := _head(home.members)) is not None:
            record["group_head_info"] = members[place]
        record["group_identifier"] = [_identifier("HOUSEHOLD_ID", home.household_id)]
        if "group.group_size" in allowed:
            record["group_size"] = len(home.members)
        if "group.group_type" in allowed:
            record["group_type"] = _HOUSEHOLD
        if "group.last_updated" in allowed:
            record["last_updated"] = _last_updated(home)
        if "group.member_list" in allowed:
            record["member_list"] = members
        if "group.registration_date" in allowed:
            record["registration_date"] = _day(home.row["registered_on"])
        return record

    def member(self, row: asyncpg.Record, home: Home, said: Record | None = None) -> Record:
        """A person in a household; `said` is the identifier that it was found by."""
        return self._member({"@context": CONTEXT, "@type": "spdci:Member"}, row, home, said)

    def person(self, row: asyncpg.Record, home: Home, said: Record | None = None) -> Record:
        """A person alone."""
        return self._person(
            {"@context": CONTEXT, "@type": "spdci:SRPerson"}, row, home, _identifiers(row, said)
        )

    def _member(
        self, record: Record, row: asyncpg.Record, home: Home, said: Record | None
    ) -> Record:
        allowed, own = self._fields, _identifiers(row, said)
        if self._member_facts:
            record["additional_attributes"] = [
                {name: row[column]} for name, column in self._member_facts.items()
            ]
        if "member.demographic_info" in allowed:
            record["demographic_info"] = self._person({"@type": "SRPerson"}, row, home, own)
        disability = row["disability"]
        if "member.disability_info" in allowed and disability != Disability.NONE:
            record["disability_info"] = [{"functional_severity": disability}]
        if "member.education_level" in allowed and row["schooling"] in _EDUCATION:
            record["education_level"] = _EDUCATION[row["schooling"]]
        if "member.employment_status" in allowed:
            record["employment_status"] = _EMPLOYMENT[row["employment"]]
        if "member.is_disabled" in allowed:
            record["is_disabled"] = disability != Disability.NONE
        if "member.last_updated" in allowed:
            record["last_updated"] = row["recorded_at"]
        record["member_identifier"] = own
        return record

    def _person(self, record: Record, row: asyncpg.Record, home: Home, own: list[Record]) -> Record:
        allowed = self._fields
        if "person.birth_year" in allowed:
            record["additional_attributes"] = [{"birth_year": row["birth_year"]}]
        if "person.address" in allowed:
            record["address"] = home.address
        if "person.birth_date" in allowed and row["birth_date"] is not None:
            record["birth_date"] = _day(row["birth_date"])
        record["identifier"] = own
        if "person.last_updated" in allowed:
            record["last_updated"] = row["recorded_at"]
        if "person.registration_date" in allowed:
            record["registration_date"] = _day(home.row["registered_on"])
        if "person.sex" in allowed:
            record["sex"] = row["sex"]
        return record

    def _of_group(self, home: Home) -> list[Record]:
        found = []
        for name, read in self._group_facts.items():
            value = read(home)
            if value is not None:
                found.append({name: value})
        return found

    def _named(self, kind: str, facts: Mapping[str, Fact]) -> dict[str, Fact]:
        return {name: fact for name, fact in facts.items() if f"{kind}.{name}" in self._fields}


# The national facts, which the standard has no names for: of a household, and columns of a member.
_GROUP_FACTS: Mapping[str, Callable[[Home], Any]] = {
    "poverty_status": lambda home: home.standing.status,
    "poverty_status_from": lambda home: home.standing.from_day,
    "poverty_status_until": lambda home: home.standing.until,
    "poverty_standard": lambda home: home.standing.standard,
    "decision_no": lambda home: home.standing.decision_no,
    "area_code": lambda home: home.residence["residence"],
    "area_code_version": lambda home: home.commune and home.commune.valid_from,
    "is_farm_household": lambda home: home.residence["is_farm_household"],
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


def address_of(code: str, commune: Commune | None) -> list[Record]:
    """Where a household lives: its commune as recorded, nothing nearer."""
    address = {"country_code": "VN"}
    if commune is not None:
        address["locality"] = commune.name
        address["region_code"] = commune.province
    address["sub_region_code"] = code
    return [address]


def _head(members: Sequence[asyncpg.Record]) -> int | None:
    """The head's place among the members."""
    places = (place for place, one in enumerate(members) if one["relation"] == Relation.HEAD)
    return next(places, None)


def _identifier(kind: str, value: UUID) -> Record:
    return {"identifier_type": kind, "identifier_value": str(value)}


def _identifiers(row: asyncpg.Record, said: Record | None) -> list[Record]:
    own = _identifier("PERSON_ID", row["person_id"])
    return [own] if said is None or said["identifier_type"] == "PERSON_ID" else [said, own]


def _last_updated(home: Home) -> datetime:
    known = [home.row["recorded_at"], home.residence["recorded_at"]]
    found: datetime = max(known + [one["recorded_at"] for one in home.members])
    return found


@functools.lru_cache(maxsize=65_536)
def _day(day: date) -> str:
    """A day as the standard's date-time: its beginning in Vietnam."""
    return f"{day.isoformat()}T00:00:00+07:00"

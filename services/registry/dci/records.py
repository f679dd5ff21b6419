"""Records in the standard's shapes, with the fields that the partner's registration names.

Plain dictionaries, their names in order: so they are written once and are signed as they stand.
Names are not held yet; `name` stays out until they are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from libs.common.clock import VIETNAM
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


@dataclass(frozen=True, slots=True)
class Home:
    """A household with everything that its records say.

    Attributes:
        row, residence: of the store.
        commune: what its code meant when it was recorded.
        standing: its class, where that was asked for.
    """

    row: asyncpg.Record
    residence: asyncpg.Record
    commune: Commune | None
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
        self.says_members = bool({"group.member_list", "group.group_head_info"} & self._fields)
        self.needs_members = self.says_members or "group.group_size" in self._fields
        self.says_status = any(name.startswith("group.poverty_s") for name in self._fields) or (
            "group.decision_no" in self._fields
        )

    def group(self, home: Home) -> Record:
        """A household."""
        allowed, head = self._fields, _head(home.members)
        record: Record = {"@context": CONTEXT, "@type": "spdci:Group"}
        if more := self._of_group(home):
            record["additional_attributes"] = more
        if "group.address" in allowed:
            record["address"] = _address(home)
        if "group.group_head_info" in allowed and head is not None:
            record["group_head_info"] = self._inner_member(head, home)
        record["group_identifier"] = [_identifier("HOUSEHOLD_ID", home.household_id)]
        if "group.group_size" in allowed:
            record["group_size"] = len(home.members)
        if "group.group_type" in allowed:
            record["group_type"] = _HOUSEHOLD
        if "group.last_updated" in allowed:
            record["last_updated"] = _last_updated(home)
        if "group.member_list" in allowed:
            record["member_list"] = [self._inner_member(one, home) for one in home.members]
        if "group.registration_date" in allowed:
            record["registration_date"] = _day(home.row["registered_on"])
        return record

    def member(self, row: asyncpg.Record, home: Home, said: Record | None = None) -> Record:
        """A person in a household; `said` is the identifier that it was found by."""
        inner = self._member(row, home, said, "SRPerson")
        return {"@context": CONTEXT, "@type": "spdci:Member", **inner}

    def person(self, row: asyncpg.Record, home: Home, said: Record | None = None) -> Record:
        """A person alone."""
        inner = self._person(row, home, said)
        return {"@context": CONTEXT, "@type": "spdci:SRPerson", **inner}

    def _inner_member(self, row: asyncpg.Record, home: Home) -> Record:
        return {"@type": "Member", **self._member(row, home, None, "SRPerson")}

    def _member(
        self, row: asyncpg.Record, home: Home, said: Record | None, person_type: str
    ) -> Record:
        allowed = self._fields
        record: Record = {}
        if more := self._of_member(row):
            record["additional_attributes"] = more
        if "member.demographic_info" in allowed:
            inner = self._person(row, home, said)
            record["demographic_info"] = {"@type": person_type, **inner}
        is_disabled = row["disability"] != Disability.NONE
        if "member.disability_info" in allowed and is_disabled:
            record["disability_info"] = [{"functional_severity": row["disability"]}]
        if "member.education_level" in allowed and row["schooling"] in _EDUCATION:
            record["education_level"] = _EDUCATION[row["schooling"]]
        if "member.employment_status" in allowed:
            record["employment_status"] = _EMPLOYMENT[row["employment"]]
        if "member.is_disabled" in allowed:
            record["is_disabled"] = is_disabled
        if "member.last_updated" in allowed:
            record["last_updated"] = _instant(row["recorded_at"])
        record["member_identifier"] = _identifiers(row, said)
        return record

    def _person(self, row: asyncpg.Record, home: Home, said: Record | None) -> Record:
        allowed = self._fields
        record: Record = {}
        if "person.birth_year" in allowed:
            record["additional_attributes"] = [{"birth_year": row["birth_year"]}]
        if "person.address" in allowed:
            record["address"] = _address(home)
        if "person.birth_date" in allowed and row["birth_date"] is not None:
            record["birth_date"] = _day(row["birth_date"])
        record["identifier"] = _identifiers(row, said)
        if "person.last_updated" in allowed:
            record["last_updated"] = _instant(row["recorded_at"])
        if "person.registration_date" in allowed:
            record["registration_date"] = _day(home.row["registered_on"])
        if "person.sex" in allowed:
            record["sex"] = row["sex"]
        return record

    def _of_group(self, home: Home) -> list[Record]:
        standing, commune = home.standing, home.commune
        facts = {
            "poverty_status": standing.status,
            "poverty_status_from": _plain(standing.from_day),
            "poverty_status_until": _plain(standing.until),
            "poverty_standard": standing.standard,
            "decision_no": standing.decision_no,
            "area_code": home.residence["residence"],
            "area_code_version": _plain(None if commune is None else commune.valid_from),
            "is_farm_household": home.residence["is_farm_household"],
        }
        return self._said("group", facts)

    def _of_member(self, row: asyncpg.Record) -> list[Record]:
        facts = {
            "relation_to_head": row["relation"],
            "ethnicity": row["ethnicity"],
            "has_pension": row["has_pension"],
            "joined_on": _plain(row["joined_on"]),
        }
        return self._said("member", facts)

    def _said(self, kind: str, facts: Record) -> list[Record]:
        return [
            {name: value}
            for name, value in facts.items()
            if value is not None and f"{kind}.{name}" in self._fields
        ]


def _head(members: Sequence[asyncpg.Record]) -> asyncpg.Record | None:
    return next((one for one in members if one["relation"] == Relation.HEAD), None)


def _identifier(kind: str, value: UUID) -> Record:
    return {"identifier_type": kind, "identifier_value": str(value)}


def _identifiers(row: asyncpg.Record, said: Record | None) -> list[Record]:
    own = _identifier("PERSON_ID", row["person_id"])
    return [own] if said is None or said["identifier_type"] == "PERSON_ID" else [said, own]


def _address(home: Home) -> list[Record]:
    commune = home.commune
    address = {"country_code": "VN"}
    if commune is not None:
        address["locality"] = commune.name
        address["region_code"] = commune.province
    address["sub_region_code"] = home.residence["residence"]
    return [address]


def _last_updated(home: Home) -> str:
    known = [home.row["recorded_at"], home.residence["recorded_at"]]
    return _instant(max(known + [one["recorded_at"] for one in home.members]))


def _day(day: date) -> str:
    """A day as the standard's date-time: its beginning in Vietnam."""
    return f"{day.isoformat()}T00:00:00+07:00"


def _instant(at: datetime) -> str:
    return at.astimezone(VIETNAM).isoformat(timespec="seconds")


def _plain(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

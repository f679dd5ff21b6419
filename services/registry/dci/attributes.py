"""What can be asked for, by which field of a registration, and how its values are read. Pure.

Attributes are a closed list, each open to a partner only where its registration names the field
that the attribute would tell of. Numbers and days may stand in strings.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from libs.common.dci.words import Reason

LONGEST_VALUE = 100


class QueryRefused(Exception):
    """An item that cannot be answered.

    Args:
        reason: of the standard.
        text: what is wrong, in words of ours.
    """

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


class Kind(StrEnum):
    NUMBER = "number"
    TEXT = "text"
    DAY = "day"
    FLAG = "flag"
    AREA = "area"  # a code of a commune, a district or a province: every commune under it


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something that can be asked for.

    Attributes:
        of_person: of a member; else of the household.
        field: what a registration must name for it.
    """

    name: str
    kind: Kind
    of_person: bool
    field: str


def _attribute(name: str, kind: Kind, field_name: str) -> Attribute:
    return Attribute(name, kind, not field_name.startswith("group."), field_name)


ATTRIBUTES: Mapping[str, Attribute] = {
    one.name: one
    for one in (
        _attribute("group_size", Kind.NUMBER, "group.group_size"),
        _attribute("poverty_score", Kind.NUMBER, "group.poverty_score"),
        _attribute("poverty_status", Kind.TEXT, "group.poverty_status"),
        _attribute("registration_date", Kind.DAY, "group.registration_date"),
        _attribute("last_updated", Kind.DAY, "group.last_updated"),
        _attribute("is_farm_household", Kind.FLAG, "group.is_farm_household"),
        _attribute("area_code", Kind.AREA, "group.area_code"),
        _attribute("age", Kind.NUMBER, "person.birth_date"),
        _attribute("birth_date", Kind.DAY, "person.birth_date"),
        _attribute("birth_year", Kind.NUMBER, "person.birth_year"),
        _attribute("sex", Kind.TEXT, "person.sex"),
        _attribute("ethnicity", Kind.TEXT, "member.ethnicity"),
        _attribute("is_disabled", Kind.FLAG, "member.is_disabled"),
        _attribute("employment_status", Kind.TEXT, "member.employment_status"),
        _attribute("education_level", Kind.TEXT, "member.education_level"),
    )
}
_ALIASES = {
    "location": "area_code",
    "region_code": "area_code",
    "sub_region_code": "area_code",
    "district": "area_code",
    "gender": "sex",
    "YOB": "birth_year",
    "DOB": "birth_date",
}
_SORTABLE = frozenset({"group_size", "registration_date", "last_updated", "age", "birth_date"})


def known_attribute(name: str, fields: Collection[str]) -> Attribute:
    """One that the partner may ask for; those it may not are refused as those that are none."""
    attribute = ATTRIBUTES.get(_ALIASES.get(name, name))
    if attribute is None or attribute.field not in fields:
        raise refused("an attribute that is not offered")
    return attribute


def sortable(name: str, fields: Collection[str]) -> Attribute:
    """One that answers can be sorted by."""
    attribute = ATTRIBUTES.get(_ALIASES.get(name, name))
    if attribute is None or attribute.name not in _SORTABLE or attribute.field not in fields:
        raise QueryRefused(Reason.SORT, f"sort by {', '.join(sorted(_SORTABLE))}")
    return attribute


def coerced(attribute: Attribute, value: Any) -> Any:
    """The value as the attribute's kind."""
    found: Any = None
    match attribute.kind:
        case Kind.NUMBER:
            found = _number(value)
        case Kind.DAY:
            found = _day(value)
        case Kind.FLAG:
            found = _FLAGS.get(str(value).lower()) if isinstance(value, bool | int | str) else None
        case Kind.TEXT | Kind.AREA:
            found = str(value) if isinstance(value, str | int) else None
            found = None if found is None or len(found) > LONGEST_VALUE else found.strip()
    if found is None:
        raise refused(f"{attribute.name}: the value is not a {attribute.kind}")
    return found


def refused(text: str) -> QueryRefused:
    """The criteria make no sense."""
    return QueryRefused(Reason.CRITERIA, text)


_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**12 else None


def _day(value: Any) -> date | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value).date()
    except ValueError:
        return None

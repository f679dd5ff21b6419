"""What of a record a registration can name: `group`, `member.sex`; a name stands for all below."""

from collections.abc import Iterable

from libs.common.dci.words import RecordType

STREAMS = frozenset({"household"})  # of the events that notifications tell of

# What a record always says: whose it is.
_ALWAYS = frozenset({"group.group_identifier", "member.member_identifier", "person.identifier"})
FIELDS: frozenset[str] = _ALWAYS | frozenset(
    f"{kind}.{name}"
    for kind, names in {
        "group": (
            "group_type address group_head_info group_size member_list registration_date "
            "last_updated poverty_score poverty_score_type poverty_status poverty_status_from "
            "poverty_status_until poverty_standard decision_no area_code area_code_version "
            "is_farm_household"
        ),
        "member": (
            "demographic_info is_disabled disability_info employment_status education_level "
            "relation_to_head ethnicity has_pension joined_on last_updated"
        ),
        "person": "name sex birth_date birth_year address last_updated registration_date",
    }.items()
    for name in names.split()
)
NAMES: frozenset[str] = FIELDS | {"group", "member", "person"}


def allowed(named: Iterable[str]) -> frozenset[str]:
    """The fields that a registration's names stand for."""
    found = set(_ALWAYS)
    for name in named:
        found |= {field for field in FIELDS if field == name or field.startswith(f"{name}.")}
    return frozenset(found)


PREFIXES = {RecordType.GROUP: "group", RecordType.MEMBER: "member", RecordType.PERSON: "person"}

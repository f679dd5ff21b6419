"""Between the contracts of the bus and the law's own words: facts in, entitlements out."""

import hashlib
from collections.abc import Sequence
from functools import cache

from libs.common.contracts.entitlement import Entitlement, SubjectKind, SupportArea
from libs.common.contracts.household import HouseholdArea, HouseholdData, Member
from services.eligibility.catalogue.domain import (
    AreaFacts,
    Catalogue,
    DesignationFacts,
    EscapeFacts,
    HouseholdFacts,
    MemberFacts,
    StatusFacts,
)
from services.eligibility.catalogue.domain import Entitlement as Right

_SUPPORT = {str(support): support for support in SupportArea}
_SUBJECT = {str(kind): kind for kind in SubjectKind}


def facts_of(household: HouseholdData) -> HouseholdFacts:
    """What the law asks of a household."""
    return HouseholdFacts(
        household_id=household.household_id,
        closed_on=household.closed_on,
        area=_area(household.area, household.earlier_areas),
        is_farm_household=household.is_farm_household,
        members=tuple([_member(member) for member in household.members]),
        statuses=tuple(
            [StatusFacts(s.standard, s.status, s.from_day, s.until) for s in household.statuses]
        ),
        escapes=tuple(
            [EscapeFacts(e.standard, e.from_class, e.from_day, e.until) for e in household.escapes]
        ),
        closures=tuple([(one.from_day, one.until) for one in household.closures]),
    )


def _area(area: HouseholdArea, earlier: Sequence[HouseholdArea] = ()) -> AreaFacts:
    return AreaFacts(
        area.province,
        area.kind,
        area.from_day,
        tuple([DesignationFacts(d.designation, d.from_day, d.until) for d in area.designations]),
        tuple([_area(place) for place in earlier]),
    )


def _member(member: Member) -> MemberFacts:
    return MemberFacts(
        person_id=member.person_id,
        birth_date=member.birth_date,
        birth_year=member.birth_year,
        sex=member.sex,
        ethnicity=member.ethnicity,
        disability=member.disability,
        schooling=member.schooling,
        has_pension=member.has_pension,
        joined_on=member.joined_on,
        left_on=member.left_on,
        is_low_income_worker=member.is_low_income_worker,
    )


def entitlement_of(right: Right) -> Entitlement:
    """The contract's form of a right that the law gives; nothing is validated again."""
    values = dict(zip(Right._fields, right, strict=True))
    values["support"] = _SUPPORT[right.support]
    values["subject_kind"] = _SUBJECT[right.subject_kind]
    return Entitlement.of_trusted(values)


@cache
def digest_of(catalogue: Catalogue) -> str:
    """A short name of the rules as they stand in their files: other rules, another name."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted({table.file for table in catalogue.book.tables}):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()

"""Builders of household facts for tests of the law: one poor household in a rural commune."""

from datetime import date
from uuid import UUID, uuid4

from libs.common.vocabulary import AreaKind, Designation, Disability, Schooling, Sex, StatusClass
from services.eligibility.catalogue.domain import (
    AreaFacts,
    Catalogue,
    DesignationFacts,
    EscapeFacts,
    HouseholdFacts,
    MemberFacts,
    StatusFacts,
    determine,
)

ND07 = "ND07-2021"
START = date(2022, 1, 1)


def a_status(
    status: StatusClass = StatusClass.POOR,
    from_day: date = START,
    until: date | None = None,
    standard: str = ND07,
) -> StatusFacts:
    return StatusFacts(standard, status, from_day, until)


def an_escape(
    from_day: date,
    until: date,
    from_class: StatusClass = StatusClass.POOR,
    standard: str = ND07,
) -> EscapeFacts:
    return EscapeFacts(standard, from_class, from_day, until)


def a_member(
    birth_date: date | None = date(1990, 5, 20),
    *,
    birth_year: int | None = None,
    sex: Sex = Sex.MALE,
    ethnicity: str = "kinh",
    disability: Disability = Disability.NONE,
    schooling: Schooling = Schooling.NOT_ATTENDING,
    has_pension: bool = False,
    joined_on: date = START,
    left_on: date | None = None,
    is_low_income_worker: bool = False,
) -> MemberFacts:
    year = birth_year if birth_date is None else birth_date.year
    assert year is not None
    return MemberFacts(
        person_id=uuid4(),
        birth_date=birth_date,
        birth_year=year,
        sex=sex,
        ethnicity=ethnicity,
        disability=disability,
        schooling=schooling,
        has_pension=has_pension,
        joined_on=joined_on,
        left_on=left_on,
        is_low_income_worker=is_low_income_worker,
    )


def an_area(
    *designations: Designation,
    province: str = "06",
    kind: AreaKind = AreaKind.RURAL_COMMUNE,
    from_day: date = date(2020, 1, 1),
) -> AreaFacts:
    periods = tuple(DesignationFacts(item, date(2020, 1, 1), None) for item in designations)
    return AreaFacts(province, kind, from_day, periods)


def a_household(
    *members: MemberFacts,
    statuses: tuple[StatusFacts, ...] = (a_status(),),
    escapes: tuple[EscapeFacts, ...] = (),
    area: AreaFacts | None = None,
    closed_on: date | None = None,
    is_farm_household: bool = False,
) -> HouseholdFacts:
    return HouseholdFacts(
        household_id=uuid4(),
        closed_on=closed_on,
        area=area or an_area(),
        is_farm_household=is_farm_household,
        members=members,
        statuses=statuses,
        escapes=escapes,
    )


def programmes_on(
    household: HouseholdFacts, day: date, catalogue: Catalogue, subject: UUID | None = None
) -> set[str]:
    """What a subject (default: the household) has on a day, determined as of that day."""
    wanted = subject or household.household_id
    return {
        entry.programme
        for entry in determine(household, day, catalogue).entitlements
        if entry.subject_id == wanted
        and entry.from_day <= day
        and (entry.until is None or day < entry.until)
    }

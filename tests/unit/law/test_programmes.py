"""The law of credit, health insurance and training, as cases: who, when, what."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from libs.common.policy import add_months
from libs.common.problems import Text
from libs.common.programmes import PROGRAMMES
from libs.common.vocabulary import AreaKind, Designation, Disability, Schooling, Sex, StatusClass
from services.eligibility.catalogue.domain import (
    AreaFacts,
    Entitlement,
    HouseholdFacts,
    MemberFacts,
    catalogue,
    determine,
    group_order,
)
from tests.support.households import (
    a_household,
    a_member,
    a_status,
    an_area,
    an_escape,
    programmes_on,
)

POOR, NEAR = StatusClass.POOR, StatusClass.NEAR_POOR
AVERAGE, NONE = StatusClass.AVERAGE_LIVING, StatusClass.NONE
TODAY = date(2026, 6, 1)


def test_every_programme_is_called_as_its_table_is_or_has_a_title_over_several() -> None:
    titles: dict[str, set[Text]] = {}
    for table in catalogue().book.tables:
        for row in table.rows:
            if row.programme is not None:
                titles.setdefault(row.programme, set()).add(table.title)
    assert titles.keys() == PROGRAMMES.keys()
    others = {one for one, borne in titles.items() if PROGRAMMES[one] not in borne}
    assert others == {"insurance.TN"}, "each of two provinces has a table of its own"


def entitlement(household: HouseholdFacts, programme: str, day: date) -> Entitlement | None:
    """The one in force on a day, determined as of that day."""
    for entry in determine(household, day, catalogue()).entitlements:
        if entry.programme == programme and entry.from_day <= day and entry.until is None:
            return entry
    return None


@pytest.mark.parametrize(
    ("status", "credit"),
    [(POOR, {"credit.01"}), (NEAR, {"credit.19"}), (AVERAGE, set()), (NONE, set())],
)
def test_the_class_decides_the_loan_programme(status: StatusClass, credit: set[str]) -> None:
    assert programmes_on(a_household(statuses=(a_status(status),)), TODAY, catalogue()) == credit


ESCAPED_ON = date(2023, 3, 10)
WINDOW_ENDS = add_months(date(2023, 2, 28), 36)


@pytest.mark.parametrize(
    ("day", "credit"),
    [
        (date(2023, 3, 9), {"credit.01"}),
        (ESCAPED_ON, {"credit.09"}),
        (date(2026, 2, 27), {"credit.09"}),
        (WINDOW_ENDS, set()),
    ],
)
def test_an_escape_opens_programme_09_until_the_window_ends(day: date, credit: set[str]) -> None:
    household = a_household(
        statuses=(a_status(POOR, until=ESCAPED_ON), a_status(NONE, ESCAPED_ON)),
        escapes=(an_escape(ESCAPED_ON, WINDOW_ENDS),),
    )
    assert programmes_on(household, day, catalogue()) == credit


def test_a_household_poor_again_inside_the_window_borrows_as_poor() -> None:
    again = date(2024, 1, 1)
    household = a_household(
        statuses=(a_status(POOR, again),), escapes=(an_escape(ESCAPED_ON, WINDOW_ENDS),)
    )
    assert programmes_on(household, again, catalogue()) == {"credit.01"}


@pytest.mark.parametrize(
    ("standard", "day", "is_counted"),
    [
        ("QD59-2015", date(2021, 12, 31), True),
        ("QD59-2015", date(2022, 1, 1), False),
        ("ND07-2021", date(2021, 12, 31), False),
        ("ND07-2021", date(2022, 1, 1), True),
        ("ND07-2021", date(2026, 12, 31), True),
        ("ND07-2021", date(2027, 1, 1), False),
        ("ND351-2025", date(2027, 1, 1), True),
        ("BN-2025", date(2025, 10, 1), False),
    ],
)
def test_only_the_national_standard_of_the_day_counts(
    standard: str, day: date, is_counted: bool
) -> None:
    household = a_household(statuses=(a_status(POOR, date(2021, 1, 1), standard=standard),))
    assert ("credit.01" in programmes_on(household, day, catalogue())) is is_counted


HUE, HCMC = an_area(province="46"), an_area(province="79", kind=AreaKind.WARD)


@pytest.mark.parametrize(
    ("area", "day", "support", "benefit"),
    [
        (an_area(), date(2025, 12, 31), 70, 95),
        (an_area(), date(2026, 1, 1), 70, 100),
        (an_area(Designation.POOR_COMMUNE), date(2025, 8, 14), 70, 95),
        (an_area(Designation.POOR_COMMUNE), date(2025, 8, 15), 100, 95),
        (an_area(Designation.POOR_COMMUNE), date(2026, 1, 1), 100, 100),
        (an_area(Designation.POOR_DISTRICT), date(2024, 1, 1), 100, 95),
        (HUE, date(2025, 12, 31), 100, 95),
        (HUE, date(2026, 1, 1), 100, 100),
        (HCMC, date(2026, 1, 1), 70, 100),
    ],
)
def test_support_and_benefit_of_the_near_poor(
    area: AreaFacts, day: date, support: int, benefit: int
) -> None:
    household = a_household(a_member(), statuses=(a_status(NEAR),), area=area)
    found = entitlement(household, "insurance.CN", day)
    assert found is not None
    assert found.benefit == {"support_percent": support, "benefit_percent": benefit}


@pytest.mark.parametrize(
    ("area", "day", "support", "is_confirmed"),
    [
        (an_area(), TODAY, None, None),
        (HCMC, date(2025, 12, 31), None, None),
        (HCMC, date(2026, 1, 1), 100, False),
        (HUE, TODAY, 50, False),
        (an_area(province="79", from_day=date(2026, 7, 1)), TODAY, None, None),
    ],
)
def test_the_newly_escaped_are_supported_only_by_two_cities(
    area: AreaFacts, day: date, support: int | None, is_confirmed: bool | None
) -> None:
    household = a_household(
        a_member(),
        statuses=(a_status(NONE),),
        escapes=(an_escape(date(2024, 1, 1), date(2027, 1, 1)),),
        area=area,
    )
    found = entitlement(household, "insurance.TN", day)
    assert (found.benefit["support_percent"] if found else None) == support
    assert (found.is_confirmed if found else None) == is_confirmed


@dataclass(frozen=True)
class Case:
    """A person, and the insurance groups he is in on a day."""

    name: str
    member: MemberFacts
    day: date
    groups: set[str]
    status: StatusClass = NONE
    area: AreaFacts = field(default_factory=lambda: an_area(kind=AreaKind.WARD))
    is_farm: bool = False


OLD = date(1950, 6, 15)  # 75 on 15/6/2025
MIDDLE = date(1955, 7, 1)  # 70 on 1/7/2025
CHILD = date(2020, 2, 29)  # 6 on 1/3/2026: 2026 has no 29 February
CASES = [
    Case("day before the 6th birthday", a_member(CHILD), date(2026, 2, 28), {"TE", "HN"}, POOR),
    Case("6th birthday of a leap-day child", a_member(CHILD), date(2026, 3, 1), {"HN"}, POOR),
    Case("before social pension", a_member(OLD), date(2025, 6, 30), {"GD"}),
    Case("75 and no pension", a_member(OLD), date(2025, 7, 1), {"LH", "GD"}),
    Case("75 with pension", a_member(OLD, has_pension=True), TODAY, {"GD"}),
    Case("70, poor", a_member(MIDDLE), date(2025, 7, 1), {"LH", "HN"}, POOR),
    Case("70, near-poor", a_member(MIDDLE), TODAY, {"LH", "CN"}, NEAR),
    Case("70, not poor", a_member(MIDDLE), TODAY, {"GD"}),
    Case("69, poor", a_member(date(1956, 6, 2)), TODAY, {"HN"}, POOR),
    Case("80 in 2024", a_member(date(1944, 1, 1)), date(2024, 1, 1), {"BT", "GD"}),
    Case("severe", a_member(disability=Disability.SEVERE), TODAY, {"BT", "GD"}),
    Case("mild", a_member(disability=Disability.MILD), TODAY, {"GD"}),
    Case("farm, average", a_member(), TODAY, {"GB", "GD"}, AVERAGE, is_farm=True),
    Case("no farm, average", a_member(), TODAY, {"GD"}, AVERAGE),
    Case(
        "minority, difficult area",
        a_member(ethnicity="tay"),
        TODAY,
        {"DT", "GD"},
        area=an_area(Designation.DIFFICULT),
    ),
    Case(
        "minority, extremely difficult commune",
        a_member(ethnicity="tay"),
        TODAY,
        {"DT", "DK", "HN"},
        POOR,
        an_area(Designation.EXTREMELY_DIFFICULT),
    ),
    Case("Kinh, island", a_member(), TODAY, {"XD", "GD"}, area=an_area(Designation.ISLAND)),
    Case(
        "pupil", a_member(date(2015, 1, 1), schooling=Schooling.PRIMARY), TODAY, {"HS", "CN"}, NEAR
    ),
    Case("student", a_member(schooling=Schooling.HIGHER), TODAY, {"SV", "GD"}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_insurance_groups(case: Case) -> None:
    household = a_household(
        case.member,
        statuses=(a_status(case.status),),
        area=case.area,
        is_farm_household=case.is_farm,
    )
    found = programmes_on(household, case.day, catalogue(), case.member.person_id)
    groups = {name.partition(".")[2] for name in found if name.startswith("insurance.")}
    assert groups == case.groups


@pytest.mark.parametrize(("day", "benefit"), [(date(2025, 12, 31), 80), (date(2026, 1, 1), 100)])
def test_the_benefit_of_social_pensioners_rises_in_2026(day: date, benefit: int) -> None:
    found = entitlement(a_household(a_member(OLD), statuses=(a_status(NONE),)), "insurance.LH", day)
    assert found is not None
    assert found.benefit["benefit_percent"] == benefit


@pytest.mark.parametrize(
    ("table", "row", "document"),
    [
        ("insurance.LH", "aged_75", "NQ 261/2025"),  # the budget's share
        ("insurance.LH", "aged_70_poor", "NQ 261/2025"),
        ("insurance.TN", "escaped", "75/2025"),  # the benefit of 80 %
        ("training.338", "rural", "NĐ 338/2025"),  # the age limits
    ],
)
def test_a_row_that_rests_on_one_unread_figure_is_not_confirmed(
    table: str, row: str, document: str
) -> None:
    marks = {
        found.source.is_confirmed
        for version in catalogue().book.versions(table)
        for found in version.rows
        if found.id == row and document in found.source.document
    }
    assert marks == {False}


def test_nobody_pays_for_himself_before_a_decision_has_classed_the_household() -> None:
    member = a_member()
    household = a_household(member, statuses=(), area=an_area(kind=AreaKind.WARD))
    assert programmes_on(household, TODAY, catalogue(), member.person_id) == set()


TRAINING = [
    (a_member(), POOR, date(2025, 12, 31), "training.46.poor", 3_000_000),
    (a_member(), POOR, date(2026, 1, 1), "training.338.rural", 4_000_000),
    (a_member(ethnicity="dao"), POOR, date(2025, 1, 1), "training.46.minority_poor", 4_000_000),
    (a_member(), NEAR, date(2025, 1, 1), "training.46.near_poor", 2_500_000),
    (a_member(), NONE, date(2025, 1, 1), "training.46.rural", 2_000_000),
    (
        a_member(disability=Disability.MILD),
        POOR,
        date(2025, 1, 1),
        "training.46.disabled",
        6_000_000,
    ),
    (a_member(date(2011, 1, 2)), POOR, date(2026, 1, 1), None, 0),
    (a_member(date(2011, 1, 2)), POOR, date(2026, 1, 2), "training.338.rural", 4_000_000),
    (a_member(date(1966, 1, 2)), POOR, date(2026, 1, 1), "training.338.rural", 4_000_000),
    (a_member(date(1966, 1, 2)), POOR, date(2026, 1, 2), None, 0),
]


@pytest.mark.parametrize(("member", "status", "day", "programme", "amount"), TRAINING)
def test_training(
    member: MemberFacts, status: StatusClass, day: date, programme: str | None, amount: int
) -> None:
    household = a_household(member, statuses=(a_status(status),))
    found = programmes_on(household, day, catalogue(), member.person_id)
    names = {name for name in found if name.startswith("training.")}
    assert names == ({programme} if programme else set())
    if programme:
        granted = entitlement(household, programme, day)
        assert granted is not None
        assert granted.benefit["course_amount"] == amount


@pytest.mark.parametrize(
    ("day", "is_entitled"),
    [(date(2025, 4, 9), False), (date(2025, 4, 10), True), (date(2026, 1, 1), False)],
)
def test_low_income_workers_since_nd_30_2025(day: date, is_entitled: bool) -> None:
    member = a_member(is_low_income_worker=True)
    household = a_household(member, statuses=(a_status(NONE),))
    found = programmes_on(household, day, catalogue(), member.person_id)
    assert ("training.ntp.low_income" in found) is is_entitled


@pytest.mark.parametrize(("sex", "is_entitled"), [(Sex.FEMALE, True), (Sex.MALE, False)])
def test_women_are_trained_wherever_they_live(sex: Sex, is_entitled: bool) -> None:
    member = a_member(sex=sex)
    household = a_household(member, statuses=(a_status(NONE),), area=an_area(kind=AreaKind.WARD))
    found = programmes_on(household, date(2025, 1, 1), catalogue(), member.person_id)
    assert ("training.46.women" in found) is is_entitled


def test_the_newly_escaped_are_trained_in_poor_districts() -> None:
    member = a_member()
    household = a_household(
        member,
        statuses=(a_status(NONE),),
        escapes=(an_escape(date(2024, 1, 1), date(2027, 1, 1)),),
        area=an_area(Designation.POOR_DISTRICT),
    )
    found = programmes_on(household, date(2025, 1, 1), catalogue(), member.person_id)
    assert "training.ntp.escaped" in found


def test_an_age_from_a_birth_year_alone_is_counted_from_january_and_marked() -> None:
    known, guessed = a_member(date(2020, 1, 1)), a_member(None, birth_year=2020)
    household = a_household(known, guessed)
    for day, is_under_six in ((date(2025, 12, 31), True), (date(2026, 1, 1), False)):
        for member in (known, guessed):
            found = programmes_on(household, day, catalogue(), member.person_id)
            assert ("insurance.TE" in found) is is_under_six
    marks = {
        entry.subject_id: entry.is_confirmed
        for entry in determine(household, date(2025, 1, 1), catalogue()).entitlements
        if entry.programme == "insurance.TE"
    }
    assert marks == {known.person_id: True, guessed.person_id: False}


def test_the_order_of_the_groups_is_a_row_and_shows_its_mark() -> None:
    order = group_order(catalogue(), TODAY)
    assert order.groups == tuple("TE BT HN DT DK XD LH CN TN GB HS SV GD".split())
    assert order.not_on_roll == {"GD"}
    assert order.row == "order"
    assert order.is_confirmed is False


def test_every_insurance_group_has_its_place_in_the_order() -> None:
    groups = {
        programme.partition(".")[2]
        for table in catalogue().book.tables
        for programme in table.programmes
        if programme.startswith("insurance.")
    }
    assert groups == set(group_order(catalogue(), TODAY).groups)


LAST = date(2024, 5, 10)


def test_the_dead_have_nothing_from_the_day_of_death_on_and_the_others_keep_theirs() -> None:
    dead, widow = a_member(left_on=LAST), a_member()
    household = a_household(dead, widow)
    held = programmes_on(household, LAST - timedelta(days=1), catalogue(), dead.person_id)
    assert "insurance.HN" in held
    assert programmes_on(household, LAST, catalogue(), dead.person_id) == set()
    assert "insurance.HN" in programmes_on(household, LAST, catalogue(), widow.person_id)


def test_a_closed_household_and_its_members_have_nothing() -> None:
    member = a_member(left_on=LAST)
    household = a_household(member, closed_on=LAST)
    assert programmes_on(household, LAST - timedelta(days=1), catalogue()) == {"credit.01"}
    for subject in (household.household_id, member.person_id):
        assert programmes_on(household, LAST, catalogue(), subject) == set()


def test_who_comes_back_has_rights_over_each_stay() -> None:
    first = a_member(left_on=LAST)
    again = first._replace(joined_on=TODAY, left_on=None)
    household = a_household(first, again, a_member())
    days = (LAST - timedelta(days=1), LAST, TODAY)
    held = [bool(programmes_on(household, day, catalogue(), first.person_id)) for day in days]
    assert held == [True, False, True]

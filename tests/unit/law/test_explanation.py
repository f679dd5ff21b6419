"""Why, and why not, in both languages, with row, conditions and document."""

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given, settings

from libs.common.vocabulary import AreaKind, Designation, StatusClass
from services.eligibility.catalogue.domain import (
    Explanation,
    HouseholdFacts,
    catalogue,
    determine,
    explain,
)
from tests.support.households import a_household, a_member, a_status, an_area, an_escape
from tests.unit.law.test_determination import days, households

DAY = date(2026, 6, 1)
PROGRAMMES = sorted({p for table in catalogue().book.tables for p in table.programmes})


def ask(household: HouseholdFacts, programme: str, day: date = DAY) -> Explanation:
    """About the first member, or the household where the programme is the household's."""
    is_credit = programme.startswith("credit.")
    subject = household.household_id if is_credit else household.members[0].person_id
    return explain(household, subject, programme, day, catalogue())


def test_why() -> None:
    found = ask(a_household(a_member()), "insurance.HN")
    assert found.is_entitled
    assert (found.table, found.row) == ("insurance.HN", "poor")
    assert found.document == "NĐ 188/2025/NĐ-CP"
    assert found.standard == "ND07-2021"
    assert found.benefit == {"support_percent": 100, "benefit_percent": 100}
    assert found.summary.vi == "Được hưởng: Người thuộc hộ nghèo, theo NĐ 188/2025/NĐ-CP."
    assert found.summary.en == "Entitled: Member of a poor household, under NĐ 188/2025/NĐ-CP."


def test_why_not_names_the_condition_that_failed_and_what_is_so() -> None:
    found = ask(a_household(a_member(), statuses=(a_status(StatusClass.NEAR_POOR),)), "credit.01")
    assert not found.is_entitled
    (condition,) = found.tables[0].reason.rows[0].conditions
    assert not condition.held
    assert condition.asked.vi.endswith("hộ nghèo")
    assert condition.found.vi.endswith("hộ cận nghèo")
    assert condition.found.en.endswith("near-poor household")
    assert found.summary.vi.startswith("Không được hưởng: cần “Phân loại hộ")
    assert (found.row, found.document, found.benefit) == (None, None, {})


def test_an_overlay_of_another_place_is_shown_with_its_failed_scope() -> None:
    household = a_household(
        a_member(),
        statuses=(a_status(StatusClass.NONE),),
        escapes=(an_escape(date(2025, 1, 1), date(2028, 1, 1)),),
    )
    found = ask(household, "insurance.TN")
    assert not found.is_entitled
    assert [entry.scope.held for entry in found.tables] == [False, False]
    assert "79" in found.summary.vi
    assert "06" in found.summary.vi


def test_the_overlay_of_the_place_is_asked_first() -> None:
    household = a_household(
        a_member(), statuses=(a_status(StatusClass.NEAR_POOR),), area=an_area(province="46")
    )
    found = ask(household, "insurance.CN")
    assert found.tables[0].table.provinces == {"46"}
    assert found.row == "near_poor_topped_up"
    assert found.is_confirmed is False
    assert found.notes[0].vi.startswith("Căn cứ pháp lý chưa được xác nhận")


def test_a_better_row_of_the_same_table_is_named() -> None:
    household = a_household(
        a_member(), area=an_area(Designation.DIFFICULT, kind=AreaKind.RURAL_COMMUNE)
    )
    found = ask(household, "training.338.rural")
    assert not found.is_entitled
    assert "Người lao động ở xã vùng khó khăn" in found.summary.vi


@pytest.mark.parametrize(
    ("programme", "day", "words"),
    [
        ("training.46.poor", DAY, "đến trước 01/01/2026"),
        ("training.338.rural", date(2025, 12, 31), "chỉ áp dụng từ 01/01/2026"),
    ],
)
def test_a_rule_that_is_not_in_force(programme: str, day: date, words: str) -> None:
    found = ask(a_household(a_member()), programme, day)
    assert not found.is_entitled
    assert found.tables == ()
    assert words in found.summary.vi


@pytest.mark.parametrize(
    ("household", "fact"),
    [
        (a_household(a_member(), closed_on=date(2026, 1, 1)), "household_open"),
        (a_household(a_member(left_on=date(2026, 1, 1))), "membership"),
        (a_household(a_member(joined_on=date(2026, 7, 1))), "membership"),
    ],
)
def test_who_is_not_there_has_nothing(household: HouseholdFacts, fact: str) -> None:
    found = ask(household, "insurance.HN")
    assert not found.is_entitled
    assert [condition.fact for condition in found.presence if not condition.held] == [fact]


def test_a_programme_for_households_is_not_for_persons() -> None:
    household = a_household(a_member())
    found = explain(household, household.members[0].person_id, "credit.01", DAY, catalogue())
    assert not found.is_entitled
    assert found.presence[0].held is False


def test_an_assumed_birthday_is_told() -> None:
    found = ask(a_household(a_member(None, birth_year=2022)), "insurance.TE")
    assert found.is_entitled
    assert found.is_confirmed is False
    assert any("01 tháng 01" in note.vi for note in found.notes)


def test_unknown_programmes_and_strangers_are_refused() -> None:
    household = a_household(a_member())
    with pytest.raises(LookupError):
        explain(household, household.household_id, "credit.77", DAY, catalogue())
    with pytest.raises(LookupError):
        explain(household, uuid4(), "credit.01", DAY, catalogue())


@settings(max_examples=60, deadline=None)
@given(household=households(), day=days)
def test_explaining_never_contradicts_determining(household: HouseholdFacts, day: date) -> None:
    granted = {
        (entry.subject_id, entry.programme): entry
        for entry in determine(household, day, catalogue()).entitlements
        if entry.until is None
    }
    for programme in PROGRAMMES:
        for subject in (household.household_id, *(m.person_id for m in household.members)):
            found = explain(household, subject, programme, day, catalogue())
            entry = granted.get((subject, programme))
            assert found.is_entitled == (entry is not None)
            assert found.summary.vi
            assert found.summary.en
            if entry is not None:
                assert (found.table, found.row) == (entry.table, entry.row)
                assert (found.document, found.is_confirmed) == (entry.document, entry.is_confirmed)
                assert found.benefit == entry.benefit

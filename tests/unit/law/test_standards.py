"""Which standard may be applied when, and what it makes of a household."""

from datetime import date

import pytest

from libs.common.vocabulary import AreaKind, StatusClass
from services.registry.standards.domain import check_standard, classify, standard_on, standards

POOR, NEAR, AVERAGE, NONE = (
    StatusClass.POOR,
    StatusClass.NEAR_POOR,
    StatusClass.AVERAGE_LIVING,
    StatusClass.NONE,
)
RURAL, WARD, ZONE = AreaKind.RURAL_COMMUNE, AreaKind.WARD, AreaKind.SPECIAL_ZONE


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2015, 12, 31), None),
        (date(2016, 1, 1), "QD59-2015"),
        (date(2021, 12, 31), "QD59-2015"),
        (date(2022, 1, 1), "ND07-2021"),
        (date(2025, 12, 31), "ND07-2021"),
        (date(2026, 12, 31), "ND07-2021"),
        (date(2027, 1, 1), "ND351-2025"),
    ],
)
def test_the_national_standard_of_a_day(day: date, code: str | None) -> None:
    found = standard_on(day)
    assert (found.code if found else None) == code


def test_a_province_has_its_own_standard_beside_the_national_one() -> None:
    day = date(2025, 10, 1)
    own, national = standard_on(day, "27"), standard_on(day)
    assert own is not None
    assert national is not None
    assert (own.code, own.is_confirmed) == ("BN-2025", False)
    assert (national.code, national.is_confirmed) == ("ND07-2021", True)
    assert standard_on(day, "06") is None


@pytest.mark.parametrize(
    ("standard", "status", "day", "rule"),
    [
        ("ND07-2021", POOR, date(2022, 1, 1), None),
        ("ND07-2021", POOR, date(2021, 12, 31), "standard.not_applied"),
        ("QD59-2015", POOR, date(2021, 12, 31), None),
        ("QD59-2015", POOR, date(2022, 1, 1), "standard.not_applied"),
        ("ND07-2021", AVERAGE, date(2026, 12, 31), None),
        ("ND07-2021", NONE, date(2027, 1, 1), "standard.not_applied"),
        ("ND351-2025", NONE, date(2027, 1, 1), None),
        ("ND351-2025", AVERAGE, date(2027, 1, 1), "standard.class_unknown"),
        ("ND99-2099", POOR, date(2026, 1, 1), "standard.unknown"),
    ],
)
def test_what_a_decision_may_say(
    standard: str, status: StatusClass, day: date, rule: str | None
) -> None:
    error = check_standard(standard, status, day, pointer="/rows/3")
    assert (error.rule if error else None) == rule
    if error:
        assert error.pointer.startswith("/rows/3/")


@pytest.mark.parametrize(
    ("standard", "day", "kind", "income", "deprivations", "status"),
    [
        ("QD59-2015", date(2021, 6, 1), RURAL, 700_000, 0, POOR),
        ("ND07-2021", date(2022, 6, 1), RURAL, 700_000, 0, NEAR),
        ("ND07-2021", date(2022, 6, 1), RURAL, 1_500_000, 3, POOR),
        ("ND07-2021", date(2022, 6, 1), RURAL, 1_500_001, 3, AVERAGE),
        ("ND07-2021", date(2022, 6, 1), RURAL, 2_250_001, 3, NONE),
        ("ND07-2021", date(2026, 6, 1), WARD, 2_000_000, 3, POOR),
        ("ND351-2025", date(2027, 6, 1), RURAL, 2_200_000, 2, NEAR),
        ("ND351-2025", date(2027, 6, 1), WARD, 2_800_001, 3, NONE),
    ],
)
def test_the_class_of_a_surveyed_household(
    standard: str, day: date, kind: AreaKind, income: int, deprivations: int, status: StatusClass
) -> None:
    found, reason = classify(standard, day, kind, income, deprivations)
    assert found is status
    assert (reason.row is None) == (status is NONE)


def test_the_line_of_special_zones_is_marked_unconfirmed() -> None:
    _, reason = classify("ND07-2021", date(2026, 1, 1), ZONE, 1_500_000, 3)
    decided = next(row for row in reason.rows if row.decided)
    assert not decided.source.is_confirmed


def test_every_standard_names_its_document() -> None:
    assert all(standard.documents for standard in standards().values())

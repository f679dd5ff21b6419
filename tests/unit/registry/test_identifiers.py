"""Identifiers: their forms, one writing of each, and what a personal number says of its bearer."""

from datetime import date

import pytest

from libs.common.vocabulary import Sex
from services.registry.vault.domain import (
    Bearer,
    IdentifierType,
    check_day,
    check_number,
    digest,
    doubts,
)

DAY = date(2022, 6, 1)
WOMAN = Bearer(Sex.FEMALE, 1985)


@pytest.mark.parametrize(
    ("kind", "value", "is_right"),
    [
        ("UIN", "006185000001", True),
        ("UIN", "006 185 000 001", True),
        ("UIN", "00618500000", False),
        ("UIN", "00618500000A", False),
        ("UIN", "٠٠٦١٨٥٠٠٠٠٠١", False),  # digits of another script
        ("NIN", "095123456", True),
        ("NIN", "006185000001", False),
        ("INSURANCE_NUMBER", "0123456789", True),
        ("BRN", "123/2015", True),
        ("BRN", "x" * 41, False),
    ],
)
def test_each_type_has_its_form(kind: str, value: str, is_right: bool) -> None:
    errors = list(check_number(IdentifierType(kind), value, "/value"))
    assert [error.rule for error in errors] == ([] if is_right else ["identifier.form"])
    assert all(value not in error.message.en + error.fix.en for error in errors)


def test_no_identifier_begins_tomorrow() -> None:
    [error] = check_day(date(2022, 6, 2), DAY, "/from_day")
    assert (error.pointer, error.rule) == ("/from_day", "day.future")


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ("006185000001", 0),  # a woman of 1985
        ("006085000001", 1),  # a man's
        ("006186000001", 1),  # another year
        ("006386000001", 1),  # a woman of 2086
        ("006986000001", 2),
    ],
)
def test_a_number_that_disagrees_is_doubted_and_not_refused(value: str, count: int) -> None:
    """Corrections exist: sex and century in the fourth digit, year in the fifth and sixth."""
    assert list(check_number(IdentifierType.UIN, value, "/value")) == []
    assert len(doubts(IdentifierType.UIN, value, WOMAN)) == count


def test_one_hash_for_one_number_and_another_for_each_type_and_key() -> None:
    one = digest(b"k" * 32, "UIN", "006185000001")
    assert one == digest(b"k" * 32, "UIN", " 006185 000001")
    assert one != digest(b"k" * 32, "NIN", "006185000001")
    assert one != digest(b"j" * 32, "UIN", "006185000001")
    assert len(one) == 32

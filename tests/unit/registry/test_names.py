"""Names and what a mask leaves of an identity."""

import pytest

from services.registry.vault.domain import IdentifierType, Identity, masked, tidy, words


@pytest.mark.parametrize(
    ("name", "found_by"),
    [
        ("Nguyễn Thị Đẹp", ["dep", "nguyen", "thi"]),
        ("  đẹp   NGUYỄN thị ", ["dep", "nguyen", "thi"]),
        ("Ly\u0301 A Y\u0301", ["a", "ly", "y"]),  # decomposed, as some keyboards write
        ("H’Bia Niê-Kđăm", ["bia", "h", "kdam", "nie"]),
        ("Hoàng Hoàng", ["hoang"]),
        ("...", []),
    ],
)
def test_a_name_is_found_by_its_words_without_marks_in_any_order(
    name: str, found_by: list[str]
) -> None:
    assert words(name) == found_by


def test_one_writing_of_a_name() -> None:
    assert tidy(" Ly\u0301\u00a0 Thi\u0323 ") == "Lý Thị"


def test_a_mask_leaves_initials_and_no_digit() -> None:
    numbers = {IdentifierType.UIN: "006185000123", IdentifierType.BRN: "12/15"}
    assert masked(Identity("Lý Thị Mai", numbers, "Bản Nà Muồng")) == Identity(
        "L*** T*** M***", {IdentifierType.UIN: "***", IdentifierType.BRN: "***"}, "***"
    )
    assert masked(Identity()) == Identity()

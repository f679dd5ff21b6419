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
        ("Lý Páo", ["ly", "pao"]),
        ("Y", ["y"]),
        ("L. T. Mai", ["l", "mai", "t"]),  # initials are words of their own, not beginnings
        ("ĐẶNG VĂN ĐỘ", ["dang", "do", "van"]),
        ("\u00d0\u1eb6NG V\u0102N \u00d0\u1ed8", ["dang", "do", "van"]),  # eth, as scans have it
        ("\u0189ang \u0256o", ["dang", "do"]),
        ("\u0110ang Thi\u0323 U\u031bo\u031b\u0301c", ["dang", "thi", "uoc"]),
        ("e\u0323\u0302 e\u0302\u0323 \u1ec7", ["e"]),  # marks in either order
        ("Trần Thị Ngọc-Ánh", ["anh", "ngoc", "thi", "tran"]),
        ("...", []),
    ],
)
def test_a_name_is_found_by_its_words_without_marks_in_any_order(
    name: str, found_by: list[str]
) -> None:
    assert words(name) == found_by


def test_one_writing_of_a_name() -> None:
    assert tidy(" Ly\u0301\u00a0 Thi\u0323 ") == "Lý Thị"
    assert tidy("\u00d0\u1eb7ng \u00f0\u1ed9") == "\u0110\u1eb7ng \u0111\u1ed9", "no eth"


def test_a_mask_leaves_initials_and_no_digit() -> None:
    numbers = {IdentifierType.UIN: "006185000123", IdentifierType.BRN: "12/15"}
    assert masked(Identity("Lý Thị Mai", numbers, "Bản Nà Muồng")) == Identity(
        "L*** T*** M***", {IdentifierType.UIN: "***", IdentifierType.BRN: "***"}, "***"
    )
    assert masked(Identity()) == Identity()

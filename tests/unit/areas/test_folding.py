"""Names are found with or without diacritics, in any case."""

import pytest

from services.registry.areas.domain import fold, marked_letters
from services.registry.areas.units import Gazetteer


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Xã Nghiên Loan", "xa nghien loan"),
        ("Thị trấn Đồng Đăng", "thi tran dong dang"),
        ("PHƯỜNG KỲ ANH", "phuong ky anh"),
        ("Phường Vỹ Dạ", "phuong vy da"),
    ],
)
def test_folded_names(name: str, folded: str) -> None:
    assert fold(name) == folded


def test_every_letter_of_a_real_name_is_known() -> None:
    letters = {letter for unit in Gazetteer() for letter in unit.name if not letter.isascii()}
    assert letters <= set(marked_letters())
    assert len(fold(marked_letters())) == len(marked_letters())

"""Households as a province's spreadsheet has them, one after the other: nothing is held.

The same seed gives the same households. Names are put together from common ones of the Kinh, Tày,
Nùng, Mông and Dao; no person is meant.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from services.registry.imports.form import TITLES

COLUMNS = (
    "code commune is_farm_household name relation birth sex ethnicity UIN INSURANCE_NUMBER address "
    "disability schooling employment has_pension"
).split()
HEADER = [TITLES[name] for name in COLUMNS]
_FAMILIES = {
    "Kinh": "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương",
    "Tày": "Hoàng Nông Ma Lường Hà Đàm Bế Triệu Lục La Chu",
    "Nùng": "Nông Hoàng Lý Lương Vi Mông Lộc Đàm",
    "Mông": "Giàng Vàng Lý Thào Sùng Hầu Vừ Mùa Hạng",
    "Dao": "Bàn Đặng Triệu Phùng Lý Chảo Tẩn",
}
_MIDDLE = {
    "Nam": "Văn Đức Hữu Quang Minh Xuân A Tiến Đình Ngọc".split(),
    "Nữ": "Thị Thu Ngọc Thanh Kim Mùi Minh Hồng".split(),
}
_GIVEN = {
    "Nam": (
        "An Bình Cường Dũng Đạt Giang Hải Hiếu Hùng Khánh Kiên Lâm Long Mạnh Nam Nghĩa Páo Phúc "
        "Quân Sơn Sình Tài Thắng Thành Thừa Tùng Tuấn Vinh Vượng Xuyên"
    ).split(),
    "Nữ": (
        "Anh Bích Chi Dung Duyên Giang Hà Hạnh Hiền Hoa Hương Hường Lan Liên Linh Loan Mai Mỷ Nga "
        "Ngân Nhung Oanh Phương Quyên Sen Thảo Thủy Trang Vân Yến"
    ).split(),
}
_SCHOOL = ((3, ""), (6, "Mầm non"), (11, "Tiểu học"), (15, "THCS"), (18, "THPT"))
_TODAY = date(2022, 6, 1)
_FARMS, _PENSIONS, _DISABLED, _WITHOUT_NUMBER = 0.8, 0.1, 0.03, 0.05


def households(persons: int, communes: Sequence[str], seed: int = 1) -> Iterator[list[list[str]]]:
    """Households of together at least so many persons, each as its lines under `HEADER`."""
    chance = random.Random(seed)  # noqa: S311
    made = number = 0
    while made < persons:
        number += 1
        commune = communes[number % len(communes)]
        household = _household(chance, f"{commune}-{number:06d}", commune, made)
        made += len(household)
        yield household


def _household(chance: random.Random, code: str, commune: str, made: int) -> list[list[str]]:
    ethnicity = chance.choice(list(_FAMILIES))
    families = _FAMILIES[ethnicity].split()
    family, age = chance.choice(families), chance.randint(24, 70)
    sex = chance.choice(("Nam", "Nữ"))
    people = [(family, "Chủ hộ", age, sex)]
    if chance.random() < 0.8:
        other = "Nữ" if sex == "Nam" else "Nam"
        people.append((chance.choice(families), "Vợ/chồng", age + chance.randint(-4, 4), other))
    for _ in range(chance.choice((0, 1, 1, 2, 2, 2, 3, 3, 4))):
        child = max(age - chance.randint(20, 35), 0)
        people.append((family, "Con", child, chance.choice(("Nam", "Nữ"))))
    if chance.random() < 0.3:
        people.append((family, "Cha/mẹ", age + chance.randint(20, 27), "Nữ"))
    farm = "Có" if chance.random() < _FARMS else "Không"
    village = f"Thôn {chance.randint(1, 14)}"
    return [
        _line(chance, code, commune, farm, person, ethnicity, village, made + place)
        for place, person in enumerate(people)
    ]


def _line(
    chance: random.Random,
    code: str,
    commune: str,
    farm: str,
    person: tuple[str, str, int, str],
    ethnicity: str,
    village: str,
    serial: int,
) -> list[str]:
    family, relation, age, sex = person
    born = _TODAY - timedelta(days=age * 365 + chance.randint(1, 364))
    name = f"{family} {chance.choice(_MIDDLE[sex])} {chance.choice(_GIVEN[sex])}"
    mark = (0 if born.year < 2000 else 2) + (sex == "Nữ")
    number = f"006{mark}{born.year % 100:02d}{serial % 1_000_000:06d}"
    school = next((word for until, word in _SCHOOL if age < until), "")
    return [
        code,
        commune,
        farm,
        name,
        relation,
        f"{born:%d/%m/%Y}" if chance.random() < 0.9 else str(born.year),
        sex,
        ethnicity,
        "" if chance.random() < _WITHOUT_NUMBER else number,
        f"{serial:010d}" if age >= 18 else "",
        village,
        "Nặng" if chance.random() < _DISABLED else "",
        school,
        "Làm nông" if age >= 18 else "",
        "Có" if age >= 65 and chance.random() < _PENSIONS * 4 else "",
    ]

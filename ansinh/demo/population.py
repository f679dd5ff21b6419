"""Synthetic households whose totals are the published ones of Bắc Kạn at the turn of 2021/2022.

Nobody here is real: ages, ethnicities and occupations are drawn from a seed. Only the totals and
the communes are facts. The same seed gives the same households, ids included.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID

from libs.common.vocabulary import (
    Disability,
    Employment,
    Relation,
    Schooling,
    Sex,
    StatusClass,
)

PROVINCE = "06"  # Bắc Kạn, until 30/6/2025
STANDARD = "ND07-2021"
POOR, NEAR_POOR = 21_946, 7_935
ALL_HOUSEHOLDS = 81_493
REVIEWED_ON = date(2021, 12, 31)
EFFECTIVE_ON = date(2022, 1, 1)

# Rough shares of the province's population; they shape the synthetic people and nothing else.
_ETHNICITIES = (("tay", 50), ("dao", 20), ("nung", 9), ("mong", 11), ("kinh", 9), ("san_chay", 1))
_EPOCH_MS = 1_640_995_200_000  # ids carry the first instant of 2022


@dataclass(frozen=True, slots=True)
class Person:
    person_id: UUID
    birth_date: date
    sex: Sex
    ethnicity: str
    relation: Relation
    disability: Disability
    schooling: Schooling
    employment: Employment
    has_pension: bool


@dataclass(frozen=True, slots=True)
class ReviewedHousehold:
    household_id: UUID
    commune: str
    status: StatusClass
    is_farm_household: bool
    members: tuple[Person, ...]


def classes_of(households: int | None) -> tuple[int, int]:
    """How many poor and near-poor households a population of this size has; None is the full one.

    Returns:
        (poor, near_poor), in the published proportion.
    """
    total = POOR + NEAR_POOR if households is None else households
    poor = round(total * POOR / (POOR + NEAR_POOR))
    return poor, total - poor


def generate(
    communes: Sequence[str], seed: int, households: int | None = None
) -> Iterator[ReviewedHousehold]:
    """The reviewed households, commune by commune.

    Args:
        communes: commune codes of the province; a commune's share is drawn from the seed.
        seed: the same seed gives the same households.
        households: how many; None for the published totals.
    """
    chance = Random(seed)  # noqa: S311  (a demo's population needs repeatable chance)
    ordered = sorted(communes)
    weights = [chance.uniform(0.4, 1.6) for _ in ordered]
    poor, near_poor = classes_of(households)
    shares = zip(_apportion(poor, weights), _apportion(near_poor, weights), strict=True)
    for commune, (poor_here, near_poor_here) in zip(ordered, shares, strict=True):
        for place in range(poor_here + near_poor_here):
            status = StatusClass.POOR if place < poor_here else StatusClass.NEAR_POOR
            yield _household(chance, commune, status)


def _apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in proportion to the weights whose sum is exactly the total."""
    scale = total / sum(weights)
    exact = [weight * scale for weight in weights]
    counts = [int(value) for value in exact]
    by_rest = sorted(range(len(exact)), key=lambda place: counts[place] - exact[place])
    for place in by_rest[: total - sum(counts)]:
        counts[place] += 1
    return counts


def _household(chance: Random, commune: str, status: StatusClass) -> ReviewedHousehold:
    (ethnicity,) = chance.choices(
        [name for name, _ in _ETHNICITIES], [share for _, share in _ETHNICITIES]
    )
    return ReviewedHousehold(
        household_id=_identifier(chance),
        commune=commune,
        status=status,
        is_farm_household=chance.random() < 0.85,
        members=tuple(_members(chance, ethnicity)),
    )


def _members(chance: Random, ethnicity: str) -> Iterator[Person]:
    head_age = chance.randint(24, 68)
    head_sex = Sex.MALE if chance.random() < 0.72 else Sex.FEMALE
    yield _person(chance, head_age, head_sex, ethnicity, Relation.HEAD)
    if chance.random() < 0.82:
        spouse = Sex.FEMALE if head_sex is Sex.MALE else Sex.MALE
        age = max(20, head_age + chance.randint(-6, 4))
        yield _person(chance, age, spouse, ethnicity, Relation.SPOUSE)
    oldest_child = min(head_age - 19, 27)
    for _ in range(chance.choices((0, 1, 2, 3, 4), (12, 26, 36, 18, 8))[0]):
        sex = chance.choice((Sex.MALE, Sex.FEMALE))
        yield _person(chance, chance.randint(0, oldest_child), sex, ethnicity, Relation.CHILD)
    if head_age < 52 and chance.random() < 0.3:
        sex = chance.choices((Sex.FEMALE, Sex.MALE), (7, 3))[0]
        yield _person(chance, head_age + chance.randint(20, 32), sex, ethnicity, Relation.PARENT)


def _person(chance: Random, age: int, sex: Sex, ethnicity: str, relation: Relation) -> Person:
    schooling = _schooling(chance, age)
    return Person(
        person_id=_identifier(chance),
        birth_date=REVIEWED_ON - timedelta(days=int(age * 365.25) + chance.randint(0, 364)),
        sex=sex,
        ethnicity=ethnicity,
        relation=relation,
        disability=chance.choices(
            (Disability.NONE, Disability.MILD, Disability.SEVERE, Disability.EXTREMELY_SEVERE),
            (960, 20, 15, 5),
        )[0],
        schooling=schooling,
        employment=_employment(chance, age, schooling),
        has_pension=age >= 60 and chance.random() < 0.08,
    )


def _schooling(chance: Random, age: int) -> Schooling:
    steps = (
        (3, Schooling.NOT_ATTENDING, 1.0),
        (6, Schooling.PRESCHOOL, 0.9),
        (11, Schooling.PRIMARY, 0.99),
        (15, Schooling.LOWER_SECONDARY, 0.95),
        (18, Schooling.UPPER_SECONDARY, 0.6),
        (22, Schooling.VOCATIONAL, 0.15),
    )
    for below, level, share in steps:
        if age < below:
            return level if chance.random() < share else Schooling.NOT_ATTENDING
    return Schooling.NOT_ATTENDING


def _employment(chance: Random, age: int, schooling: Schooling) -> Employment:
    if age < 15 or age > 70 or schooling is not Schooling.NOT_ATTENDING:
        return Employment.INACTIVE
    return chance.choices(
        (
            Employment.FARMING,
            Employment.UNEMPLOYED,
            Employment.EMPLOYED,
            Employment.SELF_EMPLOYED,
            Employment.INACTIVE,
        ),
        (70, 8, 10, 6, 6),
    )[0]


def _identifier(chance: Random) -> UUID:
    """A UUIDv7 whose random part comes from the seed."""
    value = (_EPOCH_MS + chance.randrange(86_400_000)) << 80
    value |= 0x7 << 76 | chance.getrandbits(12) << 64 | 0b10 << 62 | chance.getrandbits(62)
    return UUID(int=value)

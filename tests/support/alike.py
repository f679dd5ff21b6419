"""Records of persons of which it is known whether they are one person's: for measuring the search.

Each pair is written as offices write: without marks, in another order, with a slip of the pen. The
same seed gives the same ones. Names are put together from common ones; no person is meant.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from libs.common.database import Database
from libs.common.ids import new_id
from services.registry.areas.domain import fold
from services.registry.households import acts as households
from services.registry.vault import acts as vault
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import IdentifierType
from tests.integration.registry.builders import TODAY, a_household, a_member, stated
from tests.support.vault import VAULT

_FAMILY = "Nguyễn Trần Lê Phạm Hoàng Vũ Đặng Bùi Đỗ Nông Lý Lường Triệu Vàng Giàng Dương".split()
_MIDDLE = "Thị Văn Thu Đức Ngọc Xuân Minh Thanh Hữu Quang Kim Hồng Bích Đình Công Tiến".split()
_GIVEN = (
    "Hương Hạnh Đẹp Thảo Phượng Tuyết Nguyệt Khánh Trang Quỳnh Hiền Hằng Thắng Cường Dũng Trường "
    "Phúc Sơn Vượng Nghĩa Quyết Thành Tuấn Hoàn Khoa Chính Lợi Tâm Bảo Đạt"
).split()
_MEN = frozenset("Văn Đức Hữu Quang Đình Công Tiến".split())


@dataclass(frozen=True, slots=True)
class Someone:
    """A person as an office wrote it down; `number` None: it did not know it.

    Persons of one `home` live together.
    """

    name: str
    born: date
    commune: str
    sex: str
    home: int
    number: str | None = None
    knows_day: bool = True


@dataclass(frozen=True, slots=True)
class Couple:
    """Two records of a kind, and whether they are one person's."""

    kind: str
    is_one_person: bool
    one: Someone
    other: Someone


class Writer:
    """Makes people up; no two are born on one day under one name."""

    def __init__(self, communes: Sequence[str], seed: int = 7) -> None:
        self._chance = random.Random(seed)
        self._communes = communes
        self._serial = 0

    def someone(self) -> Someone:
        """With a date of which day and month can be confused, and a number."""
        chance = self._chance
        self._serial += 1
        middle = chance.choice(_MIDDLE)
        sex = "male" if middle in _MEN else "female"
        month = chance.randint(1, 11)
        born = date(1930 + chance.randrange(90), month, chance.randint(month + 1, 12))
        mark = (0 if born.year < 2000 else 2) + (sex == "female")
        return Someone(
            name=f"{chance.choice(_FAMILY)} {middle} {chance.choice(_GIVEN)}",
            born=born,
            commune=chance.choice(self._communes),
            sex=sex,
            home=self._serial,
            number=f"006{mark}{born.year % 100:02d}{self._serial:06d}",
        )

    def couples(self, of_each: int) -> Iterator[Couple]:
        """So many of each kind."""
        for kind, is_one_person, again in ALL_KINDS:
            for _ in range(of_each):
                one = self.someone()
                self._serial += 1
                written = replace(one, home=self._serial, number=None)
                yield Couple(kind, is_one_person, one, again(self, written, one))

    def elsewhere(self, one: Someone) -> Someone:
        others = [code for code in self._communes if code != one.commune]
        return replace(one, commune=self._chance.choice(others))

    def with_slip(self, one: Someone) -> Someone:
        """One letter of the given name is another."""
        words = one.name.split()
        place = self._chance.randrange(len(words[-1]))
        wrong = next(x for x in "aeiotn" if x != fold(words[-1])[place])
        words[-1] = words[-1][:place] + wrong + words[-1][place + 1 :]
        return replace(one, name=" ".join(words))

    def with_surname(self, one: Someone) -> Someone:
        """After a marriage of the parents, an adoption, or a mistake."""
        family, *rest = one.name.split()
        other = self._chance.choice([name for name in _FAMILY if fold(name) != fold(family)])
        return replace(one, name=" ".join((other, *rest)))

    def with_given(self, one: Someone) -> Someone:
        """Not one that a slip of the pen makes of the other: there nobody can tell."""
        *rest, given = one.name.split()
        others = [name for name in _GIVEN if fold(name)[0] not in fold(given)]
        return replace(one, name=" ".join((*rest, self._chance.choice(others))))

    def twin(self, one: Someone) -> Someone:
        number = f"{one.number}"[:6] + f"{500_000 + self._serial:06d}"
        return replace(self.with_given(one), number=number)

    def stranger(self, one: Someone) -> Someone:
        """Somebody else of that name and day, with a number of their own."""
        return replace(self.elsewhere(one), number=f"024{f'{one.number}'[3:]}", home=self._serial)


def _reordered(one: Someone) -> Someone:
    family, *rest = one.name.split()
    return replace(one, name=" ".join((*rest, family)))


def _digit(born: date) -> date:
    """One digit of the year is another one."""
    return born.replace(year=born.year + (1 if born.year % 10 < 9 else -1))


Again = Callable[[Writer, Someone, Someone], Someone]
NEAR_KINDS: tuple[tuple[str, bool, Again], ...] = (
    ("in another commune", True, lambda by, new, _: by.elsewhere(new)),
    ("without marks", True, lambda _, new, __: replace(new, name=fold(new.name).title())),
    ("words in another order", True, lambda _, new, __: _reordered(new)),
    ("one letter wrong", True, lambda by, new, _: by.with_slip(new)),
    ("day and month swapped", True, lambda _, new, __: replace(
        new, born=new.born.replace(month=new.born.day, day=new.born.month))),
    ("only the year known", True, lambda _, new, __: replace(new, knows_day=False)),
    ("one digit of the date wrong", True, lambda _, new, __: replace(new, born=_digit(new.born))),
    ("twins", False, lambda by, _, one: by.twin(one)),
    ("same name and day by chance", False, lambda by, new, one: replace(
        by.stranger(one), home=new.home)),
    ("same name, born years apart", False, lambda _, new, __: replace(
        new, born=new.born.replace(year=new.born.year - 7))),
)  # fmt: skip
# The same person in two communes, written otherwise: no place helps.
FAR_KINDS: tuple[tuple[str, bool, Again], ...] = (
    ("one letter wrong, in another commune", True, lambda by, new, _: by.elsewhere(
        by.with_slip(new))),
    ("one digit of the date wrong, in another commune", True, lambda by, new, _: by.elsewhere(
        replace(new, born=_digit(new.born)))),
    ("a day off, in another commune", True, lambda by, new, _: by.elsewhere(
        replace(new, born=new.born + timedelta(days=1)))),
    ("day and month swapped, in another commune", True, lambda by, new, _: by.elsewhere(
        replace(new, born=new.born.replace(month=new.born.day, day=new.born.month)))),
    ("middle name missing, in another commune", True, lambda by, new, _: by.elsewhere(
        replace(new, name=" ".join(new.name.split()[::2])))),
    ("another family name, in another commune", True, lambda by, new, _: by.elsewhere(
        by.with_surname(new))),
    ("other given name, same day, another commune", False, lambda by, new, _: by.elsewhere(
        by.with_given(new))),
)  # fmt: skip


ALL_KINDS = NEAR_KINDS + FAR_KINDS


async def record(api: Database, people: Iterable[Someone]) -> dict[Someone, UUID]:
    """Register households of these people and write their names; answers who is who."""
    homes: dict[int, list[Someone]] = {}
    ids: dict[Someone, UUID] = {}
    for one in people:
        homes.setdefault(one.home, []).append(one)
        ids[one] = new_id()
    bodies = [_household(members, ids) for members in homes.values()]
    scope = ",".join(sorted({one.commune for one in ids}))
    async with api.transaction(scope) as tx:
        written = await households.register(tx, [stated(body) for body in bodies], TODAY)
        identities = [
            PersonIdentity(
                ids[one],
                home.household_id,
                date(2022, 1, 5),
                one.name,
                {} if one.number is None else {IdentifierType.UIN: one.number},
            )
            for home, members in zip(written, homes.values(), strict=True)
            for one in members
        ]
        await vault.record(tx, VAULT, identities)
    return ids


def _household(members: Sequence[Someone], ids: dict[Someone, UUID]) -> dict[str, Any]:
    return a_household(
        *(
            a_member(
                person_id=str(ids[one]),
                birth_date=one.born.isoformat() if one.knows_day else None,
                birth_year=one.born.year,
                sex=one.sex,
                relation="other" if place else "head",
                joined_on="2021-12-01",
            )
            for place, one in enumerate(members)
        ),
        commune=members[0].commune,
    )

"""Households as a register has them, one after the other: the same ones for the same chunk.

Named as people are: a third are called Nguyễn, half of the women Thị, a given name is up to ten
times as common as another. 3.5 persons to a household. Nothing is held, and any chunk can be made
again without the others, so that a benchmark knows whom it asks for. No person is meant.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.vocabulary import Disability, Employment, Relation, Schooling, Sex
from services.registry.households.domain import HouseholdFacts, MemberFacts
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import IdentifierType

REGISTERED_ON = date(2021, 12, 1)
OLDEST = 1932
LARGEST_CHUNK = 1_000
MOST_IN_HOUSEHOLD = 10
_FAMILY = {
    "Nguyễn": 315, "Trần": 109, "Lê": 89, "Phạm": 59, "Hoàng": 51, "Phan": 28, "Vũ": 25, "Võ": 24,
    "Đặng": 27, "Bùi": 28, "Đỗ": 19, "Hồ": 12, "Ngô": 11, "Dương": 10, "Lý": 9, "Nông": 8, "Hà": 8,
    "Lương": 8, "Đinh": 8, "Mai": 6, "Trương": 12, "Lò": 6, "Giàng": 5, "Sùng": 4, "Vàng": 4,
    "Triệu": 5, "Ma": 4, "Hứa": 3, "Quàng": 2, "Cao": 6, "Tạ": 4, "Thái": 4, "Châu": 3, "Y": 2,
}  # fmt: skip
_MIDDLE = {
    Sex.MALE: {
        "Văn": 420, "Đức": 60, "Hữu": 50, "Quang": 50, "Xuân": 40, "Minh": 50, "Công": 40,
        "Đình": 40, "Ngọc": 40, "Thanh": 40, "A": 30, "Quốc": 40, "Anh": 20, "Thế": 30, "Duy": 30,
        "Tiến": 20,
    },
    Sex.FEMALE: {
        "Thị": 520, "Ngọc": 70, "Thu": 60, "Thanh": 60, "Minh": 40, "Kim": 40, "Hồng": 40,
        "Thùy": 40, "Phương": 40, "Bích": 30, "Mỹ": 30, "Như": 20, "Hoài": 10,
    },
}  # fmt: skip
_GIVEN = {
    Sex.MALE: (
        "Hùng Dũng Tuấn Minh Nam Sơn Long Hải Cường Thành Trung Đức Thắng Anh Hoàng Huy Quân Tùng "
        "Việt Bình Khánh Phúc Kiên Tài Thịnh Lâm Tú Hưng Vinh Hiếu Duy Bảo Đạt Phong Nghĩa Toàn "
        "Thái Quang Khoa Lợi Tâm Hòa Sang Hậu Trí Nhân Đông Chiến Tiến Lực Páo Dơ Chứ Sình Vừ "
        "Khoán Thào Sèo Tả"
    ),
    Sex.FEMALE: (
        "Hoa Lan Hương Mai Hà Linh Trang Thảo Ngọc Hằng Thủy Nga Yến Loan Hồng Phương Dung Anh "
        "Nhung Huyền Hạnh Thu Vân Liên Hiền Xuân Lý Tuyết Nguyệt Oanh Quỳnh My Vy Như Trâm Ngân "
        "Châu Diệp Thơm Mận Đào Sen Cúc Bưởi Mỷ Say Dính Chở Máy Sua Dợ Pà Xía Pằng Ly Nhia Sông "
        "Chia Mò"
    ),
}
_ETHNICITY = {"kinh": 85, "tay": 4, "nung": 2, "mong": 4, "dao": 3, "thai": 2}
_VILLAGES = [f"Thôn {name} {n}" for name in ("Bản", "Nà", "Khuổi", "Phia") for n in range(1, 6)]
_LIVED_SINCE = [date(year, 1, 1) for year in range(2005, 2021)]
_SCHOOL = (
    (3, Schooling.NOT_ATTENDING), (6, Schooling.PRESCHOOL), (11, Schooling.PRIMARY),
    (15, Schooling.LOWER_SECONDARY), (18, Schooling.UPPER_SECONDARY),
)  # fmt: skip
# UUIDv7: the register grew household by household.
_MILLISECONDS, _V7, _VARIANT = 0x017D_7000_0000, 0x7 << 76, 0b10 << 62

Draw = Callable[[random.Random], str]
_Role = tuple[Relation, int, Sex, str]  # relation, year of birth, sex, family name


@dataclass(frozen=True, slots=True)
class Chunk:
    """So many households of one commune, from a number on that counts through the register."""

    number: int
    commune: str
    first: int
    households: int


@dataclass(frozen=True, slots=True)
class Home:
    """A household as an office records it.

    Attributes:
        code: by which the province knows it.
        digest: what tells its registration from another one's.
        identities: who its members are.
    """

    facts: HouseholdFacts
    code: str
    digest: bytes
    correlation_id: UUID
    identities: tuple[PersonIdentity, ...]


def chunks_of(communes: Sequence[tuple[str, int]]) -> list[Chunk]:
    """The whole register in chunks, by code and households of each commune."""
    chunks: list[Chunk] = []
    first = 0
    for code, households in communes:
        for start in range(0, households, LARGEST_CHUNK):
            size = min(LARGEST_CHUNK, households - start)
            chunks.append(Chunk(len(chunks), code, first, size))
            first += size
    return chunks


def homes(chunk: Chunk) -> Iterator[Home]:
    """The chunk's households, in order."""
    chance = random.Random(f"{chunk.commune} {chunk.first}")
    for number in range(chunk.first, chunk.first + chunk.households):
        yield _home(chance, number, chunk.commune)


def _home(chance: random.Random, number: int, commune: str) -> Home:
    household_id = _id(chance, number)
    since, ethnicity = chance.choice(_LIVED_SINCE), _ethnicity(chance)
    village = chance.choice(_VILLAGES)
    members, identities = [], []
    for place, role in enumerate(_roles(chance)):
        person_id = _id(chance, number)
        member = _member(chance, person_id, role, ethnicity, since)
        members.append(member)
        identities.append(
            PersonIdentity(
                person_id,
                household_id,
                REGISTERED_ON,
                _name(chance, role),
                _numbers(chance, member, number * MOST_IN_HOUSEHOLD + place),
                # A sheet says once for a household where it is reached.
                None if place else f"Nhà số {number % 300 + 1}, {village}",
            )
        )
    facts = HouseholdFacts(
        household_id,
        REGISTERED_ON,
        commune,
        since,
        chance.random() < 0.6,
        tuple(members),
        village,
    )
    code = f"{commune}-H{number}"
    return Home(facts, code, code.encode(), _id(chance, number), tuple(identities))


def _roles(chance: random.Random) -> Iterator[_Role]:
    family, born = _family(chance), 1945 + int(chance.random() * 55)
    is_woman = chance.random() < 0.3
    mine, other = (Sex.FEMALE, Sex.MALE) if is_woman else (Sex.MALE, Sex.FEMALE)
    yield Relation.HEAD, born, mine, family
    if chance.random() < 0.8:
        yield Relation.SPOUSE, max(born + chance.randint(-4, 4), OLDEST), other, _family(chance)
    for _ in range(chance.choice((0, 0, 1, 1, 2, 2, 2, 3))):
        sex = Sex.MALE if chance.random() < 0.5 else Sex.FEMALE
        yield Relation.CHILD, min(born + 20 + int(chance.random() * 16), 2021), sex, family
    if chance.random() < 0.3:
        yield Relation.PARENT, max(born - 25, OLDEST), Sex.FEMALE, _family(chance)


def _member(
    chance: random.Random, person_id: UUID, role: _Role, ethnicity: str, since: date
) -> MemberFacts:
    relation, year, sex, _ = role
    born = None
    if chance.random() < 0.9:  # of some only the year is known
        month = 11 if year == REGISTERED_ON.year else 12  # nobody is born after the registration
        born = date(year, 1 + int(chance.random() * month), 1 + int(chance.random() * 28))
    age = REGISTERED_ON.year - year
    return MemberFacts(
        person_id=person_id,
        birth_date=born,
        birth_year=year,
        sex=sex,
        ethnicity=ethnicity,
        relation=relation,
        disability=Disability.SEVERE if chance.random() < 0.03 else Disability.NONE,
        schooling=next((school for until, school in _SCHOOL if age < until),
                       Schooling.NOT_ATTENDING),
        employment=Employment.FARMING if 18 <= age < 65 else Employment.INACTIVE,
        has_pension=age >= 65 and chance.random() < 0.3,
        joined_on=since if born is None or born < since else born,
        left_on=None,
    )  # fmt: skip


def _name(chance: random.Random, role: _Role) -> str:
    _, _, sex, family = role
    middle = [_middle[sex](chance) for _ in range(chance.choice((0, 1, 1, 1, 1, 1, 2)))]
    return " ".join((family, *middle, _given[sex](chance)))


def _numbers(chance: random.Random, member: MemberFacts, serial: int) -> dict[IdentifierType, str]:
    """Nobody else's: by the person's place in the register."""
    numbers = {}
    if chance.random() < 0.95:
        mark = (0 if member.year < 2000 else 2) + (member.sex is Sex.FEMALE)
        office, own = divmod(serial, 1_000_000)
        numbers[IdentifierType.UIN] = f"{100 + office}{mark}{member.year % 100:02d}{own:06d}"
    if member.employment is Employment.FARMING and chance.random() < 0.4:
        numbers[IdentifierType.INSURANCE_NUMBER] = f"9{serial:09d}"
    return numbers


def _id(chance: random.Random, number: int) -> UUID:
    high = (_MILLISECONDS + number) << 80 | _V7 | chance.getrandbits(12) << 64
    return UUID(int=high | _VARIANT | chance.getrandbits(62))


def _weighted(names: dict[str, int]) -> Draw:
    bag = [name for name, weight in names.items() for _ in range(weight)]
    return lambda chance: bag[int(chance.random() * len(bag))]


def _falling(names: list[str]) -> Draw:
    """Some are ten times as common as others."""
    return _weighted({name: 1 + 40 // (1 + place // 4) for place, name in enumerate(names)})


_family, _ethnicity = _weighted(_FAMILY), _weighted(_ETHNICITY)
_middle = {sex: _weighted(names) for sex, names in _MIDDLE.items()}
_given = {sex: _falling(names.split()) for sex, names in _GIVEN.items()}

"""The words of the form: what officers write in a cell for a fact of a closed list. Pure.

Compared without accents, case and punctuation; the first word of each is the one we write.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any

from libs.common.files.layout import fold
from libs.common.vocabulary import Disability, Employment, Relation, Schooling, Sex

SEXES = {Sex.MALE: ("Nam", "trai"), Sex.FEMALE: ("Nữ", "gái")}
RELATIONS = {
    Relation.HEAD: ("Chủ hộ", "bản thân"),
    Relation.SPOUSE: ("Vợ/chồng", "vợ", "chồng"),
    Relation.CHILD: ("Con", "con đẻ", "con nuôi", "con trai", "con gái"),
    Relation.PARENT: ("Cha/mẹ", "cha", "bố", "mẹ", "bố/mẹ", "bố đẻ", "mẹ đẻ"),
    Relation.GRANDCHILD: ("Cháu", "cháu nội", "cháu ngoại", "cháu ruột"),
    Relation.GRANDPARENT: ("Ông/bà", "ông", "bà", "ông nội", "bà nội", "ông ngoại", "bà ngoại"),
    Relation.SIBLING: ("Anh/chị/em", "anh", "chị", "em", "anh ruột", "chị ruột", "em ruột"),
    Relation.OTHER: ("Khác", "con dâu", "con rể", "họ hàng", "ở nhờ"),
}
DISABILITIES = {
    Disability.NONE: ("Không", "không khuyết tật"),
    Disability.MILD: ("Nhẹ", "khuyết tật nhẹ"),
    Disability.SEVERE: ("Nặng", "khuyết tật nặng"),
    Disability.EXTREMELY_SEVERE: ("Đặc biệt nặng", "khuyết tật đặc biệt nặng"),
}
SCHOOLINGS = {
    Schooling.NOT_ATTENDING: ("Không đi học", "không", "thôi học"),
    Schooling.PRESCHOOL: ("Mầm non", "nhà trẻ", "mẫu giáo"),
    Schooling.PRIMARY: ("Tiểu học", "cấp 1"),
    Schooling.LOWER_SECONDARY: ("THCS", "trung học cơ sở", "cấp 2"),
    Schooling.UPPER_SECONDARY: ("THPT", "trung học phổ thông", "cấp 3"),
    Schooling.VOCATIONAL: ("Học nghề", "trung cấp", "giáo dục nghề nghiệp"),
    Schooling.HIGHER: ("Đại học", "cao đẳng", "sau đại học"),
}
EMPLOYMENTS = {
    Employment.EMPLOYED: ("Làm công", "làm công ăn lương", "công nhân", "viên chức"),
    Employment.SELF_EMPLOYED: ("Tự làm", "kinh doanh", "buôn bán"),
    Employment.FARMING: ("Làm nông", "nông nghiệp", "làm ruộng", "nông dân"),
    Employment.UNEMPLOYED: ("Thất nghiệp", "chưa có việc làm"),
    Employment.INACTIVE: ("Không làm việc", "không", "còn nhỏ", "đi học", "già yếu", "nội trợ"),
}
ANSWERS = {True: ("Có", "x", "1", "yes"), False: ("Không", "0", "no")}
# The official list, as it is written; the slug is the same without accents.
_NAMES = (
    "Kinh, Tày, Thái, Hoa, Khmer, Mường, Nùng, Mông, Dao, Gia-rai, Ngái, Ê-đê, Ba-na, Xơ-đăng, "
    "Sán Chay, Cơ-ho, Chăm, Sán Dìu, Hrê, Mnông, Ra-glai, Xtiêng, Bru-Vân Kiều, Thổ, Giáy, Cơ-tu, "
    "Giẻ-Triêng, Mạ, Khơ-mú, Co, Tà-ôi, Chơ-ro, Kháng, Xinh-mun, Hà Nhì, Chu-ru, Lào, La Chí, "
    "La Ha, Phù Lá, La Hủ, Lự, Lô Lô, Chứt, Mảng, Pà Thẻn, Cơ Lao, Cống, Bố Y, Si La, Pu Péo, "
    "Brâu, Ơ-đu, Rơ-măm"
)
ETHNICITY_NAMES = {fold(name).replace(" ", "_"): name for name in _NAMES.split(", ")}
_OTHER_NAMES = {"hmong": "mong", "h mong": "mong", "m nong": "mnong", "san chi": "san_chay"}


def _read(words: Mapping[Any, tuple[str, ...]]) -> dict[str, object]:
    return {fold(word): value for value, known in words.items() for word in known}


_KNOWN: dict[str, dict[str, object]] = {
    "sex": _read(SEXES),
    "relation": _read(RELATIONS),
    "disability": _read(DISABILITIES),
    "schooling": _read(SCHOOLINGS),
    "employment": _read(EMPLOYMENTS),
    "answer": _read(ANSWERS),
    "ethnicity": {fold(name): slug for slug, name in ETHNICITY_NAMES.items()},
}
_KNOWN["ethnicity"] |= _OTHER_NAMES
_WRITTEN: Mapping[StrEnum, str] = {
    value: words[0]
    for known in (SEXES, RELATIONS, DISABILITIES, SCHOOLINGS, EMPLOYMENTS)
    for value, words in known.items()
}
# What is shown to whoever wrote another word.
LISTED = {
    "sex": "Nam, Nữ",
    "relation": ", ".join(words[0] for words in RELATIONS.values()),
    "disability": ", ".join(words[0] for words in DISABILITIES.values()),
    "schooling": ", ".join(words[0] for words in SCHOOLINGS.values()),
    "employment": ", ".join(words[0] for words in EMPLOYMENTS.values()),
    "answer": "Có, Không",
    "ethnicity": "Kinh, Tày, Dao, Mông, …",
}


@lru_cache(maxsize=4_096)
def meant(kind: str, text: str) -> object | None:
    """What a cell says, of the closed list `kind`; None where it is no word of it."""
    return _KNOWN[kind].get(fold(text))


def written(value: StrEnum) -> str:
    """The word that we write for a fact."""
    return _WRITTEN[value]


def yes_or_no(value: bool) -> str:
    return ANSWERS[value][0]

"""Which numbers can be one, how two writings of one are the same, what a number says of its bearer.

Pure. Messages never repeat the number.
"""

import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from libs.common.problems import FieldError, Text
from libs.common.vocabulary import Sex


class IdentifierType(StrEnum):
    """By the DCI standard's names where it has one."""

    UIN = "UIN"  # số định danh cá nhân, căn cước công dân
    NIN = "NIN"  # số chứng minh nhân dân
    INSURANCE_NUMBER = "INSURANCE_NUMBER"  # mã số bảo hiểm xã hội
    BRN = "BRN"  # số giấy khai sinh
    MRN = "MRN"  # số giấy chứng nhận kết hôn
    DRN = "DRN"  # số giấy chứng tử


_FORMS = {
    IdentifierType.UIN: (r"\d{12}", Text("Gồm 12 chữ số.", "It has 12 digits.")),
    IdentifierType.NIN: (r"\d{9}", Text("Gồm 9 chữ số.", "It has 9 digits.")),
    IdentifierType.INSURANCE_NUMBER: (r"\d{10}", Text("Gồm 10 chữ số.", "It has 10 digits.")),
}
_OTHER = (
    r"[0-9A-Z./-]{1,40}",
    Text("Chữ cái, chữ số, dấu . / -; đến 40 ký tự.", "Letters, digits, . / -; up to 40."),
)
_MARKS = {"0": (1900, Sex.MALE), "1": (1900, Sex.FEMALE), "2": (2000, Sex.MALE)}
_MARKS |= {"3": (2000, Sex.FEMALE)}


@dataclass(frozen=True, slots=True)
class Bearer:
    """What is known of the person, to compare a number with."""

    sex: Sex
    birth_year: int


def normalise(value: str) -> str:
    """One writing for all: no spaces, capital letters, plain digits."""
    if not value.isascii():
        value = unicodedata.normalize("NFKC", value)
    return "".join(value.split()).upper()


def digest(key: bytes, kind: str, value: str) -> bytes:
    """The keyed hash by which an identifier is found."""
    return hmac.digest(key, f"identifier {kind} {normalise(value)}".encode(), "sha256")


def check(kind: IdentifierType, value: str, from_day: date, today: date) -> list[FieldError]:
    """Every broken rule of an identifier that an officer records."""
    errors = []
    form, meant = _FORMS.get(kind, _OTHER)
    if not re.fullmatch(form, normalise(value), re.ASCII):
        message = Text("Không đúng dạng của loại số này.", "It is not of this type's form.")
        errors.append(FieldError("/value", "identifier.form", message, meant))
    if from_day > today:
        message = Text("Ngày ở tương lai.", "The day lies in the future.")
        fix = Text("Gửi ngày cấp hoặc ngày hôm nay.", "Give the day of issue, or today.")
        errors.append(FieldError("/from_day", "day.future", message, fix))
    return errors


def doubts(kind: IdentifierType, value: str, bearer: Bearer) -> list[Text]:
    """What of a personal number disagrees with what is known. Corrections exist: it is recorded
    all the same.

    The fourth digit says century and sex, the fifth and sixth the year of birth; the form is of
    common knowledge, its decree is to be confirmed.
    """
    number = normalise(value)
    if kind is not IdentifierType.UIN or len(number) != 12:
        return []
    century, sex = _MARKS.get(number[3], (None, None))
    found = []
    if sex is not bearer.sex:
        found.append(
            Text("Chữ số thứ 4 khác giới tính đã ghi.", "The fourth digit says another sex.")
        )
    if century is None or century + int(number[4:6]) != bearer.birth_year:
        found.append(
            Text("Số nói năm sinh khác năm đã ghi.", "The number says another year of birth.")
        )
    return found

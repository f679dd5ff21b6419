"""Names, numbers and addresses: what can be one, how two writings are the same, what a mask leaves.

Pure. Messages never repeat a value.
"""

import hmac
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from libs.common.problems import FieldError, Text
from libs.common.vocabulary import Sex
from services.registry.areas.domain import fold

MOST_WORDS = 12
LONGEST_NAME, LONGEST_ADDRESS = 120, 300
HIDDEN = "***"
_WORD = re.compile(r"[^\W_]+")
# Other languages' letters that look the same as capitals.
_VIETNAMESE_D = str.maketrans("\u00d0\u00f0\u0189\u0256", "ĐđĐđ")
_NAME_MARKS = frozenset(" '’.-")


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


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a person is, as known. None: not known."""

    name: str | None = None
    numbers: Mapping[IdentifierType, str] = field(default_factory=dict)
    address: str | None = None


def normalise(value: str) -> str:
    """One writing of a number for all: no spaces, capital letters, plain digits."""
    if value.isascii() and value.isdigit():
        return value
    return "".join(unicodedata.normalize("NFKC", value).split()).upper()


def tidy(text: str) -> str:
    """One writing of a name or an address: composed letters, single spaces, our đ."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_VIETNAMESE_D).split())


def words(name: str) -> list[str]:
    """The different words of a name without marks, by which it is found; in any order, sorted."""
    return sorted(set(_WORD.findall(fold(name))))


def digest(key: bytes, kind: str, value: str) -> bytes:
    """The keyed hash by which a number is found."""
    return hmac.digest(key, f"identifier {kind} {normalise(value)}".encode(), "sha256")


def masked(identity: Identity) -> Identity:
    """What may be shown without a purpose: initials, and that there are numbers and an address.

    No digit of a number: sex and year of birth are shown, and the rest would soon be guessed.
    """
    return Identity(
        name=None if identity.name is None else masked_name(identity.name),
        numbers=dict.fromkeys(identity.numbers, HIDDEN),
        address=None if identity.address is None else HIDDEN,
    )


def masked_name(name: str) -> str:
    """`Lý Thị Mai` is `L*** T*** M***`."""
    return " ".join(word[0] + HIDDEN for word in name.split())


def check_identity(
    identity: Identity, from_day: date, today: date, pointer: str = ""
) -> list[FieldError]:
    """Every broken rule of what is to be recorded.

    Args:
        identity: what is stated.
        from_day: from when on it holds.
        today: the day in Vietnam.
        pointer: JSON pointer of the identity in the request.
    """
    errors = [*check_day(from_day, today, f"{pointer}/from_day")]
    if identity.name is not None:
        errors.extend(_check_name(identity.name, f"{pointer}/name"))
    if identity.address is not None:
        errors.extend(_check_address(identity.address, f"{pointer}/address"))
    for kind, value in identity.numbers.items():
        errors.extend(check_number(kind, value, f"{pointer}/numbers/{kind}"))
    return errors


def check_day(from_day: date, today: date, pointer: str) -> Iterator[FieldError]:
    """Nothing is recorded before it holds."""
    if from_day > today:
        message = Text("Ngày ở tương lai.", "The day lies in the future.")
        fix = Text("Gửi ngày cấp hoặc ngày hôm nay.", "Give the day of issue, or today.")
        yield FieldError(pointer, "day.future", message, fix)


def check_number(kind: IdentifierType, value: str, pointer: str) -> Iterator[FieldError]:
    """Every broken rule of a number."""
    form, meant = _FORMS.get(kind, _OTHER)
    if not re.fullmatch(form, normalise(value), re.ASCII):
        message = Text("Không đúng dạng của loại số này.", "It is not of this type's form.")
        yield FieldError(pointer, "identifier.form", message, meant)


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


def _check_name(name: str, pointer: str) -> Iterator[FieldError]:
    tidied = tidy(name)
    if (
        tidied.replace(" ", "").isalpha()
        and tidied.count(" ") < MOST_WORDS
        and len(tidied) <= LONGEST_NAME
    ):
        return  # as nearly every name is: done with without its words
    strange = not tidied.replace(" ", "").isalpha() and not all(map(_belongs_to_name, tidied))
    if strange or not 0 < len(words(tidied)) <= MOST_WORDS or len(tidied) > LONGEST_NAME:
        yield FieldError(
            pointer,
            "name.form",
            Text("Không phải là họ và tên.", "It is not a person's name."),
            Text(
                "Chữ cái tiếng Việt (Unicode), dấu cách, dấu ' . -; đến 120 ký tự.",
                "Letters (Unicode), spaces and ' . -; up to 120.",
            ),
        )


def _belongs_to_name(letter: str) -> bool:
    return letter.isalpha() or letter in _NAME_MARKS or unicodedata.combining(letter) > 0


def _check_address(address: str, pointer: str) -> Iterator[FieldError]:
    tidied = tidy(address)
    if not 0 < len(tidied) <= LONGEST_ADDRESS or not tidied.isprintable():
        yield FieldError(
            pointer,
            "address.form",
            Text("Địa chỉ trống, quá dài hoặc có ký tự lạ.", "Empty, too long, or not plain text."),
            Text("Nhập địa chỉ, đến 300 ký tự.", "Give the address, up to 300 characters."),
        )

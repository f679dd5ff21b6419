"""One household in a hundred lines gets a fault of those that real spreadsheets have.

The papers keep what is right: of the spoiled households alone, by the row in the file.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ansinh.demo.register.households import COLUMNS
from libs.common.files.encodings import Legacy, legacy_of

LINES_PER_FAULT = 100
_AT = {name: place for place, name in enumerate(COLUMNS)}
_FIRST_ROW = 2  # below the header
Lines = list[list[str]]

# TCVN 5712, as Unicode shows what was typed in a font .VnTime: the small letters.
_TCVN3 = dict(
    zip(
        "àảãáạăâêôơưđằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        "µ¶·¸¹¨©ª«¬\u00ad®»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
        strict=True,
    )
)


def _cell(column: str, change: Callable[[str], str], place: int = 0) -> Callable[[Lines], bool]:
    """A fault in one cell of a household's line; answers whether the line could have it."""

    def spoil(lines: Lines) -> bool:
        if place >= len(lines):
            return False
        line, at = lines[place], _AT[column]
        before = line[at]
        line[at] = change(before)
        return line[at] != before

    return spoil


def _lost_zero(lines: Lines) -> bool:
    for line in lines:
        line[_AT["commune"]] = line[_AT["commune"]].lstrip("0")
    return True


def _in_tcvn3(text: str) -> str:
    """As it shows; unchanged where nobody could see it, e.g. in a name without marks."""
    old = "".join(_TCVN3.get(letter, letter) for letter in text)
    return old if legacy_of(old) is Legacy.TCVN3 else text


def _number_twice(lines: Lines) -> bool:
    numbers = [line[_AT["UIN"]] for line in lines[:2]]
    if len(numbers) < 2 or not all(numbers):
        return False
    lines[1][_AT["UIN"]] = numbers[0]
    return True


FAULTS: dict[str, Callable[[Lines], bool]] = {
    "ngày không có / no such day": _cell("birth", lambda _: "31/02/1980"),
    "thiếu họ tên / no name": _cell("name", lambda _: "", 1),
    "chữ lạ ở giới tính / unknown word": _cell("sex", lambda _: "Namm"),
    "mất số 0 đầu của số định danh / number without its zero": _cell("UIN", lambda text: text[1:]),
    "mất số 0 đầu của mã xã / commune without its zero": _lost_zero,
    "hai chủ hộ / two heads": _cell("relation", lambda _: "Chủ hộ", 1),
    "một số cho hai người / one number for two": _number_twice,
    "công thức / formula": _cell("address", lambda text: f'=CONCATENATE("{text}")'),
    "chữ TCVN3 / letters in TCVN3": _cell("name", _in_tcvn3),
    "dân tộc lạ / unknown ethnicity": _cell("ethnicity", lambda _: "Tai"),
}


@dataclass
class Spoiled:
    """What was made wrong.

    Attributes:
        lines: how many the file has.
        refused: lines of households with a fault: a household is taken whole or not at all.
        papers: what is right, by row of the file.
        faults: how many of each kind.
        households: how many the file has, by commune.
    """

    lines: int = 0
    refused: int = 0
    papers: dict[int, list[str]] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FAULTS, 0))
    households: dict[str, int] = field(default_factory=dict)

    @property
    def made(self) -> int:
        return sum(self.faults.values())


def spoiled(households: Iterable[Lines], told: Spoiled) -> Iterator[Lines]:
    """The households, some with a fault; `told` says which once they have passed."""
    kinds = list(FAULTS.items())
    for right in households:
        commune = right[0][_AT["commune"]]
        told.households[commune] = told.households.get(commune, 0) + 1
        lines = [list(line) for line in right]
        name, spoil = kinds[told.made % len(kinds)]
        if told.made < (told.lines + len(right)) // LINES_PER_FAULT and spoil(lines):
            told.faults[name] += 1
            told.refused += len(lines)
            told.papers |= {
                told.lines + _FIRST_ROW + place: line for place, line in enumerate(right)
            }
            yield lines
        else:
            yield right
        told.lines += len(right)

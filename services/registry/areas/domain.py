"""How an area's name is written and searched, and which income line its kind has."""

import unicodedata
from enum import StrEnum

from libs.common.vocabulary import AreaKind

_LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")


class Line(StrEnum):
    """Which income line the poverty standards hold against a household (NĐ 351/2025/NĐ-CP)."""

    RURAL = "rural"
    URBAN = "urban"


_LINES = {
    AreaKind.RURAL_COMMUNE: Line.RURAL,
    AreaKind.WARD: Line.URBAN,
    AreaKind.TOWNSHIP: Line.URBAN,
}


def income_line_of(kind: AreaKind) -> Line | None:
    """The line of a commune of this kind; None: no document read so far says it (đặc khu)."""
    return _LINES.get(kind)


def line_changes(before: AreaKind, after: AreaKind) -> bool | None:
    """Whether another line applies after a change of kind; None where that is not known."""
    if before is after:
        return False
    lines = income_line_of(before), income_line_of(after)
    return None if None in lines else lines[0] is not lines[1]


def tidy(text: str) -> str:
    """One spelling of what looks the same: Vietnamese letters come composed or in parts."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def fold(text: str) -> str:
    """Lower case without diacritics: `Nghiên Loan` and `nghien loan` are the same."""
    lower = text.lower().translate(_PLAIN)
    if lower.isascii():
        return lower
    plain = unicodedata.normalize("NFD", lower)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def marked_letters() -> str:
    """Every precomposed Vietnamese letter with a mark, in both cases."""
    composed = {
        unicodedata.normalize("NFC", letter + tone) for letter in _LETTERS for tone in _TONES
    }
    marked = {letter for letter in composed if len(letter) == 1 and not letter.isascii()}
    return "".join(sorted(marked | {letter.upper() for letter in marked}))


# Nearly every word is done with by this alone.
# Icelandic eth and African d look like đ as capitals and stand where a keyboard or a scan meant it.
_PLAIN = str.maketrans(
    {letter: unicodedata.normalize("NFD", letter)[0] for letter in marked_letters()}
    | dict.fromkeys("đðɖ", "d")
)

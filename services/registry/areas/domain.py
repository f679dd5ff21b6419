"""How an area's name is searched: without marks, in any case."""

import unicodedata

_LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")


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
_PLAIN = str.maketrans(
    {letter: unicodedata.normalize("NFD", letter)[0] for letter in marked_letters()} | {"đ": "d"}
)

"""Texts in the Vietnamese encodings from before Unicode, told by what they look like. Pure.

TCVN3 (ABC, fonts `.Vn…`) and VNI put their letters where Latin-1 has others, so that in Unicode
`Nguyễn Văn` reads `NguyÔn V¨n` or `Nguyeãn Vaên`. Nothing is converted: a sheet often holds both,
and a name that is guessed wrong stays wrong.
"""

import re
from enum import StrEnum
from functools import lru_cache

_ACCENTED = "ùøûõïâáàåãäêéèúüëÙØÛÕÏÂÁÀÅÃÄÊÉÈÚÜË"
# Pairs that no word of Vietnamese has: VNI writes the mark as a letter after its vowel.
_VNI = re.compile(rf"[aeAE][{_ACCENTED}]|[ouOU][ùøõïÙØÕÏ]|\b[ñÑ](?=\w)")
_SIGNS = "\u00a8\u00b8\u00b5\u00b6\u00b7\u00b9\u00be\u00bb\u00bc\u00bd\u00a9\u00aa\u00ab\u00ac"
_SIGNS += "\u00ad\u00ae\u00a7"
# A sign beside a letter; an accented capital after a small letter (Ì, Ò, Þ after a vowel are marks
# of Windows-1258).
_TCVN3 = re.compile(
    rf"(?<=\w)[{_SIGNS}]|[{_SIGNS}](?=\w)"
    "|(?<=[b-df-hj-np-tv-xz])[À-ÖØ-Þ]|(?<=[aeiouyà-ÿ])[À-ËÍ-ÑÓ-ÖØ-Ý]"
)
_FOREIGN = re.compile("[ÄÅÆÇËÎÏÐÑÖØÛÜÞßäåæçëîïðñöøûüþÿ]")  # letters that Vietnamese has not


class Legacy(StrEnum):
    TCVN3 = "tcvn3"
    VNI = "vni"


def legacy_of(text: str) -> Legacy | None:
    """In which old encoding a text was written, where it shows.

    One foreign letter alone (Müller) is none; it takes two, or a pair or sign that no word has.
    """
    if text.isascii():
        return None
    vni = tcvn3 = foreign = 0
    for word in text.split():
        if not word.isascii():
            found = _signs_in(word)
            vni, tcvn3, foreign = vni + found[0], tcvn3 + found[1], foreign + found[2]
    if not vni and not tcvn3:
        return Legacy.TCVN3 if foreign > 1 else None
    return Legacy.VNI if vni > tcvn3 else Legacy.TCVN3


@lru_cache(maxsize=4_096)
def _signs_in(word: str) -> tuple[int, int, int]:
    """How much of a word is VNI's, TCVN3's, foreign: a large list has few words, each often."""
    return len(_VNI.findall(word)), len(_TCVN3.findall(word)), len(_FOREIGN.findall(word))

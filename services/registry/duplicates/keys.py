"""Under what a record is filed and looked for all over: what two of one person still share.

Pure. Each way of writing somebody down wrongly leaves something as it was: with a slip of the pen
in one word the other words and the day, with a wrong day the name and the month. Every key holds
the name or two of its words, or all initials, together with a birth, so that few share it however
many are registered. What stands in the table is a keyed hash of it.

Between communes a likeness is worth what chance leaves of it: where others bear such a name and
were born in that year, two records that nearly agree are two persons' as a rule.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from services.registry.areas.domain import fold
from services.registry.duplicates.domain import Clue, Likeness, Profile, with_common_name
from services.registry.vault.domain import words

MOST_WORDS = 5  # of which pairs are made: ten at most
MOST_BEARERS = 40  # of one key that are looked at: what more share says nothing of anybody
COMMON, PARTLY_COMMON = 1, 3  # strangers of the same name, of the same part of it, and year
_FAMILY_DIFFERS = frozenset((Clue.NAME_SHORTER, Clue.NAME_SURNAME))
_NUMBERS_AGREE = frozenset((Clue.NUMBER_SAME, Clue.NUMBER_NEAR, Clue.COMMUNE_SAME))


@dataclass(frozen=True, slots=True)
class Keys:
    """Under which keys a record is filed, and under which others may be found that are the same."""

    filed: frozenset[str]
    sought: frozenset[str]


def keys_of(one: Profile) -> Keys:
    """Of whom only the year is known, everybody of that name and year may be the same; of whom the
    day is, those whose day is not.
    """
    whole = " ".join(words(one.name))
    year, dayless = _of_year(one), f"dayless {whole} {one.birth_year}"
    counted = {year, _ends(one), _rest(one)}
    if one.birth_date is None:
        return Keys(filed=frozenset((*counted, dayless)), sought=frozenset((year,)))
    born = frozenset(_with_day(one, whole, one.birth_date))
    return Keys(filed=born | counted, sought=born | {dayless})


def weighed(found: Likeness) -> bool:
    """Whether it depends on others of such a name what the likeness is worth."""
    return found.is_suspicious and not _NUMBERS_AGREE.intersection(found.clues)


def counted(one: Profile, other: Profile, found: Likeness) -> tuple[str, ...]:
    """The keys whose bearers say how common such a name is: of the words that agree."""
    if Clue.NAME_SHORTER in found.clues:
        return (_ends(one),)
    if Clue.NAME_SURNAME in found.clues:
        return (_rest(one),)
    return tuple(dict.fromkeys((_of_year(one), _of_year(other))))


def after_counting(
    one: Profile, other: Profile, found: Likeness, bearers: Mapping[str, int]
) -> Likeness:
    """The likeness, less where such names are common. A slip of the pen makes a name of its own,
    so there both have to be.

    Args:
        bearers: how many are filed under each of the `counted` keys.
    """
    both = (keys_of(one).filed, keys_of(other).filed)
    strangers = [
        bearers[key] - sum(key in filed for filed in both) for key in counted(one, other, found)
    ]
    most = min(strangers) if Clue.NAME_NEAR in found.clues else max(strangers)
    least = PARTLY_COMMON if _FAMILY_DIFFERS.intersection(found.clues) else COMMON
    return with_common_name(found) if most >= least else found


def _of_year(one: Profile) -> str:
    return f"year {' '.join(words(one.name))} {one.birth_year}"


def _ends(one: Profile) -> str:
    said = fold(one.name).split()
    return f"ends {said[0]} {said[-1]} {one.birth_year}"


def _rest(one: Profile) -> str:
    return f"rest {' '.join(fold(one.name).split()[1:])} {one.birth_year}"


def _with_day(one: Profile, whole: str, born: date) -> Iterator[str]:
    # Day and month in one order, for who swapped them.
    day = f"{born.year} {min(born.month, born.day)} {max(born.month, born.day)}"
    yield f"day {whole} {day}"
    for first, second in combinations(words(one.name)[:MOST_WORDS], 2):
        yield f"pair {first} {second} {day}"
    initials = "".join(sorted(word[0] for word in fold(one.name).split()))
    yield f"initials {initials} {one.sex} {day}"
    # One part of the day is wrong.
    yield f"month {whole} {born.year} {born.month}"
    yield f"monthless {whole} {born.year} {born.day}"
    yield f"yearless {whole} {born.month} {born.day}"

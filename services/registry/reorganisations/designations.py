"""What becomes of an area's designations (xã đặc biệt khó khăn and the like) when it ends. Pure.

Nothing passes to a successor by itself: which communes have a quality is said by a list of their
own, and none read so far says what a merger does to it. So the file says it for each new commune,
or the question stays open, is counted before anybody approves, and stands on the work list until
the list of units says it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from libs.common.contracts.household import DesignationPeriod
from libs.common.problems import Text
from libs.common.vocabulary import AreaLevel, Designation
from services.registry.reorganisations.domain import Plan


@dataclass(frozen=True, slots=True)
class Rule:
    """Whether a designation passes to the successors by itself, from a day on."""

    from_day: date
    passes: bool
    source: Text
    is_confirmed: bool


RULE = Rule(
    date(2004, 7, 8),
    passes=False,
    source=Text(
        "Chưa tìm thấy văn bản quy định; không tự chuyển cho đến khi có văn bản nêu tên xã mới.",
        "No document found that says so; nothing passes until one names the new commune.",
    ),
    is_confirmed=False,
)


class Passing(StrEnum):
    """What is said of a successor."""

    STATED = "stated"  # có
    ENDS = "ends"  # không còn
    OPEN = "open"  # chưa rõ


@dataclass(frozen=True, slots=True)
class Lapsing:
    """A designation of a commune that ends, and what is said of one of its successors."""

    former_commune: str
    designation: Designation
    commune: str
    becomes: Passing


def lapsing(
    plan: Plan,
    before: Mapping[str, Sequence[DesignationPeriod]],
    after: Mapping[str, Sequence[DesignationPeriod]],
    day: date,
) -> list[Lapsing]:
    """Every designation in force that an ended commune had, its own or its district's.

    Args:
        before: of the communes of the day before.
        after: of those of the day itself that the list of units has.
    """
    found = []
    for one in plan.ended:
        if one.unit.level is not AreaLevel.COMMUNE:
            continue
        for designation in _in_force(before.get(one.unit.code, ()), day):
            for key in sorted(one.successors, key=lambda key: key[1]):
                stated = plan.new[key].designations
                has = _in_force(after.get(key[1], ()), day) | {*(stated or ())}
                unsaid = Passing.OPEN if stated is None else Passing.ENDS
                becomes = Passing.STATED if designation in has else unsaid
                found.append(Lapsing(one.unit.code, designation, key[1], becomes))
    return sorted(found, key=lambda one: (one.former_commune, one.designation, one.commune))


def _in_force(periods: Iterable[DesignationPeriod], day: date) -> set[Designation]:
    return {
        one.designation
        for one in periods
        if one.from_day <= day and (one.until is None or day < one.until)
    }

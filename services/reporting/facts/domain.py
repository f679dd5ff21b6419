"""How a household's class and residence run over time. Pure: plain values in, plain values out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

NO_CLASS = ""

Steps = tuple[list[date], list[str]]


@dataclass(frozen=True, slots=True)
class Said:
    """What one version says about where the household lives.

    Attributes:
        version: of the household.
        commune: where it lives from `lives_from` on.
        first_day: the first day on which it counts anywhere.
        closed_on: the day from which it counts nowhere; None while it stands.
    """

    version: int
    commune: str
    lives_from: date
    first_day: date
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class Residence:
    """A commune over `[from_day, until)`; empty where `until` is not after `from_day`.

    `lives_from` is the day that was recorded with the commune's code: together they name the unit.
    """

    commune: str
    lives_from: date
    from_day: date
    until: date | None


def class_steps(periods: Iterable[tuple[date, date | None, str]]) -> Steps:
    """Class periods under one standard as a step function.

    Args:
        periods: `(from_day, until, class)`, not overlapping, any order.

    Returns:
        Days, strictly rising, and the class that holds from each; neighbours differ, a gap is ''.
    """
    days: list[date] = []
    classes: list[str] = []

    def step(day: date, new: str) -> None:
        if days and days[-1] == day:
            days.pop()
            classes.pop()
        if (classes[-1] if classes else NO_CLASS) != new:
            days.append(day)
            classes.append(new)

    for from_day, until, name in sorted(periods):
        if until is not None and until <= from_day:
            continue
        step(from_day, name)
        if until is not None:
            step(until, NO_CLASS)
    return days, classes


Period = tuple[date, date | None]


def outside(period: Period, closures: Sequence[tuple[date, date]]) -> list[Period]:
    """What of a period is left without the days on which the household was closed.

    Args:
        period: `(from_day, until)`.
        closures: the same, oldest first, none within another.
    """
    from_day, until = period
    left: list[Period] = []
    for closed, back in closures:
        if until is not None and until <= closed:
            break
        if from_day < closed:
            left.append((from_day, closed))
        from_day = max(from_day, back)
    if until is None or from_day < until:
        left.append((from_day, until))
    return left


def class_on(steps: Steps, day: date) -> str:
    """The class that holds on a day; '' for none."""
    held = NO_CLASS
    for from_day, name in zip(*steps, strict=True):
        if from_day > day:
            break
        held = name
    return held


def residences(said: Sequence[Said]) -> dict[int, list[Residence]]:
    """Where the household lived, as known after each version, its present residence last.

    A version's commune holds from its `lives_from` on and leaves what lower versions said about
    earlier days, also under the same code: since that day it may be another unit's. The earliest
    residence reaches back to the version's `first_day`.
    """
    known: list[tuple[str, date]] = []
    answer: dict[int, list[Residence]] = {}
    for one in sorted(said, key=lambda entry: entry.version):
        known = [place for place in known if place[1] < one.lives_from]
        known.append((one.commune, one.lives_from))
        answer[one.version] = _closed(known, one)
    return answer


def _closed(known: Sequence[tuple[str, date]], one: Said) -> list[Residence]:
    ends = [from_day for _, from_day in known[1:]]
    places = []
    for position, (commune, from_day) in enumerate(known):
        is_last = position == len(known) - 1
        until = one.closed_on if is_last else ends[position]
        if not is_last and one.closed_on is not None and until is not None:
            until = min(until, one.closed_on)
        counts_from = min(from_day, one.first_day) if position == 0 else from_day
        places.append(Residence(commune, from_day, counts_from, until))
    return places

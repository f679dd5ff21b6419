"""A reorganisation as a file states it, checked against the map of the day before. Pure.

Each line leads from a unit that ends to one that takes over (part of) it. Ids of units carry their
first day, so that a line can never lead back: there are no circles to look for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from libs.common.vocabulary import AreaKind, AreaLevel, Designation
from services.registry.areas.domain import tidy
from services.registry.reorganisations.names import bare_name, full_name

DIGITS = {AreaLevel.PROVINCE: 2, AreaLevel.DISTRICT: 3, AreaLevel.COMMUNE: 5}
KINDS = {
    AreaLevel.PROVINCE: (AreaKind.PROVINCE, AreaKind.CITY),
    AreaLevel.COMMUNE: (
        AreaKind.RURAL_COMMUNE,
        AreaKind.WARD,
        AreaKind.TOWNSHIP,
        AreaKind.SPECIAL_ZONE,
    ),
}

Key = tuple[AreaLevel, str]  # on one day, level and code name one unit


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the map; `parent` is the code of the unit above."""

    area_id: UUID
    level: AreaLevel
    code: str
    name: str
    kind: AreaKind
    parent: str | None
    valid_from: date
    valid_until: date | None

    @property
    def key(self) -> Key:
        return self.level, self.code


@dataclass(frozen=True, slots=True)
class Map:
    """What is known of the map around a day.

    Attributes:
        before: the units of the day before.
        after: those of the day itself that are known already, and those that go on.
        links: which units take over each unit that ends on the day, as far as known.
    """

    before: Mapping[Key, Unit]
    after: Mapping[Key, Unit]
    links: Mapping[UUID, frozenset[Key]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the file. Name, kind and parent of a new unit stand in one of its lines at least;
    a unit that keeps its code keeps what is not stated. `designations`: what the new unit is from
    the day on; empty: nothing, None: the file does not say it.
    """

    line: int
    level: AreaLevel
    old: str
    new: str
    name: str | None = None
    kind: AreaKind | None = None
    parent: str | None = None
    village: str | None = None
    designations: tuple[Designation, ...] | None = None
    document: str | None = None

    @property
    def target(self) -> Key:
        return self.level, self.new


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule of a line; `column` empty: of the line itself. `facts` fill the message."""

    line: int
    column: str
    rule: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Definition:
    """A unit from the day on; `is_known` where the list of units has it already. `document`: of the
    line that says its designations, where it has one of its own.
    """

    level: AreaLevel
    code: str
    name: str
    kind: AreaKind
    parent: str | None
    is_known: bool = False
    designations: tuple[Designation, ...] | None = None
    document: str | None = None

    @property
    def key(self) -> Key:
        return self.level, self.code


@dataclass(frozen=True, slots=True)
class Ended:
    """A unit that ends, and which units take it over, each with the villages that it gets.

    Without villages, of several successors, nobody can tell which household goes where.
    """

    unit: Unit
    successors: Mapping[Key, tuple[str, ...]]

    @property
    def is_divided(self) -> bool:
        return len(self.successors) > 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What a reorganisation does to the map.

    Attributes:
        reparented: units that another act of the same day has begun under a province which ends by
            this one, with the province under which they are: two acts of a day may come in any
            order.
    """

    ended: tuple[Ended, ...]
    new: Mapping[Key, Definition]
    reparented: Mapping[Key, str] = field(default_factory=dict)

    def with_new_records(self) -> list[Ended]:
        """The communes whose households' records change: a new name of one alone changes none."""
        shares = Counter(key for ended in self.ended for key in ended.successors)
        return [
            ended
            for ended in self.ended
            if ended.unit.level is AreaLevel.COMMUNE
            and (ended.is_divided or not self._goes_on(ended, shares))
        ]

    def _goes_on(self, ended: Ended, shares: Mapping[Key, int]) -> bool:
        (key,) = ended.successors
        unit, successor = ended.unit, self.new[key]
        before, after = (
            (unit.code, unit.kind, unit.parent),
            (
                successor.code,
                successor.kind,
                successor.parent,
            ),
        )
        return before == after and shares[key] == 1


def village_key(name: str) -> str:
    """By which a village of the file and one of the register are the same. Marks tell villages
    apart; case and spaces do not."""
    return tidy(name).casefold()


def check(entries: Sequence[Entry], known: Map, day: date) -> tuple[Plan, list[Fault]]:
    """What the file does, and every rule that it breaks; with faults the plan is not to be used."""
    faults: list[Fault] = []
    lines = _by_old(entries)
    ended = _ended(lines, known, day, faults)
    faults += _villages(entries)
    new = _definitions(entries, known, day, set(lines), faults)
    followers = _followers(ended, lines, known, day, faults)
    for follower in followers:
        (key,) = follower.successors
        above = ended[AreaLevel.PROVINCE, follower.unit.parent or ""]
        new[key] = _follows(follower.unit, next(iter(above.successors))[1])
    everything = (*ended.values(), *followers)
    _check_parents(entries, new, known, {one.unit.key for one in everything}, day, faults)
    faults.sort(key=lambda fault: (fault.line, fault.column, fault.rule))
    return Plan(everything, new, _reparented(ended, new, known, day)), faults


def _by_old(entries: Iterable[Entry]) -> dict[Key, list[Entry]]:
    lines: dict[Key, list[Entry]] = defaultdict(list)
    for entry in entries:
        lines[entry.level, entry.old].append(entry)
    return dict(lines)


def _ended(
    lines: Mapping[Key, list[Entry]], known: Map, day: date, faults: list[Fault]
) -> dict[Key, Ended]:
    found = {}
    for key, entries in lines.items():
        first, unit = entries[0], known.before.get(key)
        if unit is None:
            faults += [Fault(entry.line, "old_code", "old.unknown") for entry in entries]
            continue
        villages: dict[Key, list[str]] = {entry.target: [] for entry in entries}
        for entry in entries:
            if entry.village is not None:
                villages[entry.target].append(entry.village)
        found[key] = Ended(unit, {target: tuple(names) for target, names in villages.items()})
        if unit.valid_until is not None and unit.valid_until > day:
            faults.append(Fault(first.line, "old_code", "old.later_known"))
        elif unit.valid_until == day:
            stated = {code for _, code in villages}
            listed = {code for _, code in known.links.get(unit.area_id, frozenset())}
            if stated != listed:
                facts = {"codes": ", ".join(sorted(listed)) or "–"}
                faults.append(Fault(first.line, "new_code", "old.other_successors", facts))
    return found


def _villages(entries: Iterable[Entry]) -> Iterable[Fault]:
    """A village goes to one unit, and is named once."""
    seen: set[tuple[Key, str]] = set()
    pairs: set[tuple[Key, str]] = set()
    for entry in entries:
        old = (entry.level, entry.old)
        if entry.village is None:
            if (old, entry.new) in pairs:
                yield Fault(entry.line, "", "line.twice")
            pairs.add((old, entry.new))
            continue
        if entry.level is not AreaLevel.COMMUNE:
            yield Fault(entry.line, "village", "village.level")
        if (old, village_key(entry.village)) in seen:
            yield Fault(entry.line, "village", "village.twice")
        seen.add((old, village_key(entry.village)))


def _definitions(
    entries: Sequence[Entry],
    known: Map,
    day: date,
    ending: set[Key],
    faults: list[Fault],
) -> dict[Key, Definition]:
    by_new: dict[Key, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_new[entry.target].append(entry)
    found = {}
    for key, lines in by_new.items():
        listed = known.after.get(key)
        is_known = listed is not None and listed.valid_from == day
        if listed is not None and not is_known and key not in ending:
            faults.append(Fault(lines[0].line, "new_code", "new.code_in_use"))
            continue
        model = listed if is_known else known.before.get(key)
        stated = _stated(lines, model, faults)
        if stated is None:
            continue
        if is_known and listed is not None:
            faults += _differences(lines[0], stated, listed)
        else:
            stated = replace(stated, name=full_name(stated.kind, stated.name))
        found[key] = replace(stated, is_known=is_known)
    return found


def _stated(lines: list[Entry], model: Unit | None, faults: list[Fault]) -> Definition | None:
    """The one definition in a new unit's lines, completed by the unit that has its code."""
    values: dict[str, str | AreaKind | None] = {}
    qualities = {entry.designations: entry for entry in lines if entry.designations is not None}
    if len(qualities) > 1:
        last = max(qualities.values(), key=lambda one: one.line)
        faults.append(Fault(last.line, "designations", "new.defined_twice"))
    said_by = next(iter(qualities.values()), None)
    is_whole = True
    for column in ("name", "kind", "parent"):
        said = {value: entry for entry in reversed(lines) if (value := getattr(entry, column))}
        if len(said) > 1:
            entry = max(said.values(), key=lambda one: one.line)
            faults.append(Fault(entry.line, column, "new.defined_twice"))
        value = next(reversed(said), None) or (_of(model, column) if model else None)
        is_top = column == "parent" and lines[0].level is AreaLevel.PROVINCE
        if value is None and not is_top:
            faults.append(Fault(lines[0].line, column, "cell.missing"))
            is_whole = False
        values[column] = value
    kind, first = values["kind"], lines[0]
    if not isinstance(kind, AreaKind) or not is_whole:
        return None
    if kind not in KINDS.get(first.level, ()):
        faults.append(Fault(first.line, "kind", "kind.level"))
        return None
    parent = values["parent"]
    return Definition(
        first.level,
        first.new,
        str(values["name"]),
        kind,
        None if parent is None else str(parent),
        designations=None if said_by is None else said_by.designations,
        document=None if said_by is None else said_by.document,
    )


def _of(model: Unit, column: str) -> str | AreaKind | None:
    """What a unit had: its name without the word of its kind, which may change."""
    if column == "kind":
        return model.kind
    return model.parent if column == "parent" else bare_name(model.kind, model.name)


def _differences(first: Entry, stated: Definition, listed: Unit) -> Iterable[Fault]:
    for column in ("name", "kind", "parent"):
        said = getattr(stated, column)
        same = (said, full_name(stated.kind, stated.name)) if column == "name" else (said,)
        if getattr(listed, column) not in same:
            facts = {"listed": str(getattr(listed, column))}
            yield Fault(first.line, column, "new.differs_from_list", facts)


def _followers(
    ended: Mapping[Key, Ended],
    lines: Mapping[Key, list[Entry]],
    known: Map,
    day: date,
    faults: list[Fault],
) -> list[Ended]:
    """The communes of a province that ends, which the file does not name: they go on as they are
    under its only successor. Under several nobody can tell: they are left over.
    """
    followers = []
    for unit in known.before.values():
        above = ended.get((AreaLevel.PROVINCE, unit.parent or ""))
        goes_on = unit.valid_until is None or unit.valid_until > day
        if above is None or unit.level is AreaLevel.PROVINCE or unit.key in ended or not goes_on:
            continue
        if above.is_divided or unit.level is not AreaLevel.COMMUNE:
            line = lines[above.unit.key][0].line
            faults.append(Fault(line, "old_code", "old.left_over", {"code": unit.code}))
        else:
            followers.append(Ended(unit, {unit.key: ()}))
    return followers


def _reparented(
    ended: Mapping[Key, Ended], new: Mapping[Key, Definition], known: Map, day: date
) -> dict[Key, str]:
    found = {}
    for unit in known.after.values():
        above = ended.get((AreaLevel.PROVINCE, unit.parent or ""))
        if above is not None and not above.is_divided and unit.key not in new:
            is_of_the_day = unit.valid_from == day and unit.level is AreaLevel.COMMUNE
            if is_of_the_day:
                found[unit.key] = next(iter(above.successors))[1]
    return found


def _follows(unit: Unit, parent: str) -> Definition:
    return Definition(unit.level, unit.code, unit.name, unit.kind, parent)


def _check_parents(
    entries: Sequence[Entry],
    new: Mapping[Key, Definition],
    known: Map,
    ending: set[Key],
    day: date,
    faults: list[Fault],
) -> None:
    """The unit above must be there on the day: it goes on, or is new as well."""
    levels = {digits: level for level, digits in DIGITS.items()}
    lines = {entry.target: entry.line for entry in reversed(entries)}
    for key, definition in new.items():
        if definition.level is AreaLevel.PROVINCE or key not in lines:
            continue
        above = levels.get(len(definition.parent or ""))
        listed = None if above is None else known.after.get((above, definition.parent or ""))
        is_there = listed is not None and (listed.key not in ending or listed.valid_from == day)
        is_new = above is AreaLevel.PROVINCE and (above, definition.parent) in new
        if above is AreaLevel.COMMUNE or not (is_there or is_new):
            faults.append(Fault(lines[key], "parent", "parent.unknown"))

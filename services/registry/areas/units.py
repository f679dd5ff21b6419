"""The committed tables of `data/`, read into units; `tools/build_areas.py` makes most of them."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from libs.common.contracts.area import AreaCount, AreaData, AreaDesignation, AreaSuccession
from libs.common.ids import derived_id
from libs.common.vocabulary import AreaKind, AreaLevel, Designation

DATA = Path(__file__).parent / "data"

_FILES = {
    AreaLevel.PROVINCE: "provinces.csv",
    AreaLevel.DISTRICT: "districts.csv",
    AreaLevel.COMMUNE: "communes.csv",
}
_LEVEL_BY_DIGITS = {2: AreaLevel.PROVINCE, 3: AreaLevel.DISTRICT, 5: AreaLevel.COMMUNE}
_Row = dict[str, str]


class _Bearer(NamedTuple):
    """A unit that bore a code for a while."""

    area_id: UUID
    valid_from: date
    valid_until: date | None


def area_id(level: AreaLevel, code: str, valid_from: date) -> UUID:
    """The unit's id: the day stands in it because a code lives on when its unit grows."""
    return derived_id("area", level, code, valid_from)


class Gazetteer:
    """Every unit with its succession, counts and designations.

    Args:
        folder: where the tables are.
    """

    def __init__(self, folder: Path = DATA) -> None:
        self._folder = folder
        self._rows = [(level, row) for level, file in _FILES.items() for row in self._read(file)]
        # Successors first: whoever keeps the units in this order never holds a loose end.
        self._rows.sort(key=lambda entry: entry[1]["valid_from"], reverse=True)
        # An id is a hash, and each is asked for several times.
        self._bearers: dict[tuple[AreaLevel, str], list[_Bearer]] = defaultdict(list)
        for level, row in self._rows:
            valid_from = date.fromisoformat(row["valid_from"])
            unit_id = area_id(level, row["code"], valid_from)
            self._bearers[level, row["code"]].append(
                _Bearer(unit_id, valid_from, _day(row["valid_until"]))
            )
        self._successors = self._read_successors()
        self._counts = self._read_counts()
        self._designations = self._read_designations()

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[AreaData]:
        """The units, successors before predecessors."""
        return (self._unit(level, row) for level, row in self._rows)

    def _unit(self, level: AreaLevel, row: _Row) -> AreaData:
        valid_from = date.fromisoformat(row["valid_from"])
        unit_id = self._on(level, row["code"], valid_from)
        parent = row["parent"]
        return AreaData.model_construct(
            area_id=unit_id,
            level=level,
            code=row["code"],
            name=row["name"],
            kind=AreaKind(row["kind"]),
            parent_id=(
                self._on(_LEVEL_BY_DIGITS[len(parent)], parent, valid_from) if parent else None
            ),
            valid_from=valid_from,
            valid_until=_day(row["valid_until"]),
            successors=tuple(self._successors.get(unit_id, ())),
            counts=tuple(self._counts.get(unit_id, ())),
            designations=tuple(self._designations.get(unit_id, ())),
        )

    def _on(self, level: AreaLevel, code: str, day: date) -> UUID:
        """The unit that bore the code on a day; KeyError names what the tables lack."""
        for unit_id, valid_from, valid_until in self._bearers[level, code]:
            if valid_from <= day and (valid_until is None or day < valid_until):
                return unit_id
        raise KeyError(f"no {level} {code} on {day}")

    def _until(self, level: AreaLevel, code: str, day: date) -> UUID:
        """The unit whose code ended on a day."""
        for unit_id, _, valid_until in self._bearers[level, code]:
            if valid_until == day:
                return unit_id
        raise KeyError(f"no {level} {code} until {day}")

    def _read(self, file: str) -> Iterator[_Row]:
        with (self._folder / file).open(encoding="utf-8", newline="") as source:
            yield from csv.DictReader(source)

    def _read_successors(self) -> dict[UUID, list[AreaSuccession]]:
        found = defaultdict(list)
        for row in self._read("succession.csv"):
            changed_on = date.fromisoformat(row["changed_on"])
            before = self._until(AreaLevel(row["level"]), row["predecessor"], changed_on)
            after = self._on(AreaLevel(row["successor_level"]), row["successor"], changed_on)
            found[before].append(
                AreaSuccession.model_construct(
                    successor_id=after,
                    successor_code=row["successor"],
                    is_divided=row["is_divided"] == "1",
                )
            )
        for links in found.values():
            links.sort(key=lambda link: (link.successor_code, link.successor_id))
        return found

    def _read_counts(self) -> dict[UUID, list[AreaCount]]:
        found = defaultdict(list)
        for row in self._read("counts.csv"):
            year = int(row["year"])
            unit = self._on(AreaLevel(row["level"]), row["code"], date(year, 12, 31))
            found[unit].append(
                AreaCount(
                    year=year,
                    households=int(row["households"]),
                    persons=int(row["persons"]) if row["persons"] else None,
                    source=row["source"],
                    is_confirmed=row["is_confirmed"] == "1",
                )
            )
        for counts in found.values():
            counts.sort(key=lambda count: count.year)
        return found

    def _read_designations(self) -> dict[UUID, list[AreaDesignation]]:
        found = defaultdict(list)
        for row in self._read("designations.csv"):
            from_day = date.fromisoformat(row["from_day"])
            unit = self._on(AreaLevel(row["level"]), row["code"], from_day)
            found[unit].append(
                AreaDesignation(
                    designation=Designation(row["designation"]),
                    from_day=from_day,
                    until=_day(row["until"]),
                    source=row["source"],
                    is_confirmed=row["is_confirmed"] == "1",
                )
            )
        for facts in found.values():
            facts.sort(key=lambda fact: (fact.designation, fact.from_day))
        return found


def _day(value: str) -> date | None:
    return date.fromisoformat(value) if value else None

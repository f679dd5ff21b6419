"""The committed tables: whole, joined up, and honest about what they do not know."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from uuid import UUID

import pytest

from libs.common.contracts.area import AreaCount, AreaData, AreaDesignation
from libs.common.vocabulary import AreaKind, AreaLevel
from services.registry.areas.units import DATA, Gazetteer
from tests.support.areas import BEGINNING, REFORM, area_id
from tests.support.servers import repository


@pytest.fixture(scope="module")
def units() -> dict[UUID, AreaData]:
    return {unit.area_id: unit for unit in Gazetteer()}


def rows(file: str) -> Iterator[dict[str, str]]:
    with (DATA / file).open(encoding="utf-8", newline="") as source:
        yield from csv.DictReader(source)


def listed_open() -> set[tuple[str, str, date]]:
    return {
        (row["level"], row["code"], date.fromisoformat(row["valid_from"]))
        for row in rows("open.csv")
    }


def test_the_published_numbers_of_units(units: dict[UUID, AreaData]) -> None:
    assert Counter((unit.level, unit.valid_until is None) for unit in units.values()) == {
        (AreaLevel.PROVINCE, False): 63,
        (AreaLevel.DISTRICT, False): 696,
        (AreaLevel.COMMUNE, False): 10_035,
        (AreaLevel.PROVINCE, True): 34,
        (AreaLevel.COMMUNE, True): 3_321,
    }
    assert Counter(
        unit.kind
        for unit in units.values()
        if unit.level is AreaLevel.COMMUNE and not unit.valid_until
    ) == {AreaKind.RURAL_COMMUNE: 2_621, AreaKind.WARD: 687, AreaKind.SPECIAL_ZONE: 13}


def test_every_unit_has_a_parent_of_its_own_time(units: dict[UUID, AreaData]) -> None:
    for unit in units.values():
        if unit.level is AreaLevel.PROVINCE:
            assert unit.parent_id is None
            continue
        parent = units[unit.parent_id] if unit.parent_id else None
        assert parent is not None, unit.code
        assert (parent.valid_from, parent.valid_until) == (unit.valid_from, unit.valid_until)
        expected = (
            AreaLevel.DISTRICT
            if unit.level is AreaLevel.COMMUNE and unit.valid_until
            else AreaLevel.PROVINCE
        )
        assert parent.level is expected


def test_every_old_unit_has_a_successor_or_is_listed_as_open(units: dict[UUID, AreaData]) -> None:
    ended = [unit for unit in units.values() if unit.valid_until]
    without = {
        (unit.level.value, unit.code, unit.valid_from) for unit in ended if not unit.successors
    }
    assert without <= listed_open()
    assert {level for level, _, _ in without} == {"district"}, "only the district level ended"


def test_every_new_unit_has_a_predecessor_or_is_listed_as_open(units: dict[UUID, AreaData]) -> None:
    followed = {link.successor_id for unit in units.values() for link in unit.successors}
    without = {
        (unit.level.value, unit.code, unit.valid_from)
        for unit in units.values()
        if unit.valid_from == REFORM and unit.area_id not in followed
    }
    assert without <= listed_open()
    assert not without


def test_a_unit_is_divided_exactly_when_it_has_several_successors(
    units: dict[UUID, AreaData],
) -> None:
    divided = [unit for unit in units.values() if any(link.is_divided for link in unit.successors)]
    assert len(divided) == 471
    for unit in units.values():
        assert {link.is_divided for link in unit.successors} <= {len(unit.successors) > 1}


def test_communes_follow_their_province(units: dict[UUID, AreaData]) -> None:
    """An old commune's successors lie in the successor of its province."""
    for unit in units.values():
        if unit.level is not AreaLevel.COMMUNE or unit.valid_until is None:
            continue
        assert unit.parent_id is not None
        district = units[unit.parent_id]
        assert district.parent_id is not None
        province = units[district.parent_id].successors[0].successor_id
        assert {units[link.successor_id].parent_id for link in unit.successors} == {province}


def test_validity_of_one_code_never_overlaps(units: dict[UUID, AreaData]) -> None:
    by_code = defaultdict(list)
    for unit in units.values():
        by_code[unit.level, unit.code].append((unit.valid_from, unit.valid_until))
    for periods in by_code.values():
        for earlier, later in pairwise(sorted(periods)):
            assert earlier[1] is not None
            assert earlier[1] <= later[0]


def test_special_zones_follow_island_districts_that_had_no_communes(
    units: dict[UUID, AreaData],
) -> None:
    links = [
        (unit.code, link.successor_id)
        for unit in units.values()
        if unit.level is AreaLevel.DISTRICT
        for link in unit.successors
    ]
    assert sorted(code for code, _ in links) == ["318", "471", "498", "536", "755"]
    assert {units[successor].kind for _, successor in links} == {AreaKind.SPECIAL_ZONE}


def test_nghien_loan_keeps_its_code_and_absorbs_two_neighbours(
    units: dict[UUID, AreaData],
) -> None:
    successor = area_id(AreaLevel.COMMUNE, "01882", REFORM)
    assert units[successor].name == "Xã Nghiên Loan"
    assert sorted(
        unit.code
        for unit in units.values()
        if successor in [link.successor_id for link in unit.successors]
    ) == ["01873", "01876", "01882"]


def test_dated_facts_say_where_they_come_from(units: dict[UUID, AreaData]) -> None:
    bac_kan = units[area_id(AreaLevel.PROVINCE, "06", BEGINNING)]
    assert [(count.year, count.households) for count in bac_kan.counts] == [(2021, 81_493)]
    facts: list[AreaCount | AreaDesignation] = []
    for unit in units.values():
        facts += [*unit.counts, *unit.designations]
    assert all(fact.source for fact in facts)
    assert not any(fact.is_confirmed for fact in facts), "nothing here was read in a document"


def test_the_notice_names_the_source_and_its_licence() -> None:
    notice = (repository() / "NOTICE").read_text(encoding="utf-8")
    licence = (DATA / "LICENSE.vietnamadminunits.txt").read_text(encoding="utf-8")
    assert "vietnamadminunits 1.0.4" in notice
    assert licence in notice

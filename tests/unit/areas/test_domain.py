"""Whose a record is: judged by succession, checked against villages that know where they lie."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.areas.domain import (
    Choice,
    Divided,
    Open,
    Present,
    Resolved,
    Share,
    present,
    shares,
)
from libs.common.ids import derived_id

Village = tuple[int, int]  # its old and its new commune


def old(commune: int) -> UUID:
    return derived_id("old", commune)


def new(commune: int) -> UUID:
    return derived_id("new", commune)


villages = st.sets(st.tuples(st.integers(0, 6), st.integers(0, 4)), min_size=1, max_size=20)


def share_of(homes: set[Village], inside: set[Village]) -> Share:
    """The truth, village by village."""
    if homes <= inside:
        return Share.WHOLE
    return Share.PART if homes & inside else Share.NONE


@given(land=villages, area=st.sets(st.integers(0, 4)))
def test_old_records_in_new_geography(land: set[Village], area: set[int]) -> None:
    links = {(old(before), new(after)) for before, after in land}
    inside = {village for village in land if village[1] in area}
    found = shares({new(commune) for commune in area}, [old(before) for before, _ in land], links)
    for before, _ in land:
        homes = {village for village in land if village[0] == before}
        assert found[old(before)] is share_of(homes, inside)


@given(land=villages, area=st.sets(st.integers(0, 6)))
def test_new_records_in_old_geography(land: set[Village], area: set[int]) -> None:
    links = {(old(before), new(after)) for before, after in land}
    inside = {village for village in land if village[0] in area}
    found = shares({old(commune) for commune in area}, [new(after) for _, after in land], links)
    for _, after in land:
        homes = {village for village in land if village[1] == after}
        assert found[new(after)] is share_of(homes, inside)


def test_shares_follow_several_reforms() -> None:
    """a and b became c; c was divided into d and e; f took e and the foreign x."""
    a, b, c, d, e, f, x = (derived_id("unit", name) for name in "abcdefx")
    links = [(a, c), (b, c), (c, d), (c, e), (e, f), (x, f)]
    found = shares({a, b}, [a, b, c, d, e, f, x], links)
    assert {name for name in (a, b, c, d, e) if found[name] is Share.WHOLE} == {a, b, c, d, e}
    assert found[f] is Share.PART
    assert found[x] is Share.NONE
    backward = shares({d}, [a, b, c], links)
    assert set(backward.values()) == {Share.PART}


ONE = Choice(derived_id("unit", 1), "00001", "Xã Một")
TWO = Choice(derived_id("unit", 2), "00002", "Xã Hai")


@pytest.mark.parametrize(
    ("choices", "expected"),
    [([], Open()), ([ONE], Resolved(ONE)), ([TWO, ONE], Divided((ONE, TWO)))],
    ids=["no successor known", "one", "several, in order of code"],
)
def test_what_a_unit_has_become(choices: list[Choice], expected: Present) -> None:
    assert present(choices) == expected

"""Who of the demo's population asks for a loan."""

import pytest

from ansinh.demo.population import generate
from ansinh.demo.village import FEWEST, MOST, Village, choose, who_loses_class
from libs.common.vocabulary import StatusClass

COMMUNES = {f"018{place:02}": f"Xã {place}" for place in range(10)}


def _villages(households: int, seed: int = 1) -> list[Village]:
    return choose(list(generate(list(COMMUNES), seed, households)), COMMUNES, seed)


def test_the_three_communes_with_most_poor_households_have_a_group_each() -> None:
    villages = _villages(400)
    assert len({village.commune for village in villages}) == 3
    assert all(len(village.asks) == MOST for village in villages)
    assert all(village.is_complete for village in villages)


def test_the_same_seed_gives_the_same_groups_and_needs() -> None:
    assert _villages(400) == _villages(400)
    assert _villages(400) != _villages(400, seed=2)


@pytest.mark.parametrize(("households", "complete"), [(0, 0), (10, 0), (60, 3)])
def test_small_populations_have_small_groups_or_none(households: int, complete: int) -> None:
    villages = _villages(households)
    assert sum(village.is_complete for village in villages) == complete
    assert all((len(village.asks) >= FEWEST) == village.is_complete for village in villages)


def test_nobody_asks_for_more_than_the_law_lends() -> None:
    asks = [ask for village in _villages(400) for ask in village.asks]
    assert all(20_000_000 <= ask.amount <= 100_000_000 and ask.months <= 120 for ask in asks)
    assert all(0 < ask.votes_for + ask.votes_against <= MOST for ask in asks)


def test_who_loses_its_class_is_poor_and_was_going_to_be_paid() -> None:
    ask = who_loses_class(_villages(400))
    assert ask is not None
    assert ask.household.status is StatusClass.POOR
    assert ask.is_carried
    assert who_loses_class([]) is None

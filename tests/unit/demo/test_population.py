"""The demo's population: published totals, real communes, the same for the same seed."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansinh.demo.population import NEAR_POOR, POOR, REVIEWED_ON, classes_of, generate
from libs.common.vocabulary import Relation, StatusClass

COMMUNES = [f"{code:05d}" for code in range(1840, 1948)]


def test_full_population_has_the_published_totals() -> None:
    counted = Counter(household.status for household in generate(COMMUNES, seed=1))
    assert counted == {StatusClass.POOR: POOR, StatusClass.NEAR_POOR: NEAR_POOR}


def test_same_seed_same_households_other_seed_others() -> None:
    first = list(generate(COMMUNES, seed=1, households=60))
    assert first == list(generate(COMMUNES, seed=1, households=60))
    assert first != list(generate(COMMUNES, seed=2, households=60))


@given(st.integers(min_value=0, max_value=400), st.integers())
def test_any_size_keeps_the_proportion_and_is_well_formed(households: int, seed: int) -> None:
    made = list(generate(COMMUNES, seed, households))
    poor, near_poor = classes_of(households)
    statuses = [household.status for household in made]
    assert (statuses.count(StatusClass.POOR), statuses.count(StatusClass.NEAR_POOR)) == (
        poor,
        near_poor,
    )
    assert len({household.household_id for household in made}) == households
    for household in made:
        relations = [member.relation for member in household.members]
        assert relations.count(Relation.HEAD) == 1
        assert all(member.birth_date <= REVIEWED_ON for member in household.members)


@pytest.mark.parametrize(("households", "expected"), [(None, (21946, 7935)), (598, (439, 159))])
def test_classes_follow_the_published_pair(
    households: int | None, expected: tuple[int, int]
) -> None:
    assert classes_of(households) == expected

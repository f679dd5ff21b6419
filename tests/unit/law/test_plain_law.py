"""The tables against the same law written as plain functions, on a small population."""

from benchmarks.bench_determinations import AS_OF, plain_determination, population
from services.eligibility.catalogue.domain import catalogue, determine_set


def test_tables_and_plain_functions_grant_the_same() -> None:
    households = population(300)
    for household, determined in zip(
        households, determine_set(households, AS_OF, catalogue()), strict=True
    ):
        granted = {
            (e.subject_id, e.programme, e.from_day, e.until) for e in determined.entitlements
        }
        assert granted == set(plain_determination(household))

"""How the four services stand, to compare: what holds now, whenever and under which id."""

from collections.abc import Mapping
from typing import Any

from libs.common.database import Database

_QUERIES = {
    "eligibility": (
        "SELECT household_id, subject_id, programme, from_day, until, document, benefit::text"
        " FROM entitlement WHERE superseded_at IS NULL",
        "SELECT household_id, person_id, from_day, until, group_code, benefit_percent"
        " FROM roll_period WHERE superseded_at IS NULL",
        "SELECT household_id, person_id, group_code, from_day, until, state, reason"
        " FROM card_answer WHERE superseded_at IS NULL AND state <> 'withdrawn'",
        "SELECT household_id, person_id, group_code, from_day, until, benefit::text"
        " FROM training_offer WHERE superseded_at IS NULL",
        "SELECT household_id, commune, household_version, next_change_on FROM household_facts",
    ),
    "credit": (
        "SELECT household_id, programme, entitled_from, max_amount, yearly_rate, terms_on"
        " FROM referral WHERE state = 'open'",
        "SELECT household_id, entitlement_version % 1000000 > 0, programme, since"
        " FROM referral_basis",
    ),
    "reporting": (
        "SELECT household_id, version, standard, place, commune, resident, class_days, classes,"
        " escaped, member_from, member_until FROM household_fact",
        "SELECT stream, household_id, codes, from_days, until_days FROM effect_fact"
        " WHERE known_until IS NULL AND codes <> '{}'",
        "SELECT household_id, programme FROM referral_fact"
        " WHERE known_until IS NULL AND state = 'open'",
    ),
}


async def standing_of(workers: Mapping[str, Database]) -> dict[str, list[str]]:
    """Every row that holds, as text, by statement."""
    found: dict[str, list[str]] = {}
    for service, queries in _QUERIES.items():
        async with workers[service].transaction() as tx:
            for query in queries:
                rows: list[Any] = await tx.fetch(query)
                found[f"{service}: {query}"] = sorted(str(tuple(row)) for row in rows)
    return found


def without_versions(standing: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The same without what counts the registry's acts."""
    return {query: rows for query, rows in standing.items() if "version" not in query}

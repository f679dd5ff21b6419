"""What stands in the tables of the listening services: what must not depend on order.

Left out, because it tells of the way and not of the end: ids that a service draws itself (of
referrals and events), instants of recording, and how many versions it took. Latest wins skips what
is overtaken, so a referral that was overtaken while open may never have been opened, or may have
been moved instead of withdrawn and opened anew: only what stands is compared, and of it not the day
of the last change (`changed_on`) and not the first of all (`opened_on`).
"""

from collections.abc import Sequence
from typing import Any

from libs.common.database import Database

Rows = list[tuple[Any, ...]]

# `determined_to` is left out: the sweep does not touch a household on which time changes nothing.
_FACTS = """
SELECT household_id, commune, household_version, facts, rules, next_change_on
FROM household_facts ORDER BY household_id
"""
_ENTITLEMENTS = """
SELECT household_id, subject_id, programme, from_day, until, commune, support, subject_kind,
       rule_table, rule_row, document, is_confirmed, benefit::text
FROM entitlement WHERE superseded_at IS NULL ORDER BY 1, 2, 3, 4
"""
_ROLL = """
SELECT household_id, person_id, from_day, until, commune, group_code, support_percent,
       benefit_percent, document, is_confirmed, order_is_confirmed
FROM roll_period WHERE superseded_at IS NULL ORDER BY 1, 2, 3
"""
_OFFERS = """
SELECT household_id, person_id, group_code, from_day, until, commune, benefit::text, document,
       is_confirmed
FROM training_offer WHERE superseded_at IS NULL ORDER BY 1, 2, 3, 4
"""
# Where nothing is wanted and never was, `since` is only the day on which that was noticed.
_BASES = """
SELECT household_id, commune, programme, CASE WHEN programme IS NOT NULL THEN since END
FROM referral_basis ORDER BY household_id
"""
_REFERRALS = """
SELECT household_id, commune, programme, state, is_flagged, entitled_from, until, terms_on,
       max_amount, max_months, yearly_rate, overdue_rate, terms_document, terms_are_confirmed
FROM referral WHERE state <> 'withdrawn' ORDER BY 1, 3
"""
# Every version of a household: nothing is overtaken here, so not even instants may differ.
_HOUSEHOLD_FACTS = "SELECT * FROM household_fact ORDER BY household_id, version, standard, place"
_EFFECT_FACTS = """
SELECT stream, household_id, commune, codes, from_days, until_days
FROM effect_fact WHERE known_until IS NULL AND codes <> '{}' ORDER BY 1, 2
"""
_REFERRAL_FACTS = """
SELECT household_id, commune, programme, state, is_flagged FROM referral_fact
WHERE known_until IS NULL AND state <> 'withdrawn' ORDER BY 1, 3
"""
_OF_HOUSEHOLDS = """
SELECT * FROM timeline_entry WHERE stream = 'household' ORDER BY household_id, version
"""
# Whoever has nothing may have had something that was overtaken, or never.
_LAST_LINES = """
SELECT * FROM (
  SELECT DISTINCT ON (household_id, stream) household_id, stream, commune, facts
  FROM timeline_entry WHERE stream NOT IN ('household', 'referral')
  ORDER BY household_id, stream, version DESC
) AS last WHERE facts <> '{"held": {}}'
"""
_LAW_DAY = "SELECT day FROM law_day"

_STATEMENTS = {
    "eligibility": {
        "law_day": _LAW_DAY,
        "household_facts": _FACTS,
        "entitlement": _ENTITLEMENTS,
        "roll_period": _ROLL,
        "training_offer": _OFFERS,
    },
    "credit": {"law_day": _LAW_DAY, "referral_basis": _BASES, "referral": _REFERRALS},
    "reporting": {
        "household_fact": _HOUSEHOLD_FACTS,
        "effect_fact": _EFFECT_FACTS,
        "referral_fact": _REFERRAL_FACTS,
        "timeline_entry of households": _OF_HOUSEHOLDS,
        "timeline_entry, last": _LAST_LINES,
    },
}


async def standing(databases: dict[str, Database]) -> dict[str, Rows]:
    """By service and table, the rows that must be the same whatever the order."""
    return {
        f"{service}.{table}": _plain(await databases[service].pool.fetch(statement))
        for service, statements in _STATEMENTS.items()
        for table, statement in statements.items()
    }


def _plain(rows: Sequence[Any]) -> Rows:
    return [tuple(row) for row in rows]

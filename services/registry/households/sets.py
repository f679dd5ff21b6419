"""Statements that correct many households at once; `store` has those of one."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from libs.common.database import Transaction

_SUPERSEDE_FACTS = """
UPDATE household_fact SET recorded = tstzrange(lower(recorded), $1)
WHERE household_id = ANY($2::uuid[]) AND upper_inf(recorded) AND upper_inf(effective)
"""
_SUPERSEDE_MEMBERS = """
UPDATE member SET recorded = tstzrange(lower(recorded), $1)
FROM unnest($2::uuid[], $3::uuid[]) AS gone(household_id, person_id)
WHERE member.household_id = gone.household_id AND member.person_id = gone.person_id
  AND upper_inf(member.recorded)
"""
_EARLIER_UNTIL = """
SELECT household_id, max(upper(effective)) AS until FROM household_fact
WHERE household_id = ANY($1::uuid[]) AND upper_inf(recorded) AND NOT upper_inf(effective)
GROUP BY household_id
"""
_KNOWN_SINCE = """
SELECT max(since) FROM (
  SELECT max(lower(recorded)) AS since FROM household_fact WHERE household_id = ANY($1::uuid[])
  UNION ALL
  SELECT max(lower(recorded)) FROM member WHERE household_id = ANY($1::uuid[])
) AS known
"""


async def supersede_residences(tx: Transaction, household_ids: Sequence[UUID]) -> None:
    """The present residences are held true no longer."""
    if household_ids:
        await tx.execute(_SUPERSEDE_FACTS, tx.recorded_at, household_ids)


async def supersede_members(tx: Transaction, gone: Sequence[tuple[UUID, UUID]]) -> None:
    """What was held true of these persons, each in this household, is so no longer."""
    if gone:
        await tx.execute(_SUPERSEDE_MEMBERS, tx.recorded_at, *map(list, zip(*gone, strict=True)))


async def earlier_residences_until(
    tx: Transaction, household_ids: Sequence[UUID]
) -> dict[UUID, object]:
    """The days on which the residences before the present ones ended, where there were any."""
    rows = await tx.fetch(_EARLIER_UNTIL, household_ids)
    return {row["household_id"]: row["until"] for row in rows}


async def known_since(tx: Transaction, household_ids: Sequence[UUID]) -> datetime | None:
    """When the newest knowledge about any of the households was recorded."""
    return cast(datetime | None, await tx.fetchval(_KNOWN_SINCE, household_ids))

"""Every SQL statement that only the screens ask."""

from uuid import UUID

from asyncpg import Record

from libs.common.database import Transaction

_ACTS = """
SELECT type, occurred_at, recorded_at FROM event_log
WHERE stream = 'household' AND subject = $1 ORDER BY version DESC LIMIT $2
"""


async def list_acts(tx: Transaction, household_id: UUID, limit: int) -> list[Record]:
    """The newest acts on a household that may be seen: type, day and time of recording."""
    return await tx.fetch(_ACTS, household_id, limit)

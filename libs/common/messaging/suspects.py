"""Events that may kill the process: a note is committed before each one is worked, and goes with
its effect. One found noted twice is parked unworked.
"""

from datetime import datetime
from uuid import UUID

from libs.common.database import Transaction

_NOTE = """
INSERT INTO suspect AS s (consumer, event_id, n, noted_at) VALUES ($1, $2, 1, $3)
ON CONFLICT (consumer, event_id) DO UPDATE SET n = s.n + 1, noted_at = excluded.noted_at
RETURNING n
"""
_CLEAR = "DELETE FROM suspect WHERE consumer = $1 AND event_id = $2"

MOST_DEATHS = 2


async def note(tx: Transaction, consumer: str, event_id: UUID, at: datetime) -> bool:
    """Note that the event is about to be worked alone; answers whether it still may be."""
    number: int = await tx.fetchval(_NOTE, consumer, event_id, at)
    return number <= MOST_DEATHS


async def clear(tx: Transaction, consumer: str, event_id: UUID) -> None:
    await tx.execute(_CLEAR, consumer, event_id)

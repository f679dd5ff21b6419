"""A message is taken once: sender and message id, for as long as its signature holds."""

from datetime import UTC, datetime, timedelta

from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.service import Tick

_TAKE = """
INSERT INTO dci_message (sender_id, message_id, until) VALUES ($1, $2, $3)
ON CONFLICT (sender_id, message_id) DO UPDATE SET until = excluded.until
WHERE dci_message.until < $4
"""
_FORGET = "DELETE FROM dci_message WHERE until < $1"


async def take(tx: Transaction, sender_id: str, message_id: str, until: int) -> bool:
    """Whether it is the first time; it counts once the transaction has committed.

    Args:
        until: seconds since the epoch, from which on a copy is refused for its age.
    """
    end = datetime.fromtimestamp(until, UTC)
    return await tx.execute(_TAKE, sender_id, message_id, end, tx.recorded_at) == 1


async def _forget(database: Database, clock: Clock) -> None:
    async with database.transaction() as tx:
        await tx.execute(_FORGET, clock.now())


FORGET = Tick("dci.forget", timedelta(minutes=10), _forget)

"""Whether a database can be written to, as much as a batch writes.

A database that is full or read-only answers a SELECT, and each message fetched in vain would count
as one of the few returns that the broker allows it.
"""

import contextlib

from libs.common.database import Database

_WRITE = """
INSERT INTO inbox (consumer, event_id, received_at, batch_id)
SELECT 'probe', gen_random_uuid(), now(), gen_random_uuid() FROM generate_series(1, 2000)
"""


class _TakeBack(Exception):
    """Thrown into the transaction so that it rolls back."""


async def probe(database: Database) -> None:
    """Write, and take it back.

    Raises:
        Exception: what every write would fail with now.
    """
    with contextlib.suppress(_TakeBack):
        async with database.transaction() as tx:
            await tx.execute(_WRITE)
            raise _TakeBack

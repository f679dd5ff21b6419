"""Up to where the ledger may be read by `seq` without missing anything.

A number is taken before its commit: while a writer is open, a lower number than one that is visible
may still appear. Comparing a row's own transaction id with the oldest open one does not tell:
a writer can get its id early and its number late. What tells is who has the ledger open for
writing: that lock is taken before the number and held until the commit or the rollback. So a look
notes the end of the ledger together with the writers of that moment; once none of them is left,
everything up to that end is there. Everybody who asks moves the note along, one look after the
other. Where nobody writes, the end itself is safe at once. Writers in other databases hold nobody
back.
"""

from libs.common.database import Transaction

# One statement: its snapshot, and so the end, is older than its look at the locks.
_LOOK = """
SELECT safe_seq, end_seq, waits_for, (SELECT coalesce(max(seq), 0) FROM event_log) AS last,
  ARRAY(SELECT DISTINCT virtualtransaction FROM pg_locks
        WHERE locktype = 'relation' AND relation = 'event_log'::regclass
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid())
    AS writers
FROM ledger_horizon
"""
# Whoever finds it held by another reader, or moved, leaves it: that one has moved it along.
_NOTE = """
UPDATE ledger_horizon AS kept SET safe_seq = $3, end_seq = $4, waits_for = $5
FROM (SELECT is_only FROM ledger_horizon WHERE safe_seq = $1 AND end_seq = $2
      FOR UPDATE SKIP LOCKED) AS free
WHERE kept.is_only = free.is_only
"""


async def look(tx: Transaction) -> tuple[int, int]:
    """The last safe `seq`, and the last one that is visible."""
    row = await tx.fetchrow(_LOOK)
    if row is None:  # the one row is made with the table
        return 0, 0
    last: int = row["last"]
    safe: int = row["safe_seq"]
    if not row["writers"]:
        return last, last
    if last > safe and not set(row["waits_for"]) & set(row["writers"]):
        safe = row["end_seq"]
        await tx.execute(_NOTE, row["safe_seq"], row["end_seq"], safe, last, row["writers"])
    return safe, last

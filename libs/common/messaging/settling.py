"""When a restored service says again what it knew: once the replays have brought all they can.

What a restore says again (`restoring`) waits in the outbox without an end. The tick role lets it go
when every wish of the restore is fulfilled: the consumer has come as far as the producer was when
the service was brought in step, which the wish keeps; and who reads the service's own ledger has
seen what was said until then. Whoever hears nobody has no wish, and says it at once.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from libs.common.clock import Clock
from libs.common.contracts.catalogue import EVENT_TYPES, SUBSCRIPTIONS
from libs.common.database import Database, Transaction
from libs.common.messaging.generations import GENERATION
from libs.common.messaging.operations.progress import read_set_aside, read_work

log = logging.getLogger(__name__)

REASON = "RESTORED"
# Longer than the retry ladder: what was sent has been worked, parked, or lies before `--since`.
QUIET = timedelta(minutes=15)
_WAITS = "SELECT EXISTS (SELECT FROM outbox WHERE next_attempt_at = 'infinity')"
_NEWEST_WISHES = """
SELECT DISTINCT ON (producer, consumer)
       replay_id, producer, consumer, state, last_seq, end_seq, finished_at
FROM replay WHERE reason = $1 ORDER BY producer, consumer, requested_at DESC, replay_id DESC
"""
_COME_TO = """
SELECT coalesce(sum(version), 0)::bigint FROM cursor WHERE consumer = $1 AND stream = ANY($2)
"""
# Where our own ledger stood when it was seen to be fulfilled, at the latest.
_FULFIL = """
UPDATE replay SET state = 'done', finished_at = $2,
  last_seq = (SELECT coalesce(max(seq), 0) FROM event_log)
WHERE replay_id = $1 RETURNING last_seq
"""
_UNSEEN = f"""
SELECT EXISTS (
  SELECT FROM stream_head AS head
    JOIN event_log AS log ON log.subject = head.subject AND log.stream = head.stream
      AND log.version = head.version
    LEFT JOIN cursor AS c
      ON c.consumer = $1 AND c.stream = head.stream AND c.subject = head.subject
  WHERE head.stream = ANY($2) AND head.version % {GENERATION} > 0
    AND head.version > coalesce(c.version, 0) AND log.seq <= $3
    AND NOT EXISTS (SELECT FROM outbox
                    WHERE outbox.seq = log.seq AND next_attempt_at = 'infinity')
    AND NOT EXISTS (SELECT FROM parked_message AS p
                    WHERE p.consumer = $1 AND p.event_id = log.event_id))
"""
_LET_GO = "UPDATE outbox SET next_attempt_at = '-infinity' WHERE next_attempt_at = 'infinity'"


async def let_go(database: Database, clock: Clock, quiet: timedelta = QUIET) -> int:
    """Have the relay publish what a restore says again, once it may; answers how many rows.

    Args:
        database: of the service, on its worker role.
        clock: for what is noted.
        quiet: after so long without any work, a consumer that was sent everything will not come
            further.
    """
    async with database.transaction() as tx:
        if not await tx.fetchval(_WAITS):
            return 0
        wishes = await tx.fetch(_NEWEST_WISHES, REASON)
        known = [wish for wish in wishes if wish["consumer"] in SUBSCRIPTIONS]
        own = [one for one in known if _is_own(one)]
        ledger_end = await _fulfil(tx, [one for one in known if not _is_own(one)], clock, quiet)
        if ledger_end is None or not await _own_is_seen(tx, own, ledger_end):
            return 0
        count = await tx.execute(_LET_GO)
        tx.wakes.add("outbox")
    log.info("what a restore says again is let go: %d", count)
    return count


def streams_of(producer: str, consumer: str) -> list[str]:
    """What the consumer reads of this producer, sorted."""
    reads = SUBSCRIPTIONS[consumer].reads
    types = EVENT_TYPES.values()
    return sorted({kind.stream for kind in types if kind.source == producer and reads(kind.name)})


def _is_own(wish: Any) -> bool:
    return bool(SUBSCRIPTIONS[wish["consumer"]].service == wish["producer"])


async def _fulfil(
    tx: Transaction, wishes: Sequence[Any], clock: Clock, quiet: timedelta
) -> int | None:
    """Note which wishes for others' ledgers are fulfilled.

    Returns:
        Where our own ledger stood when the last one was; None while one is open.
    """
    ends = [wish["last_seq"] for wish in wishes if wish["state"] == "done"]
    sent = [wish for wish in wishes if wish["state"] == "passed_on"]
    if sent:
        now, aside = clock.now(), await read_set_aside(tx)
        work = await read_work(tx, [wish["consumer"] for wish in sent], now)
        last_at = {one.consumer: one.last_at for one in work}
        for wish in sent:
            name, streams = wish["consumer"], streams_of(wish["producer"], wish["consumer"])
            come_to = int(await tx.fetchval(_COME_TO, name, streams)) + sum(
                one.parked + one.discarded
                for one in aside
                if one.consumer == name and one.stream in streams
            )
            is_quiet = wish["finished_at"] < last_at.get(name, now) < now - quiet
            if come_to >= (wish["end_seq"] or 0) or is_quiet:
                ends.append(await tx.fetchval(_FULFIL, wish["replay_id"], now))
    is_open = len(ends) < sum(wish["state"] != "cancelled" for wish in wishes)
    return None if is_open else max(ends, default=0)


async def _own_is_seen(tx: Transaction, wishes: Sequence[Any], ledger_end: int) -> bool:
    """Whether those who read our own ledger have come to this place of it."""
    for wish in wishes:
        if wish["state"] in ("wanted", "running"):
            return False
        streams = streams_of(wish["producer"], wish["consumer"])
        if await tx.fetchval(_UNSEEN, wish["consumer"], streams, ledger_end):
            return False
    return True

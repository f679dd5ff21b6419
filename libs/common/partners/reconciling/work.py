"""The comparison: our side is fixed by one statement, then both are compared part by part.

Each step is one transaction, claimed by a row lock that others pass over: done once, by whichever
worker comes first; a worker that dies leaves the step as it was. Our side is read once, by one
statement, so that whatever is written during the comparison is on neither side of it. What was
recorded after the partner closed its list is left out; whoever was writing then is waited for.

The job goes by the scope of the opening, also where the registration has lost some of it since; the
partner then reads nothing of what is found, see `api.own`.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from libs.common import faults
from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.partners.reconciling.domain import Layout, Listing
from libs.common.partners.reconciling.schema import PARTS
from libs.common.partners.reconciling.store import COLUMNS, Reconciliation, of_row
from libs.common.service import Tick

_LANES = 2
_SORT_IN_MEMORY = "SET LOCAL work_mem = '64MB'"
_ABANDONED = timedelta(days=30)
_SECONDS = 600.0

_WAITS = "SELECT EXISTS (SELECT FROM reconciliation WHERE state IN ('closed', 'comparing'))"
_CLAIM_CLOSED = f"""
SELECT {COLUMNS} FROM reconciliation WHERE state = 'closed' AND NOT EXISTS (
  SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND virtualtransaction = ANY (waits_for))
ORDER BY reconciliation_id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_OURS = """
INSERT INTO reconciliation_line (reconciliation_id, place, key, household_id, fields)
SELECT $1, 0, {values} {rows}
"""
_CHUNKS = """
INSERT INTO reconciliation_chunk (reconciliation_id, part)
SELECT $1, part FROM generate_series(0, $2::integer - 1) AS part
"""
_COMPARING = "UPDATE reconciliation SET state = 'comparing', ours = $2 WHERE reconciliation_id = $1"
_CLAIM_CHUNK = f"""
SELECT part, {", ".join(f"whole.{name}" for name in COLUMNS.split(", "))}
FROM reconciliation_chunk AS chunk JOIN reconciliation AS whole USING (reconciliation_id)
WHERE whole.state = 'comparing' AND chunk.done_at IS NULL
ORDER BY chunk.reconciliation_id, part LIMIT 1 FOR UPDATE OF chunk SKIP LOCKED
"""
# What is equal costs one group and one comparison; only the rest is looked into. $2: the part;
# $3 names and $4 who acts, by column; $5, $6 who acts where one side lacks it; $7 to $10: where a
# line says its commune and programme, and which are the partner's.
_COMPARE = """
WITH whole AS MATERIALIZED (
  SELECT key, count(*) FILTER (WHERE place > 0) AS sent, count(*) FILTER (WHERE place = 0) AS kept,
    min(place) FILTER (WHERE place > 0) AS line,
    max(household_id::text) FILTER (WHERE place = 0) AS household_id,
    max(fields) FILTER (WHERE place > 0) AS theirs, max(fields) FILTER (WHERE place = 0) AS ours
  FROM {lines} WHERE reconciliation_id = $1 GROUP BY key
), judged AS MATERIALIZED (
  SELECT whole.*, CASE
    WHEN sent > 1 OR kept > 1 THEN 'duplicate'
    WHEN kept = 0 AND (split_part(theirs, ',', $7) <> ALL ($8::text[])
                       OR split_part(theirs, ',', $9) !~ $10) THEN 'outside_scope'
    WHEN kept = 0 THEN 'missing_here'
    WHEN sent = 0 THEN 'missing_there'
    ELSE 'differs' END AS kind
  FROM whole WHERE sent <> 1 OR kept <> 1 OR theirs <> ours
), found AS (
  SELECT key, 0 AS place, kind, CASE
    WHEN kept > 1 THEN 'us' WHEN kind = 'missing_here' THEN $5 WHEN kind = 'missing_there' THEN $6
    ELSE 'partner' END AS acts, NULL AS field, NULL AS theirs, NULL AS ours, line, household_id
  FROM judged WHERE kind <> 'differs'
  UNION ALL
  SELECT key, value.place, kind, value.acts, value.name, value.theirs, value.ours, line,
    household_id
  FROM judged CROSS JOIN LATERAL unnest(
    $3::text[], $4::text[], string_to_array(theirs, ','), string_to_array(ours, ',')
  ) WITH ORDINALITY AS value(name, acts, theirs, ours, place)
  WHERE kind = 'differs' AND value.theirs IS DISTINCT FROM value.ours
), told AS (
  INSERT INTO reconciliation_difference (reconciliation_id, key, place, kind, acts, field, theirs,
    ours, line, household_id)
  SELECT $1, key, place, kind, acts, field, theirs, ours, line, household_id::uuid FROM found
)
UPDATE reconciliation_chunk SET keys = (SELECT count(*) FROM whole), done_at = $11,
  agreed = (SELECT count(*) FROM whole) - (SELECT count(*) FROM judged)
WHERE reconciliation_id = $1 AND part = $2
"""
_CLAIM_COMPARED = """
SELECT reconciliation_id FROM reconciliation AS whole
WHERE state = 'comparing' AND NOT EXISTS (
  SELECT FROM reconciliation_chunk AS chunk
  WHERE chunk.reconciliation_id = whole.reconciliation_id AND done_at IS NULL)
ORDER BY reconciliation_id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_FINISH = """
UPDATE reconciliation SET state = 'done', finished_at = $2,
  agreed = (SELECT sum(agreed) FROM reconciliation_chunk WHERE reconciliation_id = $1),
  differences = coalesce((
    SELECT jsonb_object_agg(kind, many) FROM (
      SELECT kind, count(*) AS many FROM reconciliation_difference
      WHERE reconciliation_id = $1 GROUP BY kind) AS counted), '{}')
WHERE reconciliation_id = $1
"""
_ABANDON = """
UPDATE reconciliation SET state = 'cancelled', finished_at = $2
WHERE state = 'open' AND opened_at < $1
"""
_TO_FORGET = """
SELECT reconciliation_id FROM reconciliation
WHERE are_lines_kept AND state IN ('done', 'cancelled') ORDER BY reconciliation_id
"""
_FORGET_LINES = """
DELETE FROM {lines} WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM {lines} WHERE reconciliation_id = $1 LIMIT 20000))
"""
_FORGOTTEN = "UPDATE reconciliation SET are_lines_kept = false WHERE reconciliation_id = $1"

Lists = Mapping[str, Listing]


async def compare(database: Database, lists: Lists) -> None:
    """Do every step that waits; safe to repeat, to interrupt and to run side by side."""
    while await _waits(database):
        await asyncio.gather(*(_compare_all(database, lists) for _ in range(_LANES)))
        while await _finish_next(database):
            pass
        if not await _fix_next(database, lists):
            return


async def _waits(database: Database) -> bool:
    async with database.transaction() as tx:
        return bool(await tx.fetchval(_WAITS))


async def _compare_all(database: Database, lists: Lists) -> None:
    while await _compare_next(database, lists):
        pass


async def _fix_next(database: Database, lists: Lists) -> bool:
    """Fix our side of one closed reconciliation, and cut both into chunks."""
    async with database.transaction() as tx:
        row = await tx.fetchrow(_CLAIM_CLOSED)
        if row is None:
            return False
        one = of_row(dict(row))
        layout = lists[one.list].layout(one.columns)
        ours = await _fix(tx, one, layout)
        await tx.execute(_CHUNKS, one.reconciliation_id, PARTS)
        await tx.execute(_COMPARING, one.reconciliation_id, ours)
        faults.at("reconciliation_fixed")
    return True


async def _fix(tx: Transaction, one: Reconciliation, layout: Layout) -> int:
    await tx.execute(_SORT_IN_MEMORY)
    statement = _OURS.format(values=layout.ours, rows=layout.listing.rows)
    scope = (one.communes, one.programmes)
    given = (one.reconciliation_id, one.as_of, one.known_at, *scope)
    status = await tx.connection.execute(statement, *given, timeout=_SECONDS)
    return int(status.rpartition(" ")[2])


async def _compare_next(database: Database, lists: Lists) -> bool:
    async with database.transaction() as tx:
        row = await tx.fetchrow(_CLAIM_CHUNK)
        if row is None:
            return False
        known = dict(row)
        part = known.pop("part")
        one = of_row(known)
        await _compare(tx, one, part, lists[one.list].layout(one.columns))
        faults.at("reconciliation_compared")
    faults.at("reconciliation_chunk_done")
    return True


async def _compare(tx: Transaction, one: Reconciliation, part: int, layout: Layout) -> None:
    listing = layout.listing
    commune, programme = layout.place(listing.commune), layout.place(listing.programme)
    await tx.execute(_SORT_IN_MEMORY)
    await tx.connection.execute(
        _COMPARE.format(lines=f"reconciliation_line_{part}"),
        one.reconciliation_id,
        part,
        [column.name for column in layout.columns],
        [column.acts for column in layout.columns],
        listing.here,
        listing.there,
        commune or 1,
        one.communes if commune else None,
        programme or 1,
        one.programmes if programme else None,
        tx.recorded_at,
        timeout=_SECONDS,
    )


async def _finish_next(database: Database) -> bool:
    async with database.transaction() as tx:
        reconciliation_id = await tx.fetchval(_CLAIM_COMPARED)
        if reconciliation_id is None:
            return False
        await tx.execute(_FINISH, reconciliation_id, tx.recorded_at)
    return True


async def forget(database: Database, clock: Clock) -> None:
    """Give up what was never closed, and delete the lines of what has ended, in portions."""
    async with database.transaction() as tx:
        await tx.execute(_ABANDON, clock.now() - _ABANDONED, tx.recorded_at)
    async with database.transaction() as tx:
        ended = [row["reconciliation_id"] for row in await tx.fetch(_TO_FORGET)]
    for one in ended:
        for part in range(PARTS):
            await _forget(database, one, part)
        async with database.transaction() as tx:
            await tx.execute(_FORGOTTEN, one)


async def _forget(database: Database, reconciliation_id: UUID, part: int) -> None:
    statement = _FORGET_LINES.format(lines=f"reconciliation_line_{part}")
    while True:
        async with database.transaction() as tx:
            if await tx.execute(statement, reconciliation_id) < 20_000:
                return


def ticks(lists: Lists) -> tuple[Tick, ...]:
    """The job, and its tidying up, for a service with these lists."""

    async def run(database: Database, clock: Clock) -> None:
        await compare(database, lists)

    return (
        Tick("reconciliations.compare", timedelta(seconds=1), run),
        Tick("reconciliations.forget", timedelta(minutes=10), forget),
    )

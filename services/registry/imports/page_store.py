"""Every SQL statement on the pages of imports: kept, claimed, settled, reported."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from services.registry.imports.domain import Settled
from services.registry.imports.reasons import TAKES_TWO

_LAST_PAGE = "SELECT coalesce(max(page), 0) FROM import_page WHERE import_id = $1"
_KEEP_PAGE = """
INSERT INTO import_page (import_id, page, lines, state, sealed, keys, numbers)
VALUES ($1, $2, $3, 'read', $4, $5, $6)
"""
_KEYS_IN_FILE = """
SELECT DISTINCT key FROM import_page, unnest(keys) AS key
WHERE import_id = $1 AND key = ANY($2::bigint[])
"""
# An attempt is counted, and stands, before the page is worked: one that kills its process counts
# too. Each makes the next wait longer, so that it does not hold up the others. The count is not
# waited for on the disk: forgotten with a server that fell, the attempt is made once more.
_CLAIM_PAGE = """
UPDATE import_page AS page SET attempts = page.attempts + 1,
  due_at = $1::timestamptz + ($2::interval[])[least(page.attempts + 1, cardinality($2))]
FROM (
  SELECT page.import_id, page.page
  FROM import_page AS page JOIN import_file AS file USING (import_id)
  WHERE (file.state, page.state) IN (('checking', 'read'), ('taking', 'checked'))
    AND (page.due_at IS NULL OR page.due_at <= $1)
  ORDER BY page.attempts, file.opened_at, page.import_id, page.page LIMIT 1
  FOR UPDATE OF page SKIP LOCKED
) AS next, set_config('synchronous_commit', 'off', true)
WHERE page.import_id = next.import_id AND page.page = next.page
RETURNING page.import_id, page.page, page.lines, page.state, page.attempts, page.elsewhere
"""
# It waits: whoever looks for a page locks this one for a moment before he sees that it is claimed.
_HOLD_PAGE = """
SELECT sealed FROM import_page
WHERE import_id = $1 AND page = $2 AND state = $3 AND attempts = $4 FOR UPDATE
"""
_GIVE_UP = """
UPDATE import_page SET state = 'taken', outcome = '[]', takes_two = 0,
  registered = 0, corrected = 0, unchanged = 0, refused = lines
WHERE import_id = $1 AND page = $2 AND state = $3 AND attempts = $4
"""
# What is only checked stays sealed as it is: written anew, it would be stored twice.
_SETTLE_PAGE = """
UPDATE import_page SET state = $3, outcome = $4,
  sealed = CASE $3 WHEN 'taken' THEN $5 ELSE sealed END,
  registered = $6, corrected = $7, unchanged = $8, refused = $9, takes_two = $10,
  told_at = CASE WHEN $11 > elsewhere THEN $12 ELSE told_at END,
  elsewhere = greatest(elsewhere, $11), attempts = 0, due_at = NULL
WHERE import_id = $1 AND page = $2
"""
_TELL_IN_TURN = "SELECT pg_advisory_xact_lock(hashtext('ansinh.import.told'), hashtext($1))"
# By when it was told: a file may wait for days before it is checked. And its own pages, whenever.
_ELSEWHERE = """
SELECT coalesce(sum(page.elsewhere), 0)
FROM import_file AS file JOIN import_page AS page USING (import_id)
WHERE file.caller = $1 AND page.elsewhere > 0 AND (page.told_at > $2 OR page.import_id = $3)
"""
_PROGRESS = """
SELECT import_id, coalesce(sum(lines), 0) AS read,
  coalesce(sum(lines) FILTER (WHERE state <> 'read'), 0) AS checked,
  coalesce(sum(lines) FILTER (WHERE state = 'taken'), 0) AS taken,
  coalesce(sum(registered), 0) AS registered, coalesce(sum(corrected), 0) AS corrected,
  coalesce(sum(unchanged), 0) AS unchanged, coalesce(sum(refused), 0) AS refused,
  coalesce(sum(takes_two), 0) AS takes_two
FROM import_page WHERE import_id = ANY($1::uuid[]) GROUP BY import_id
"""
_REPORT = """
SELECT page, sealed, outcome FROM import_page
WHERE import_id = $1 AND page > $2 AND outcome IS NOT NULL AND (NOT $3 OR refused > 0)
ORDER BY page LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """Lines by how far they are, and what came, or would come, of them so far; `takes_two`: of
    those that are taken, the ones that one person may not decide on alone.
    """

    read: int = 0
    checked: int = 0
    taken: int = 0
    registered: int = 0
    corrected: int = 0
    unchanged: int = 0
    refused: int = 0
    takes_two: int = 0


@dataclass(frozen=True, slots=True)
class ClaimedPage:
    """A page in work; `attempts` were begun, this one among them. `elsewhere`: of how many of its
    lines it was told that their numbers are of somebody out of sight.
    """

    import_id: UUID
    page: int
    lines: int
    state: str
    attempts: int
    elsewhere: int


async def last_page(tx: Transaction, import_id: UUID) -> int:
    return cast(int, await tx.fetchval(_LAST_PAGE, import_id))


async def keep_page(
    tx: Transaction,
    import_id: UUID,
    page: int,
    lines: int,
    sealed: bytes,
    keys: Sequence[int],
    numbers: Sequence[int],
) -> None:
    await tx.execute(_KEEP_PAGE, import_id, page, lines, sealed, list(keys), list(numbers))


async def keys_in_file(tx: Transaction, import_id: UUID, keys: Collection[int]) -> set[int]:
    """Those of the hashed households that stand in the file."""
    rows = await tx.fetch(_KEYS_IN_FILE, import_id, list(keys)) if keys else []
    return {row["key"] for row in rows}


async def claim_page(tx: Transaction, waits: Sequence[timedelta]) -> ClaimedPage | None:
    """The next page to be checked or taken: an attempt at it is begun once the transaction stands.

    Args:
        waits: by attempt, after which it is tried again if nothing more is heard of this one.
    """
    row = await tx.fetchrow(_CLAIM_PAGE, tx.recorded_at, waits)
    return None if row is None else ClaimedPage(**dict(row))


async def hold_page(tx: Transaction, page: ClaimedPage) -> bytes | None:
    """What a claimed page holds, locked against other jobs; None: it is another one's by now."""
    known = (page.import_id, page.page, page.state, page.attempts)
    return cast("bytes | None", await tx.fetchval(_HOLD_PAGE, *known))


async def told_elsewhere(tx: Transaction, caller: str, import_id: UUID, since: datetime) -> int:
    """Of how many lines a sender was told, since then or in this file, that their numbers are of
    somebody out of sight. Until the transaction ends, no other page of the sender's is counted.
    """
    await tx.execute(_TELL_IN_TURN, caller)
    return cast(int, await tx.fetchval(_ELSEWHERE, caller, since, import_id))


async def give_up(tx: Transaction, page: ClaimedPage) -> bool:
    """A page is not tried any more: all its lines count as refused, and none has a reason of its
    own. False where another job has done it meanwhile.
    """
    known = (page.import_id, page.page, page.state, page.attempts)
    return bool(await tx.execute(_GIVE_UP, *known))


Told = tuple[int, Settled, list[dict[str, Any]], UUID | None, UUID | None]


async def settle_page(
    tx: Transaction,
    page: ClaimedPage,
    state: str,
    outcome: Sequence[Told],
    sealed: bytes | None,
    elsewhere: int,
) -> None:
    """What came of a page's lines, and which household and person of the register each is about;
    `sealed` is what is kept of it for the report once taken, `elsewhere` of how many lines it was
    found that their numbers are of somebody out of sight.
    """
    counts = [sum(settled is one for _, settled, *_ in outcome) for one in Settled]
    takes_two = sum(
        settled is not Settled.REFUSED and any(one["rule"] == TAKES_TWO[0] for one in reasons)
        for _, settled, reasons, *_ in outcome
    )
    told = json.dumps(outcome, ensure_ascii=False, default=str)
    values = (told, sealed, *counts, takes_two, elsewhere, tx.recorded_at)
    await tx.execute(_SETTLE_PAGE, page.import_id, page.page, state, *values)


async def progress_of(tx: Transaction, import_ids: Sequence[UUID]) -> dict[UUID, Progress]:
    rows = await tx.fetch(_PROGRESS, import_ids)
    return {
        row["import_id"]: Progress(**{k: v for k, v in row.items() if k != "import_id"})
        for row in rows
    }


async def report_pages(
    tx: Transaction, import_id: UUID, after: int, *, refused_only: bool, most: int
) -> list[asyncpg.Record]:
    """Pages with what came of their lines, in order."""
    return await tx.fetch(_REPORT, import_id, after, refused_only, most)

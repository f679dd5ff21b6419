"""Every SQL statement on imports themselves: the file, its parts, its pages, how far they are."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from libs.common.database import Transaction
from services.registry.imports.domain import ImportState

_COLUMNS = (
    "import_id, caller, roles, areas, communes, purpose, correlation_id, digest, effective_on, "
    "state, parts, attempts, lines, registered, corrected, unchanged, refused, problem, notices, "
    "opened_at, confirmed_by, by_two, confirmed_at, finished_at"
)
_FIND = f"SELECT {_COLUMNS} FROM import_file WHERE import_id = $1"
_LOCK = f"{_FIND} FOR NO KEY UPDATE"
_ENTER = "SELECT set_config('ansinh.scope', $1, true)"
# Held by the connection, not by a transaction: reading takes minutes, and dies with its process.
_HOLD = "SELECT pg_try_advisory_lock(hashtext('ansinh.import'), hashtext($1::text))"
_LET_GO = "SELECT pg_advisory_unlock(hashtext('ansinh.import'), hashtext($1::text))"
_SAME = f"""
SELECT {_COLUMNS} FROM import_file
WHERE caller = $1 AND digest = $2 AND effective_on = $3
  AND state NOT IN ('done', 'refused', 'cancelled')
ORDER BY opened_at LIMIT 1
"""
_LIST = f"""
SELECT {_COLUMNS} FROM import_file WHERE $1::uuid IS NULL OR import_id < $1
ORDER BY import_id DESC LIMIT $2
"""
_INSERT = """
INSERT INTO import_file (import_id, caller, roles, areas, communes, purpose, correlation_id, digest,
                         effective_on, state, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'sending', $10)
"""
_SCOPE = "SELECT coalesce(current_setting('ansinh.scope', true), '')"
_KEEP_PART = """
INSERT INTO import_part (import_id, part, digest, sealed) VALUES ($1, $2, $3, $4)
ON CONFLICT (import_id, part) DO NOTHING
"""
_PART_DIGEST = "SELECT digest FROM import_part WHERE import_id = $1 AND part = $2"
_PARTS = "SELECT part FROM import_part WHERE import_id = $1 ORDER BY part"
_SEALED_PART = "SELECT sealed FROM import_part WHERE import_id = $1 AND part = $2"
_MOVE_ON = """
UPDATE import_file SET state = $2, parts = coalesce($3, parts), attempts = 0,
  confirmed_by = coalesce($4, confirmed_by), by_two = by_two OR $5,
  confirmed_at = coalesce($6, confirmed_at), problem = coalesce($7, problem),
  finished_at = CASE WHEN $2 IN ('done', 'refused', 'cancelled') THEN $8::timestamptz END
WHERE import_id = $1
"""
# The oldest that failed least: one that keeps failing does not hold up the others.
_CLAIM = f"""
SELECT {_COLUMNS} FROM import_file WHERE state = 'reading' AND import_id <> ALL ($1::uuid[])
ORDER BY attempts, opened_at LIMIT 1
"""
_NOTE_ATTEMPT = """
UPDATE import_file SET attempts = attempts + 1 WHERE import_id = $1 AND state = 'reading'
"""
_NOTE_PROBLEM = "UPDATE import_file SET problem = coalesce(problem, $2) WHERE import_id = $1"
# Up to a million: only those that are asked for leave the database.
_TWICE = """
SELECT hash FROM import_file, unnest(twice) AS hash
WHERE import_id = $1 AND hash = ANY($2::bigint[])
"""
# Read once, when the file is whole: what stands in it twice, households and numbers alike.
_FINISH_READING = """
WITH told AS (
  SELECT unnest(keys || numbers) AS hash FROM import_page WHERE import_id = $1
), twice AS (
  SELECT hash FROM told GROUP BY hash HAVING count(*) > 1
)
UPDATE import_file SET state = 'checking', attempts = 0, notices = $2,
  twice = coalesce((SELECT array_agg(hash) FROM twice), '{}'),
  lines = (SELECT coalesce(sum(lines), 0) FROM import_page WHERE import_id = $1)
WHERE import_id = $1
"""
# Of whoever finds no page left: the phase ends when every page has come through it. The counts are
# the pages'; that they add up to the lines is the table's own rule.
_FINISH_PHASE = """
UPDATE import_file AS file SET state = CASE state WHEN 'checking' THEN 'checked' ELSE 'done' END,
  registered = sums.registered, corrected = sums.corrected, unchanged = sums.unchanged,
  refused = sums.refused, attempts = 0,
  finished_at = CASE state WHEN 'taking' THEN $2::timestamptz END
FROM (SELECT sum(registered) AS registered, sum(corrected) AS corrected,
             sum(unchanged) AS unchanged, sum(refused) AS refused,
             count(*) FILTER (WHERE state = 'read') AS unchecked,
             count(*) FILTER (WHERE state <> 'taken') AS untaken
      FROM import_page WHERE import_id = $1) AS sums
WHERE file.import_id = $1
  AND (file.state = 'checking' AND unchecked = 0 OR file.state = 'taking' AND untaken = 0)
"""
_UNFINISHED = "SELECT import_id FROM import_file WHERE state IN ('checking', 'taking')"
_FORGET_PARTS = "DELETE FROM import_part WHERE import_id = $1"
_FORGET_PAGES = "DELETE FROM import_page WHERE import_id = $1"
_EMPTY_PAGES = "UPDATE import_page SET sealed = NULL WHERE import_id = $1"
_OLD = """
SELECT import_id FROM import_file
WHERE coalesce(finished_at, confirmed_at, opened_at) < $1 LIMIT 100
"""
_FORGET_FILE = "DELETE FROM import_file WHERE import_id = $1"


@dataclass(frozen=True, slots=True)
class StoredImport:
    """An import and how far it is; the counts are of its last phase that has ended.

    `by_two`: who confirmed it is a chairman and not who sent it.
    """

    import_id: UUID
    caller: str
    roles: str
    areas: tuple[str, ...]
    communes: tuple[str, ...]
    purpose: str | None
    correlation_id: UUID
    digest: bytes
    effective_on: date
    opened_at: datetime
    state: ImportState = ImportState.SENDING
    parts: int = 0
    attempts: int = 0
    lines: int = 0
    registered: int = 0
    corrected: int = 0
    unchanged: int = 0
    refused: int = 0
    problem: list[dict[str, Any]] | None = None
    notices: Sequence[dict[str, Any]] = ()
    confirmed_by: str | None = None
    by_two: bool = False
    confirmed_at: datetime | None = None
    finished_at: datetime | None = None


async def find_import(
    tx: Transaction, import_id: UUID, *, lock: bool = False
) -> StoredImport | None:
    """The import, or None where it does not exist or is not visible."""
    row = await tx.fetchrow(_LOCK if lock else _FIND, import_id)
    return None if row is None else _import(row)


async def enter(tx: Transaction, communes: Sequence[str]) -> None:
    """Give the transaction the scope of an import's sender."""
    await tx.execute(_ENTER, ",".join(communes))


async def hold_reading(holder: PoolConnectionProxy[asyncpg.Record], import_id: UUID) -> bool:
    """Whether nobody else reads the import; then nobody does until `let_go`."""
    return bool(await holder.fetchval(_HOLD, str(import_id)))


async def let_go(holder: PoolConnectionProxy[asyncpg.Record], import_id: UUID) -> None:
    await holder.execute(_LET_GO, str(import_id))


async def find_same(
    tx: Transaction, caller: str, digest: bytes, effective_on: date
) -> StoredImport | None:
    """The caller's import of the same file that has not ended yet."""
    row = await tx.fetchrow(_SAME, caller, digest, effective_on)
    return None if row is None else _import(row)


async def list_imports_before(
    tx: Transaction, before: UUID | None, limit: int
) -> list[StoredImport]:
    """Newest first."""
    return [_import(row) for row in await tx.fetch(_LIST, before, limit)]


async def insert_import(tx: Transaction, sent: StoredImport) -> None:
    await tx.execute(
        _INSERT,
        sent.import_id,
        sent.caller,
        sent.roles,
        list(sent.areas),
        list(sent.communes),
        sent.purpose,
        sent.correlation_id,
        sent.digest,
        sent.effective_on,
        sent.opened_at,
    )


async def scope(tx: Transaction) -> tuple[str, ...]:
    """The communes that the transaction covers; `*` is every one."""
    text: str = await tx.fetchval(_SCOPE)
    return tuple(text.split(",")) if text else ()


async def keep_part(
    tx: Transaction, import_id: UUID, part: int, digest: bytes, sealed: bytes
) -> bool:
    """Keep a part once; false where another one is kept under its number."""
    if await tx.execute(_KEEP_PART, import_id, part, digest, sealed):
        return True
    return bool(await tx.fetchval(_PART_DIGEST, import_id, part) == digest)


async def parts_of(tx: Transaction, import_id: UUID) -> list[int]:
    return [row["part"] for row in await tx.fetch(_PARTS, import_id)]


async def sealed_part(tx: Transaction, import_id: UUID, part: int) -> bytes:
    return cast(bytes, await tx.fetchval(_SEALED_PART, import_id, part))


async def move_on(
    tx: Transaction,
    import_id: UUID,
    state: ImportState,
    *,
    parts: int | None = None,
    confirmed_by: str | None = None,
    by_two: bool = False,
    problem: list[dict[str, Any]] | None = None,
) -> None:
    """The import's next state."""
    confirmed_at = tx.recorded_at if confirmed_by else None
    given = (parts, confirmed_by, by_two, confirmed_at, problem, tx.recorded_at)
    await tx.execute(_MOVE_ON, import_id, state, *given)


async def claim_reading(tx: Transaction, passed: Collection[UUID]) -> StoredImport | None:
    """The next import to be read, besides those."""
    row = await tx.fetchrow(_CLAIM, list(passed))
    return None if row is None else _import(row)


async def note_attempt(tx: Transaction, import_id: UUID) -> bool:
    """It is begun to be read, so that a job which dies of it counts too; false where it was read
    meanwhile.
    """
    return bool(await tx.execute(_NOTE_ATTEMPT, import_id))


async def note_problem(tx: Transaction, import_id: UUID, problem: list[dict[str, Any]]) -> None:
    """What went wrong with the file, said once."""
    await tx.execute(_NOTE_PROBLEM, import_id, problem)


async def twice_in_file(tx: Transaction, import_id: UUID, hashes: Collection[int]) -> set[int]:
    """Those of the hashed households and numbers that stand in two places of the file."""
    rows = await tx.fetch(_TWICE, import_id, list(hashes)) if hashes else []
    return {row["hash"] for row in rows}


async def finish_reading(
    tx: Transaction, import_id: UUID, notices: Sequence[dict[str, Any]]
) -> None:
    """Every page is kept: what stands in the file twice is known, and checking begins. `notices`
    say what of the file is not taken.
    """
    await tx.execute(_FINISH_READING, import_id, list(notices))
    await tx.execute(_FORGET_PARTS, import_id)


async def finish_phases(tx: Transaction) -> bool:
    """End the phases of which no page is left; answers whether any was."""
    ended = 0
    for row in await tx.fetch(_UNFINISHED):
        ended += await tx.execute(_FINISH_PHASE, row["import_id"], tx.recorded_at)
    return ended > 0


async def forget_rows(tx: Transaction, import_id: UUID) -> None:
    """What was sent is not needed any more; the counts of its pages stay.

    Waits for the pages that are in work: none is written after it.
    """
    await tx.execute(_FORGET_PARTS, import_id)
    await tx.execute(_EMPTY_PAGES, import_id)


async def forget_before(tx: Transaction, instant: datetime) -> int:
    """Imports that ended, or that did not come to an end, since; what they recorded stays."""
    old = await tx.fetch(_OLD, instant)
    for row in old:
        for statement in (_FORGET_PARTS, _FORGET_PAGES, _FORGET_FILE):
            await tx.execute(statement, row["import_id"])
    return len(old)


def _import(row: asyncpg.Record) -> StoredImport:
    values = dict(row)
    for name in ("areas", "communes"):
        values[name] = tuple(values[name])
    return StoredImport(**{**values, "state": ImportState(row["state"])})

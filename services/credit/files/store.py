"""Every statement on the bank's outcome files. Lock: the file's row, by whoever works its lines."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from libs.common.files.reading import Line
from libs.common.vocabulary import Result
from services.credit.files.tables import OutcomeLine

PAGE = 1_000
_COLUMNS = (
    "file_id partner caller roles areas purpose correlation_id digest state lines recorded "
    "unchanged refused done_line attempts recorded_at finished_at"
).split()
_FIND = f"SELECT {', '.join(_COLUMNS)} FROM outcome_file WHERE file_id = $1 AND partner = $2"
_WAITING = f"""
SELECT {", ".join(_COLUMNS)} FROM outcome_file
WHERE partner = $1 AND digest = $2 AND state = 'waiting'
"""
# The one that failed least, then the oldest: one that keeps failing does not hold up the others.
_CLAIM = f"""
SELECT {", ".join(_COLUMNS)} FROM outcome_file WHERE state = 'waiting'
ORDER BY attempts, recorded_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""
_LOCK_UNCHANGED = """
SELECT FROM outcome_file
WHERE file_id = $1 AND state = 'waiting' AND done_line = $2 AND attempts = $3
FOR NO KEY UPDATE
"""
_NEXT = """
SELECT line, cells, faults FROM outcome_line WHERE file_id = $1 AND line > $2
ORDER BY line LIMIT $3
"""
_SETTLE = """
UPDATE outcome_line AS known SET result = new.result, reasons = new.reasons
FROM unnest($2::integer[], $3::text[], $4::jsonb[]) AS new(line, result, reasons)
WHERE known.file_id = $1 AND known.line = new.line
"""
_ADVANCE = """
UPDATE outcome_file SET recorded = recorded + $2, unchanged = unchanged + $3,
  refused = refused + $4, done_line = $5, attempts = 0, state = $6,
  finished_at = CASE WHEN $6 = 'done' THEN $7::timestamptz END
WHERE file_id = $1
"""
_COUNT_LINES = "UPDATE outcome_file SET lines = $2 WHERE file_id = $1"
_NOTE_FAILURE = "UPDATE outcome_file SET attempts = attempts + 1 WHERE file_id = $1"
_REPORT = """
SELECT line, cells, result, reasons FROM outcome_line
WHERE file_id = $1 AND ($2::text IS NULL OR result = $2) ORDER BY line
"""
_FORGET = (
    """
DELETE FROM outcome_line WHERE file_id IN (SELECT file_id FROM outcome_file WHERE finished_at < $1)
""",
    "DELETE FROM outcome_file WHERE finished_at < $1",
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file and how far it is.

    Attributes:
        partner: whose it is; `caller`, `roles`, `areas` and `purpose` are the sender's.
        digest: of its bytes.
        state: `waiting` or `done`.
        lines: how many there are; of them `recorded`, `unchanged` and `refused` are worked.
        done_line: the number of the last line worked.
    """

    file_id: UUID
    partner: str
    caller: str
    roles: str
    areas: tuple[str, ...]
    purpose: str | None
    correlation_id: UUID
    digest: bytes
    recorded_at: datetime
    state: str = "waiting"
    lines: int = 0
    recorded: int = 0
    unchanged: int = 0
    refused: int = 0
    done_line: int = 0
    attempts: int = 0
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a line; `reasons` in JSON where it was refused."""

    line: int
    result: Result
    reasons: list[dict[str, Any]] | None = None


async def find_file(tx: Transaction, file_id: UUID, partner: str) -> StoredFile | None:
    """A partner's own file."""
    row = await tx.fetchrow(_FIND, file_id, partner)
    return None if row is None else _file(row)


async def insert_file(tx: Transaction, file: StoredFile) -> StoredFile | None:
    """Keep the head of a file; answers the same file where it is still worked instead."""
    row = [getattr(file, name) for name in _COLUMNS]
    row[_COLUMNS.index("areas")] = list(file.areas)
    names = ", ".join(_COLUMNS)
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    statement = f"INSERT INTO outcome_file ({names}) VALUES ({places}) ON CONFLICT DO NOTHING"
    while not await tx.execute(statement, *row):
        known = await tx.fetchrow(_WAITING, file.partner, file.digest)
        if known is not None:  # else it was done in between, and this one is worked anew
            return _file(known)
    return None


async def insert_lines(tx: Transaction, file_id: UUID, lines: Sequence[Line]) -> None:
    """Keep lines as they were sent."""
    await tx.connection.copy_records_to_table(
        OutcomeLine.__tablename__,
        records=[
            (file_id, line.number, list(line.cells), [" ".join(fault) for fault in line.faults])
            for line in lines
        ],
        columns=("file_id", "line", "cells", "faults"),
    )


async def count_lines(tx: Transaction, file_id: UUID, lines: int) -> None:
    await tx.execute(_COUNT_LINES, file_id, lines)


async def claim_file(tx: Transaction) -> StoredFile | None:
    """The next file that waits, locked against other jobs until the transaction ends."""
    row = await tx.fetchrow(_CLAIM)
    return None if row is None else _file(row)


async def lock_unchanged(tx: Transaction, file: StoredFile) -> bool:
    """Lock the file against other jobs; false where it is no longer as it was claimed."""
    given = (file.file_id, file.done_line, file.attempts)
    return await tx.fetchrow(_LOCK_UNCHANGED, *given) is not None


async def next_lines(tx: Transaction, file: StoredFile, most: int) -> list[Line]:
    """The next lines to work."""
    rows = await tx.fetch(_NEXT, file.file_id, file.done_line, most)
    return [
        Line(row["line"], tuple(row["cells"]), tuple(map(_fault, row["faults"]))) for row in rows
    ]


async def settle(tx: Transaction, file: StoredFile, settled: Sequence[Settled]) -> None:
    """Keep what came of the next lines, and how far the file is; without lines it is done."""
    if settled:
        columns = zip(*((one.line, one.result, _json(one.reasons)) for one in settled), strict=True)
        await tx.execute(_SETTLE, file.file_id, *map(list, columns))
    counts = [sum(one.result is result for one in settled) for result in Result]
    done = file.recorded + file.unchanged + file.refused + len(settled)
    await tx.execute(
        _ADVANCE,
        file.file_id,
        *counts,
        settled[-1].line if settled else file.done_line,
        "done" if done == file.lines else "waiting",
        tx.recorded_at,
    )


async def note_failure(tx: Transaction, file_id: UUID) -> None:
    """A page could not be worked; others go first."""
    await tx.execute(_NOTE_FAILURE, file_id)


async def read_report(
    tx: Transaction, file_id: UUID, result: Result | None
) -> AsyncIterator[list[asyncpg.Record]]:
    """What came of each line, page by page."""
    page = []
    async for row in tx.connection.cursor(_REPORT, file_id, result, prefetch=PAGE):
        page.append(row)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


async def forget_files(tx: Transaction, before: datetime) -> None:
    """Files that were done before are no more; what they recorded stays."""
    for statement in _FORGET:
        await tx.execute(statement, before)


def _file(row: asyncpg.Record) -> StoredFile:
    values = {name: row[name] for name in _COLUMNS}
    return StoredFile(**{**values, "areas": tuple(row["areas"])})


def _fault(text: str) -> tuple[str, str]:
    name, _, rule = text.partition(" ")
    return name, rule


def _json(reasons: list[dict[str, Any]] | None) -> str | None:
    """As text: a list within a list of parameters would count as a dimension more."""
    return None if reasons is None else json.dumps(reasons, ensure_ascii=False)

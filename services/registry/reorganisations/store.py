"""Every SQL statement on reorganisations themselves: heads, lines, routes. Lock: the head's row."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from libs.common.database import Transaction
from libs.common.files.reading import Line
from libs.common.vocabulary import AreaKind
from services.registry.reorganisations.tables import ReorganisationLine, ReorganisationRoute

_COLUMNS = """
reorganisation_id, in_force, document, known_from, state, communes, lines, entered_by,
correlation_id, recorded_at, approved_by, approved_at, households_total, households_moved,
after_household, attempts, finished_at, digest
"""
# Its counts are of all its communes: who may not see one of them would see them in the sum.
_PREVIEW = """
CASE WHEN coalesce(current_setting('ansinh.scope', true), '') = '*'
       OR communes <@ string_to_array(current_setting('ansinh.scope', true), ',')
     THEN preview END AS preview
"""
_FIND = f"SELECT {_COLUMNS}, {_PREVIEW} FROM reorganisation WHERE reorganisation_id = $1"
_LOCK = f"{_FIND} FOR NO KEY UPDATE"
_LIST = f"""
SELECT {_COLUMNS}, {_PREVIEW} FROM reorganisation
WHERE $1::uuid IS NULL OR reorganisation_id < $1
ORDER BY reorganisation_id DESC LIMIT $2
"""
# The one that failed least, then the oldest day: one that keeps failing does not hold up others.
_CLAIM = f"""
SELECT {_COLUMNS}, preview FROM reorganisation
WHERE state IN ('approved', 'applying') AND in_force <= $1
ORDER BY attempts, in_force, recorded_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""
_INSERT = """
INSERT INTO reorganisation
  (reorganisation_id, in_force, document, known_from, state, communes, lines, entered_by,
   correlation_id, recorded_at, digest, households_total, households_moved, attempts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0)
"""
_SET_STATE = "UPDATE reorganisation SET state = $2, finished_at = $3 WHERE reorganisation_id = $1"
_KEEP_PREVIEW = """
UPDATE reorganisation SET state = 'previewed', preview = $2 WHERE reorganisation_id = $1
"""
_APPROVE = """
UPDATE reorganisation SET state = 'approved', approved_by = $2, approved_at = $3
WHERE reorganisation_id = $1
"""
_BEGIN = """
UPDATE reorganisation
SET state = 'applying', households_total = households_moved + $2, after_household = NULL
WHERE reorganisation_id = $1
"""
_ADVANCE = """
UPDATE reorganisation
SET households_moved = households_moved + $2, after_household = $3, attempts = 0
WHERE reorganisation_id = $1
"""
_NOTE_FAILURE = "UPDATE reorganisation SET attempts = attempts + 1 WHERE reorganisation_id = $1"
_LINES = """
SELECT line, cells, faults, reasons FROM reorganisation_line
WHERE reorganisation_id = $1 ORDER BY line
"""
_SET_REASONS = """
UPDATE reorganisation_line AS known SET reasons = new.reasons
FROM unnest($2::integer[], $3::jsonb[]) AS new(line, reasons)
WHERE known.reorganisation_id = $1 AND known.line = new.line
"""
_FORGET_ROUTES = "DELETE FROM reorganisation_route WHERE reorganisation_id = $1"
# Under a code that no unit bears any more all was recorded by the map of before, also what was
# recorded while the new one was being written, which is later than any instant of that act.
_ROUTES = """
SELECT place, code, valid_from, valid_until, kind, to_code, to_kind, villages, is_asked, is_done,
       CASE WHEN recorded_before IS NULL OR EXISTS (
              SELECT FROM area_unit AS later WHERE later.code = route.code
                AND (later.valid_until IS NULL OR later.valid_until > route.valid_until))
            THEN recorded_before ELSE '9999-01-01'::timestamptz END AS recorded_before
FROM reorganisation_route AS route WHERE reorganisation_id = $1 ORDER BY place
"""
_FINISH_ROUTE = """
UPDATE reorganisation_route SET is_done = true WHERE reorganisation_id = $1 AND place = $2
"""
_REOPEN_ROUTES = "UPDATE reorganisation_route SET is_done = false WHERE reorganisation_id = $1"


@dataclass(frozen=True, slots=True)
class Stored:
    """A reorganisation and how far it is; `preview` None also where not all of it may be seen."""

    reorganisation_id: UUID
    in_force: date
    document: str
    known_from: date
    state: str
    communes: Sequence[str]
    lines: int
    entered_by: str
    correlation_id: UUID
    recorded_at: datetime
    preview: dict[str, Any] | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    households_total: int = 0
    households_moved: int = 0
    after_household: UUID | None = None
    attempts: int = 0
    finished_at: datetime | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """Where households go that were recorded under `code` in `[valid_from, valid_until)`.

    `is_asked`: one way of several, for the named villages and for whom a person says so.
    `recorded_before`: who was recorded before that instant goes it whatever their day is: the act
    was entered late, and nobody knew yet that the unit had ended. At any instant, where no unit
    bears the code since.
    """

    place: int
    code: str
    valid_from: date
    valid_until: date
    kind: AreaKind
    to_code: str
    to_kind: AreaKind
    villages: tuple[str, ...]
    is_asked: bool
    is_done: bool = False
    recorded_before: datetime | None = None


async def find(tx: Transaction, reorganisation_id: UUID) -> Stored | None:
    """None where it does not exist or touches none of the caller's communes."""
    row = await tx.fetchrow(_FIND, reorganisation_id)
    return None if row is None else Stored(**row)


async def lock(tx: Transaction, reorganisation_id: UUID) -> Stored | None:
    """The same, locked against other acts and the job until the transaction ends."""
    row = await tx.fetchrow(_LOCK, reorganisation_id)
    return None if row is None else Stored(**row)


async def claim(tx: Transaction, today: date) -> Stored | None:
    """The next one to be applied, its day having come, locked against other jobs."""
    row = await tx.fetchrow(_CLAIM, today)
    return None if row is None else Stored(**row)


async def list_after(tx: Transaction, after: UUID | None, limit: int) -> list[Stored]:
    """The newest first, from the first one older than `after`."""
    return [Stored(**row) for row in await tx.fetch(_LIST, after, limit)]


async def insert(tx: Transaction, new: Stored) -> None:
    await tx.execute(
        _INSERT,
        new.reorganisation_id,
        new.in_force,
        new.document,
        new.known_from,
        new.state,
        list(new.communes),
        new.lines,
        new.entered_by,
        new.correlation_id,
        new.recorded_at,
        new.digest,
    )


async def set_state(
    tx: Transaction, reorganisation_id: UUID, state: str, finished_at: datetime | None = None
) -> None:
    await tx.execute(_SET_STATE, reorganisation_id, state, finished_at)


async def keep_preview(tx: Transaction, reorganisation_id: UUID, preview: dict[str, Any]) -> None:
    await tx.execute(_KEEP_PREVIEW, reorganisation_id, preview)


async def approve(tx: Transaction, reorganisation_id: UUID, by: str) -> None:
    await tx.execute(_APPROVE, reorganisation_id, by, tx.recorded_at)


async def begin(tx: Transaction, reorganisation_id: UUID, households: int) -> None:
    """Households are moved from now on; so many are still to be."""
    await tx.execute(_BEGIN, reorganisation_id, households)


async def advance(tx: Transaction, reorganisation_id: UUID, moved: int, after: UUID | None) -> None:
    """So many households more are moved; `after` is the last one of the route in work."""
    await tx.execute(_ADVANCE, reorganisation_id, moved, after)


async def note_failure(tx: Transaction, reorganisation_id: UUID) -> None:
    """A chunk could not be worked; others go first."""
    await tx.execute(_NOTE_FAILURE, reorganisation_id)


async def insert_lines(tx: Transaction, reorganisation_id: UUID, lines: Sequence[Line]) -> None:
    """Keep the file's lines as they were sent."""
    await tx.connection.copy_records_to_table(
        ReorganisationLine.__tablename__,
        records=[
            (
                reorganisation_id,
                line.number,
                list(line.cells),
                [" ".join(fault) for fault in line.faults],
            )
            for line in lines
        ],
        columns=("reorganisation_id", "line", "cells", "faults"),
    )


async def read_lines(tx: Transaction, reorganisation_id: UUID) -> list[Line]:
    """The file's lines as they were sent."""
    return [
        Line(row["line"], tuple(row["cells"]), tuple(_fault(text) for text in row["faults"]))
        for row in await tx.fetch(_LINES, reorganisation_id)
    ]


async def read_report(tx: Transaction, reorganisation_id: UUID) -> AsyncIterator[list[Record]]:
    """Each line with what is wrong with it."""
    yield await tx.fetch(_LINES, reorganisation_id)


async def set_reasons(
    tx: Transaction, reorganisation_id: UUID, reasons: dict[int, list[dict[str, Any]]]
) -> None:
    """What is wrong with lines."""
    texts = [json.dumps(said, ensure_ascii=False) for said in reasons.values()]
    await tx.execute(_SET_REASONS, reorganisation_id, list(reasons), texts)


async def replace_routes(tx: Transaction, reorganisation_id: UUID, routes: Sequence[Route]) -> None:
    """Where households go, as the map now has it."""
    await tx.execute(_FORGET_ROUTES, reorganisation_id)
    await insert_routes(tx, reorganisation_id, routes)


async def insert_routes(tx: Transaction, reorganisation_id: UUID, routes: Sequence[Route]) -> None:
    await tx.connection.copy_records_to_table(
        ReorganisationRoute.__tablename__,
        records=[
            (
                reorganisation_id,
                route.place,
                route.code,
                route.valid_from,
                route.valid_until,
                route.kind,
                route.to_code,
                route.to_kind,
                list(route.villages),
                route.is_asked,
                route.is_done,
                route.recorded_before,
            )
            for route in routes
        ],
    )


async def read_routes(tx: Transaction, reorganisation_id: UUID) -> list[Route]:
    return [
        Route(
            **dict(row)
            | {
                "kind": AreaKind(row["kind"]),
                "to_kind": AreaKind(row["to_kind"]),
                "villages": tuple(row["villages"]),
            }
        )
        for row in await tx.fetch(_ROUTES, reorganisation_id)
    ]


async def finish_route(tx: Transaction, reorganisation_id: UUID, place: int) -> None:
    await tx.execute(_FINISH_ROUTE, reorganisation_id, place)


async def reopen_routes(tx: Transaction, reorganisation_id: UUID) -> None:
    """Let the job walk every route once more."""
    await tx.execute(_REOPEN_ROUTES, reorganisation_id)


def _fault(text: str) -> tuple[str, str]:
    name, _, rule = text.partition(" ")
    return name, rule

"""Whose data the lines of the audit trail are about, so that a person can be told who read them.

The tick that seals the trail also notes the subjects of what it has sealed, block by block: no
writer pays for it, and after a restore it goes on where it was. What is not sealed yet, some
seconds, is not found yet.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.database import Transaction

PORTION = 20_000
_NEXT = """
SELECT indexed.block_id, indexed.lines, block.line_ids[indexed.lines + 1:] AS line_ids
FROM (SELECT block_id, lines FROM audit_indexed FOR UPDATE) AS indexed
JOIN audit_block AS block ON block.block_id = indexed.block_id + 1
"""
# Some lines name one person, others tens of thousands: a portion is counted in subjects.
_NOTE = """
WITH portion AS (
  SELECT place, line_id, subjects FROM (
    SELECT place, line_id, line.subjects,
           sum(cardinality(line.subjects)) OVER (ORDER BY place) - cardinality(line.subjects)
             AS earlier
    FROM unnest($1::bigint[]) WITH ORDINALITY AS next(line_id, place)
    JOIN audit_line AS line USING (line_id)
  ) AS counted WHERE earlier < $2
), noted AS (
  INSERT INTO audit_subject (subject, line_id)
  SELECT DISTINCT subject, line_id FROM portion, unnest(subjects) AS subject
  ON CONFLICT DO NOTHING
)
SELECT coalesce(max(place), 0) FROM portion
"""
_DONE = "UPDATE audit_indexed SET block_id = $1, lines = $2"
# Newest first; a line that names several of the subjects comes once.
_ABOUT = """
SELECT audit_line.line_id, recorded_at, caller, roles, kind, act, purpose, correlation_id,
       array_agg(DISTINCT noted.subject) AS about
FROM audit_subject AS noted JOIN audit_line USING (line_id)
WHERE noted.subject = ANY($1::uuid[]) AND ($2::timestamptz IS NULL OR recorded_at <= $2)
  AND kind = ANY($4::text[])
GROUP BY audit_line.line_id ORDER BY recorded_at DESC, line_id DESC LIMIT $3
"""
_ROLES = """
SELECT DISTINCT ON (caller) caller, roles
FROM audit_subject AS noted JOIN audit_line USING (line_id)
WHERE noted.subject = ANY($1::uuid[]) AND caller = ANY($2::text[])
ORDER BY caller, audit_line.line_id DESC
"""
KINDS = ("read", "write")


@dataclass(frozen=True, slots=True)
class LineAbout:
    """A line of the trail, with those of the asked subjects that it is about.

    Attributes:
        kind: `read` or `write`.
        act: method and route template, or a command's name.
        purpose: why, as the caller said.
    """

    line_id: int
    recorded_at: datetime
    caller: str
    roles: str
    kind: str
    act: str
    purpose: str | None
    correlation_id: UUID
    about: tuple[UUID, ...]


async def note_next(tx: Transaction, portion: int = PORTION) -> bool:
    """Note the subjects of the next sealed lines, on the worker role; False: all are noted.

    Args:
        tx: the worker's.
        portion: some so many subjects; a single line may name more.
    """
    block = await tx.fetchrow(_NEXT)
    if block is None:
        return False
    # A line that somebody removed is no reason to stop: `verify` says so.
    place = await tx.fetchval(_NOTE, block["line_ids"], portion) or len(block["line_ids"])
    if place >= len(block["line_ids"]):
        await tx.execute(_DONE, block["block_id"] + 1, 0)
    else:
        await tx.execute(_DONE, block["block_id"], block["lines"] + place)
    return True


async def lines_about(
    tx: Transaction,
    subjects: Sequence[UUID],
    until: datetime | None,
    limit: int,
    kinds: Collection[str] = KINDS,
) -> list[LineAbout]:
    """Sealed lines about any of the subjects that the caller may see, newest first.

    Args:
        tx: any transaction.
        subjects: households or persons.
        until: only lines recorded by then.
        limit: how many at most.
        kinds: `read`, `write` or both.
    """
    rows = await tx.fetch(_ABOUT, list(subjects), until, limit, list(kinds))
    return [LineAbout(**(dict(row) | {"about": tuple(row["about"])})) for row in rows]


async def roles_of(
    tx: Transaction, subjects: Sequence[UUID], callers: Collection[str]
) -> dict[str, str]:
    """In which roles these callers did or read something about the subjects, last time: with
    spaces, as lines say it. Of whom no line is sealed yet nothing is said.
    """
    rows = await tx.fetch(_ROLES, list(subjects), list(callers)) if callers else []
    return {row["caller"]: row["roles"] for row in rows}

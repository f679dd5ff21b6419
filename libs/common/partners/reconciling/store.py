"""Every statement of the edge on reconciliations; those of the job stand in `work`."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from libs.common.database import Transaction
from libs.common.partners.reconciling.domain import ReconciliationState
from libs.common.partners.reconciling.lines import Unreadable, place_of

# A token of fewer areas than a reconciliation was opened with does not see it.
_SCOPE = "(SELECT current_setting('ansinh.scope', true))"
_SEEN = f"({_SCOPE} = '*' OR communes <@ string_to_array({_SCOPE}, ','))"


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One list of one partner laid beside ours.

    Attributes:
        registration: the version of the partner's terms that it goes by.
        as_of: the day that both lists are of. columns: what is compared, in the list's order.
        is_whole: everything that the registration covers is compared: columns and communes.
        programmes, communes: what lies in the partner's scope; see `domain.Listing.rows`.
        pages, lines: what was sent, once it is closed.
        known_at: what we learned later is not on our list. ours: how many lines that has.
        agreed: keys that both sides say alike.
        differences: how many, by kind.
        answered_on, answer: when, and by which document, both sides took up what differs.
    """

    reconciliation_id: UUID
    partner: str
    registration: int
    list: str
    as_of: date
    columns: Sequence[str]
    programmes: str | None
    communes: Sequence[str] | None
    is_whole: bool
    state: ReconciliationState
    opened_at: datetime
    opened_by: str
    pages: int | None
    lines: int | None
    known_at: datetime | None
    ours: int | None
    agreed: int | None
    differences: Mapping[str, int]
    finished_at: datetime | None
    answered_on: date | None
    answer: str | None

    @property
    def total(self) -> int:
        return sum(self.differences.values())


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent so far, or a page of it."""

    pages: int
    lines: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, in the order of keys; lines that could not be read come first, without one.

    `line` is the place of the partner's line, see `lines.page_and_line`.
    """

    key: str
    place: int
    kind: str
    acts: str
    field: str | None
    theirs: str | None
    ours: str | None
    line: int | None
    household_id: UUID | None


COLUMNS = ", ".join(one.name for one in fields(Reconciliation))
_DIFFERENCE = ", ".join(one.name for one in fields(Difference))
_INSERT = """
INSERT INTO reconciliation (reconciliation_id, partner, registration, list, as_of, columns,
  programmes, communes, is_whole, opened_at, opened_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_FIND = f"SELECT {COLUMNS} FROM reconciliation WHERE reconciliation_id = $1 AND {_SEEN}"
# Pages may come side by side; nobody closes or cancels between.
_FIND_SHARED = f"{_FIND} FOR SHARE"
_FIND_LOCKED = f"{_FIND} FOR UPDATE"
_LIST = f"""
SELECT {COLUMNS} FROM reconciliation
WHERE ($1::text IS NULL OR partner = $1) AND ($2::uuid IS NULL OR reconciliation_id < $2)
  AND {_SEEN}
ORDER BY reconciliation_id DESC LIMIT $3
"""
_INSERT_PAGE = """
INSERT INTO reconciliation_page VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
_PAGE = """
SELECT digest, lines, unreadable FROM reconciliation_page
WHERE reconciliation_id = $1 AND page = $2
"""
_SENT = """
SELECT reconciliation_id, count(*), sum(lines)::bigint, sum(unreadable)::bigint
FROM reconciliation_page WHERE reconciliation_id = ANY ($1::uuid[]) GROUP BY reconciliation_id
"""
_MISSING = """
SELECT page FROM generate_series(1, $2) AS page
WHERE NOT EXISTS (SELECT FROM reconciliation_page AS sent
                  WHERE sent.reconciliation_id = $1 AND sent.page = page.page)
ORDER BY page LIMIT 10
"""
_UNREADABLE = """
INSERT INTO reconciliation_difference (reconciliation_id, key, place, kind, acts, field, line)
SELECT $1, '', place, 'unreadable', 'partner', field, place
FROM unnest($2::bigint[], $3::text[]) AS bad(place, field)
"""
# Who has the ledger open for writing just now (see `horizon`) was recorded before: its commit is
# waited for before our side is read.
_CLOSE = """
UPDATE reconciliation SET state = 'closed', pages = $2, lines = $3, known_at = $4,
  waits_for = ARRAY(
  SELECT DISTINCT virtualtransaction FROM pg_locks
  WHERE locktype = 'relation' AND relation = 'event_log'::regclass AND mode = 'RowExclusiveLock'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND granted AND pid IS DISTINCT FROM pg_backend_pid())
WHERE reconciliation_id = $1
"""
_CANCEL = """
UPDATE reconciliation SET state = 'cancelled', finished_at = $2 WHERE reconciliation_id = $1
"""
_ANSWER = """
UPDATE reconciliation SET answered_on = $2, answer = $3, answered_by = $4
WHERE reconciliation_id = $1
"""
_DIFFERENCES = f"""
SELECT {_DIFFERENCE} FROM reconciliation_difference
WHERE reconciliation_id = $1 AND (key, place) > ($2, $3)
  AND ($4::text IS NULL OR kind = $4) AND ($5::text IS NULL OR acts = $5)
ORDER BY key, place LIMIT $6
"""
_COPIED = ("reconciliation_id", "place", "key", "fields")


def of_row(row: Mapping[str, Any]) -> Reconciliation:
    """A row of `COLUMNS`."""
    return Reconciliation(**{**row, "state": ReconciliationState(row["state"])})


async def insert(
    tx: Transaction,
    one: UUID,
    partner: str,
    registration: int,
    listing: str,
    as_of: date,
    columns: Sequence[str],
    programmes: str | None,
    communes: Sequence[str] | None,
    by: str,
    *,
    is_whole: bool,
) -> None:
    """Open one."""
    scope = (columns, programmes, communes, is_whole)
    given = (one, partner, registration, listing, as_of, *scope, tx.recorded_at, by)
    await tx.execute(_INSERT, *given)


async def find(
    tx: Transaction, reconciliation_id: UUID, *, lock: bool = False, share: bool = False
) -> Reconciliation | None:
    """The reconciliation, where the caller's areas reach it.

    Args:
        lock: nobody else changes it until the transaction ends.
        share: nobody changes its state until then; others may share.
    """
    statement = _FIND_LOCKED if lock else _FIND_SHARED if share else _FIND
    row = await tx.fetchrow(statement, reconciliation_id)
    return None if row is None else of_row(dict(row))


async def list_before(
    tx: Transaction, partner: str | None, before: UUID | None, limit: int
) -> list[Reconciliation]:
    """Newest first; None: of every partner."""
    return [of_row(dict(row)) for row in await tx.fetch(_LIST, partner, before, limit)]


async def insert_page(
    tx: Transaction, reconciliation_id: UUID, page: int, digest: bytes, lines: int, unreadable: int
) -> bool:
    """Whether the page is new; whoever sends the same one meanwhile waits here."""
    given = (reconciliation_id, page, digest, lines, unreadable)
    return bool(await tx.execute(_INSERT_PAGE, *given))


async def find_page(
    tx: Transaction, reconciliation_id: UUID, page: int
) -> tuple[bytes, Sent] | None:
    """What a page held: the digest of its bytes, and how many lines."""
    row = await tx.fetchrow(_PAGE, reconciliation_id, page)
    return None if row is None else (row["digest"], Sent(1, row["lines"], row["unreadable"]))


async def count_sent(tx: Transaction, ids: Iterable[UUID]) -> Mapping[UUID, Sent]:
    """What was sent so far, for a set."""
    found = {row[0]: Sent(*row[1:]) for row in await tx.fetch(_SENT, list(ids))}
    return defaultdict(lambda: Sent(0, 0, 0), found)


async def missing_pages(tx: Transaction, reconciliation_id: UUID, pages: int) -> list[int]:
    """Which of the pages 1 to `pages` have not come; ten at most."""
    return [row["page"] for row in await tx.fetch(_MISSING, reconciliation_id, pages)]


async def copy_lines(tx: Transaction, copied: bytes) -> None:
    """Stage lines, as `lines.copied` writes them."""
    await tx.connection.copy_to_table(
        "reconciliation_line", source=_once(copied), columns=_COPIED, format="text"
    )


async def _once(copied: bytes) -> AsyncIterator[bytes]:
    """The bytes as asyncpg takes them; a file it would keep in a cycle of references."""
    yield copied


async def insert_unreadable(
    tx: Transaction, reconciliation_id: UUID, page: int, lines: Sequence[Unreadable]
) -> None:
    """Keep which lines could not be read, and by which column; never what they held."""
    if lines:
        await tx.execute(
            _UNREADABLE,
            reconciliation_id,
            [place_of(page, one.line) for one in lines],
            [one.field for one in lines],
        )


async def close(tx: Transaction, reconciliation_id: UUID, pages: int, lines: int) -> None:
    """No more pages; our side is what is known now."""
    await tx.execute(_CLOSE, reconciliation_id, pages, lines, tx.recorded_at)


async def cancel(tx: Transaction, reconciliation_id: UUID) -> None:
    await tx.execute(_CANCEL, reconciliation_id, tx.recorded_at)


async def answer(tx: Transaction, reconciliation_id: UUID, on: date, text: str, by: str) -> None:
    await tx.execute(_ANSWER, reconciliation_id, on, text, by)


async def list_differences(
    tx: Transaction,
    reconciliation_id: UUID,
    after: tuple[str, int],
    kind: str | None,
    acts: str | None,
    limit: int,
) -> list[Difference]:
    """A page of them, after a key and place."""
    rows = await tx.fetch(_DIFFERENCES, reconciliation_id, *after, kind, acts, limit)
    return [Difference(*row) for row in rows]

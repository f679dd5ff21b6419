"""The audit trail: lines in the act's transaction, sealed afterwards into hashed blocks.

No writer waits for the head of a chain: lines are plain inserts. A tick takes those whose
transaction lies below the horizon (nothing can still commit before them), in order of transaction
and line, and seals them into a block that carries each line's hash and the digest of the block
before. Whoever changes, removes, adds or reorders a sealed line or block is found by `verify`.
Lines above the last block are the unsealed tail: `verify` counts them and cannot vouch for them.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.security.subjects import note_next
from libs.common.service import Tick

LARGEST_BLOCK = 5_000
_GENESIS = b"\0" * 32

_COLUMNS = {
    "recorded_at": "timestamptz",
    "caller": "text",
    "roles": "text",
    "kind": "text",
    "act": "text",
    "subject_kind": "text",
    "subjects": "uuid[]",
    "purpose": "text",
    "correlation_id": "uuid",
    "trace_id": "text",
}
# The hash leaves the line's number out, so that lines which changed places can be told from lines
# that were altered; the block's digest covers the numbers.
_LINES = """
SELECT line_id, xact::text AS xact, sha256(convert_to(jsonb_build_array(
    (extract(epoch FROM recorded_at) * 1000000)::bigint, caller, roles, kind, act, subject_kind,
    subjects, purpose, correlation_id, trace_id)::text, 'UTF8')) AS hash
FROM audit_line
WHERE (xact, line_id) > ($1::text::xid8, $2::bigint) AND {until}
ORDER BY audit_line.xact, line_id LIMIT $3
"""
_BELOW_HORIZON = _LINES.format(until="xact < pg_snapshot_xmin(pg_current_snapshot())")
_OF_BLOCK = _LINES.format(until="(xact, line_id) <= ($4::text::xid8, $5::bigint)")
_SEALER = "SELECT pg_try_advisory_xact_lock(hashtext('ansinh.audit.seal'))"
_LAST_BLOCK = """
SELECT block_id, last_xact::text AS last_xact, last_line, digest
FROM audit_block ORDER BY block_id DESC LIMIT 1
"""
_SEAL = """
INSERT INTO audit_block (block_id, last_xact, last_line, line_ids, line_hashes, previous, digest,
                         sealed_at)
VALUES ($1, $2::text::xid8, $3, $4, $5, $6, $7, $8)
"""
_BLOCKS = """
SELECT block_id, last_xact::text AS last_xact, last_line, line_ids, line_hashes, previous, digest
FROM audit_block WHERE block_id > $1 ORDER BY block_id LIMIT 20
"""
_TAIL = """
SELECT count(*) AS lines, min(recorded_at) AS since FROM audit_line
WHERE (xact, line_id) > ($1::text::xid8, $2::bigint)
"""


@dataclass(frozen=True)
class AuditLine:
    """One act or one read.

    Attributes:
        kind: `read` or `write`.
        act: what was done: method and route template, or a command's name.
        subject_kind: what the subjects are, e.g. `household`.
        purpose: why, as the caller said.
    """

    caller: str
    roles: str
    kind: str
    act: str
    subject_kind: str | None
    subjects: tuple[UUID, ...]
    purpose: str | None
    correlation_id: UUID
    trace_id: str | None


class FaultKind(StrEnum):
    """What is wrong with the trail."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    REORDERED = "reordered"
    BLOCK_CHANGED = "block changed"
    BLOCK_MISSING = "block missing"


@dataclass(frozen=True)
class Fault:
    """One fault: in which block, and at which line where it is a line's."""

    kind: FaultKind
    block_id: int
    line_id: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What `verify` found.

    Attributes:
        head: digest of the last block; keep it elsewhere, a cut-off end shows by it alone.
        unsealed: lines after the last block; `unsealed_since` is the oldest one's instant.
    """

    blocks: int
    lines: int
    faults: tuple[Fault, ...]
    head: str
    unsealed: int
    unsealed_since: datetime | None


async def write_line(tx: Transaction, line: AuditLine) -> None:
    """Add a line; it stands if and only if the act stands."""
    await tx.execute(note_line(1), *line_values(tx.recorded_at, line))


@cache
def note_line(first: int) -> str:
    """The statement that adds a line, or the part of another one that does so.

    Args:
        first: the number of its first parameter; `line_values` are the parameters' values.
    """
    values = (f"${number}::{kind}" for number, kind in enumerate(_COLUMNS.values(), start=first))
    return f"INSERT INTO audit_line ({', '.join(_COLUMNS)}) SELECT {', '.join(values)}"


def line_values(recorded_at: datetime, line: AuditLine) -> tuple[Any, ...]:
    """What `note_line` writes."""
    return (
        recorded_at,
        line.caller,
        line.roles,
        line.kind,
        line.act,
        line.subject_kind,
        list(line.subjects),
        line.purpose,
        line.correlation_id,
        line.trace_id,
    )


async def seal(tx: Transaction, largest: int = LARGEST_BLOCK) -> int:
    """Seal the next block on the worker role; answers how many lines it holds (0: nothing to do).

    Two sealers at once are harmless: the second finds the lock taken and answers 0.
    """
    if not await tx.fetchval(_SEALER):
        return 0
    last = await tx.fetchrow(_LAST_BLOCK)
    block, xact, line, previous = (0, "0", 0, _GENESIS) if last is None else last
    lines = await tx.fetch(_BELOW_HORIZON, xact, line, largest)
    if not lines:
        return 0
    ids = [row["line_id"] for row in lines]
    hashes = [row["hash"] for row in lines]
    await tx.execute(
        _SEAL,
        block + 1,
        lines[-1]["xact"],
        lines[-1]["line_id"],
        ids,
        hashes,
        previous,
        _digest(block + 1, previous, ids, hashes),
        tx.recorded_at,
    )
    return len(lines)


async def verify(tx: Transaction) -> Verdict:
    """Check every block and every sealed line, on the worker role; reads in bounded portions."""
    faults: list[Fault] = []
    count, lines, xact, line, previous, number = 0, 0, "0", 0, _GENESIS, 0
    while blocks := await tx.fetch(_BLOCKS, number):
        for block in blocks:
            if block["block_id"] != number + 1:
                faults.append(Fault(FaultKind.BLOCK_MISSING, number + 1))
            number = block["block_id"]
            ids, hashes = block["line_ids"], block["line_hashes"]
            if block["previous"] != previous or block["digest"] != _digest(
                number, previous, ids, hashes
            ):
                faults.append(Fault(FaultKind.BLOCK_CHANGED, number))
            found = await tx.fetch(
                _OF_BLOCK, xact, line, 2 * len(ids) + 1_000, block["last_xact"], block["last_line"]
            )
            faults += _compare(
                number, ids, hashes, [row["line_id"] for row in found], [r["hash"] for r in found]
            )
            xact, line, previous = block["last_xact"], block["last_line"], block["digest"]
            count, lines = count + 1, lines + len(ids)
    tail = await tx.fetchrow(_TAIL, xact, line)
    unsealed, since = (0, None) if tail is None else (tail["lines"], tail["since"])
    return Verdict(count, lines, tuple(faults), previous.hex(), unsealed, since)


def _compare(
    block: int,
    ids: Sequence[int],
    hashes: Sequence[bytes],
    found_ids: Sequence[int],
    found_hashes: Sequence[bytes],
) -> list[Fault]:
    if ids == found_ids and hashes == found_hashes:
        return []
    sealed = dict(zip(ids, hashes, strict=True))
    found = dict(zip(found_ids, found_hashes, strict=True))
    moved = Counter(hashes) == Counter(found_hashes) and sealed.keys() == found.keys()
    faults = [Fault(FaultKind.MISSING, block, number) for number in sealed.keys() - found.keys()]
    faults += [Fault(FaultKind.ADDED, block, number) for number in found.keys() - sealed.keys()]
    for place, number in enumerate(ids):
        if number not in found:
            continue
        if found[number] != sealed[number]:
            kind = FaultKind.REORDERED if moved else FaultKind.CHANGED
            faults.append(Fault(kind, block, number))
        elif moved and found_ids[place] != number:
            faults.append(Fault(FaultKind.REORDERED, block, number))
    return sorted(faults, key=lambda fault: fault.line_id or 0)


def _digest(block: int, previous: bytes, ids: Sequence[int], hashes: Sequence[bytes]) -> bytes:
    content = hashlib.sha256(previous)
    content.update(block.to_bytes(8))
    for number, line_hash in zip(ids, hashes, strict=True):
        content.update(number.to_bytes(8) + line_hash)
    return content.digest()


async def _seal_all(database: Database, clock: Clock) -> None:
    sealed = LARGEST_BLOCK
    while sealed == LARGEST_BLOCK:
        async with database.transaction() as tx:
            sealed = await seal(tx)
    noted = True
    while noted:
        async with database.transaction() as tx:
            noted = await note_next(tx)


SEALER = Tick("audit.seal", timedelta(seconds=5), _seal_all)

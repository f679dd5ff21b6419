"""Every SQL statement on the decisions themselves: documents, staged lines, progress."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from libs.common.problems import FieldError, Problem, Text
from libs.common.vocabulary import DecisionKind, StatusClass
from services.registry.reviews.store import Document
from services.registry.reviews.tables import StagedRow

_COLUMNS = """
decision.decision_id, commune, number, kind, signed_on, effective_on, authority, standard,
supersedes, digest, state, rows_total, problems, correlation_id, recorded_at, finished_at,
 coalesce(progress.rows_done, rows_total) AS rows_done,
coalesce(progress.attempts, 0) AS attempts
"""
_FIND = f"""
SELECT {_COLUMNS} FROM decision LEFT JOIN decision_progress AS progress USING (decision_id)
WHERE decision.decision_id = $1
"""
# The oldest that was tried least: one that keeps failing does not hold up the others.
_CLAIM = f"""
SELECT {_COLUMNS} FROM decision JOIN decision_progress AS progress USING (decision_id)
WHERE state = 'accepted' ORDER BY attempts, recorded_at LIMIT 1
FOR NO KEY UPDATE OF decision SKIP LOCKED
"""
_NUMBER_USED = """
SELECT EXISTS (SELECT 1 FROM decision WHERE commune = $1 AND authority = $2 AND signed_year = $3
                 AND number = $4 AND state <> 'refused')
"""
_INSERT = """
INSERT INTO decision
  (decision_id, commune, number, kind, signed_on, signed_year, effective_on, authority, standard,
   supersedes, digest, state, rows_total, problems, correlation_id, recorded_at, finished_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '[]', $14, $15, $16)
"""
_FINISH = """
UPDATE decision SET state = $2, problems = $3, finished_at = $4
WHERE decision_id = $1
"""
_START_PROGRESS = """
INSERT INTO decision_progress (decision_id, rows_done, attempts, updated_at) VALUES ($1, 0, 0, $2)
"""
_BEGIN_ATTEMPT = """
UPDATE decision_progress SET rows_done = 0, attempts = attempts + 1, updated_at = $2
WHERE decision_id = $1
"""
_ADVANCE = "UPDATE decision_progress SET rows_done = $2, updated_at = $3 WHERE decision_id = $1"
_STAGED = """
SELECT line, household_id, status FROM staged_row WHERE decision_id = $1 ORDER BY household_id, line
"""
_FORGET_STAGED = "DELETE FROM staged_row WHERE decision_id = $1"
# Places are followed through reorganisations backwards and forwards, but not from a successor to
# its other predecessors: they are neighbours, not the same place.
_SAME_PLACE = """
WITH RECURSIVE here AS (
  SELECT area_id FROM area_unit WHERE level = 'commune' AND code = $1
    AND valid_from <= $2 AND (valid_until IS NULL OR $2 < valid_until)
), before AS (
  SELECT area_id FROM here
  UNION SELECT link.predecessor_id FROM area_link AS link
    JOIN before ON before.area_id = link.successor_id
), after AS (
  SELECT area_id FROM here
  UNION SELECT link.successor_id FROM area_link AS link
    JOIN after ON after.area_id = link.predecessor_id
)
SELECT DISTINCT code FROM area_unit
WHERE area_id IN (SELECT area_id FROM before UNION SELECT area_id FROM after)
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines of a decision as columns: three lists are small even for 50,000 lines.

    Attributes:
        lines: place in the request, from 0; negative where the request named no household.
        household_ids: in id order, so that every writer locks in the same order.
        statuses: None withdraws.
    """

    lines: list[int]
    household_ids: list[UUID]
    statuses: list[StatusClass | None]

    def __len__(self) -> int:
        return len(self.household_ids)


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision with how far it is.

    `state`: accepted, running, done or refused; `problems` are JSON forms of field errors, the
    first 1,000 and a count of the rest.
    """

    document: Document
    digest: bytes
    state: str
    rows_total: int
    rows_done: int
    problems: list[dict[str, Any]]
    correlation_id: UUID
    recorded_at: datetime
    finished_at: datetime | None


async def find_decision(tx: Transaction, decision_id: UUID) -> StoredDecision | None:
    """The decision, or None where it does not exist or is not visible."""
    row = await tx.fetchrow(_FIND, decision_id)
    return None if row is None else _decision(row)


async def claim_decision(tx: Transaction) -> StoredDecision | None:
    """The next accepted decision, locked against other jobs until the transaction ends."""
    row = await tx.fetchrow(_CLAIM)
    return None if row is None else _decision(row)


async def is_number_used(tx: Transaction, document: Document) -> bool:
    """Whether this authority has signed another decision of this number in the same year."""
    used = await tx.fetchval(
        _NUMBER_USED,
        document.commune,
        document.authority,
        document.signed_on.year,
        document.number,
    )
    return cast(bool, used)


async def insert_decision(
    tx: Transaction,
    document: Document,
    *,
    digest: bytes,
    state: str,
    rows_total: int,
    correlation_id: UUID,
) -> None:
    """Write the document; 409 where a number or id was taken in the meantime."""
    try:
        await tx.execute(
            _INSERT,
            document.decision_id,
            document.commune,
            document.number,
            document.kind,
            document.signed_on,
            document.signed_on.year,
            document.effective_on,
            document.authority,
            document.standard,
            document.supersedes,
            digest,
            state,
            rows_total,
            correlation_id,
            tx.recorded_at,
            tx.recorded_at if state == "done" else None,
        )
    except asyncpg.UniqueViolationError as error:
        by_id = error.constraint_name == "decision_pkey"
        raise taken("decision_id" if by_id else "number") from None


async def stage(tx: Transaction, document: Document, sheet: Sheet) -> None:
    """Keep the lines of an accepted decision for the job."""
    await tx.execute(_START_PROGRESS, document.decision_id, tx.recorded_at)
    await tx.insert(
        StagedRow,
        ("decision_id", "line", "commune", "household_id", "status"),
        (
            (document.decision_id, line, document.commune, household_id, status)
            for line, household_id, status in zip(
                sheet.lines, sheet.household_ids, sheet.statuses, strict=True
            )
        ),
    )


async def read_staged(tx: Transaction, decision_id: UUID) -> Sheet:
    """The lines that wait, in household order."""
    sheet = Sheet([], [], [])
    async for row in tx.connection.cursor(_STAGED, decision_id, prefetch=1000):
        sheet.lines.append(row["line"])
        sheet.household_ids.append(row["household_id"])
        sheet.statuses.append(None if row["status"] is None else StatusClass(row["status"]))
    return sheet


async def finish(
    tx: Transaction,
    decision_id: UUID,
    state: str,
    problems: Sequence[dict[str, Any]],
) -> None:
    """The job has ended, one way or the other; its lines are no longer needed."""
    await tx.execute(_FINISH, decision_id, state, list(problems), tx.recorded_at)
    await tx.execute(_FORGET_STAGED, decision_id)


async def begin_attempt(tx: Transaction, decision_id: UUID) -> None:
    """A job has taken the decision up."""
    await tx.execute(_BEGIN_ATTEMPT, decision_id, tx.recorded_at)


async def advance(tx: Transaction, decision_id: UUID, rows_done: int) -> None:
    """Show how far the job is."""
    await tx.execute(_ADVANCE, decision_id, rows_done, tx.recorded_at)


async def codes_of_same_place(tx: Transaction, commune: str, day: date) -> list[str]:
    """The code itself and those of the commune's predecessors and successors."""
    return [row["code"] for row in await tx.fetch(_SAME_PLACE, commune, day)]


def taken(field: str) -> Problem:
    """The refusal of a number or an id that another decision has."""
    if field == "number":
        error = FieldError(
            "/number",
            "decision.number_used",
            Text(
                "Số quyết định đã được dùng trong năm.",
                "The number was already used this year by this authority.",
            ),
            Text("Kiểm tra lại số quyết định.", "Check the decision's number."),
        )
    else:
        error = FieldError(
            "/decision_id",
            "decision.id_taken",
            Text(
                "Mã quyết định đã được dùng với nội dung khác.",
                "The id already stands for a decision with other content.",
            ),
            Text("Dùng mã khác.", "Use another id."),
        )
    return Problem(409, error.rule, error.message, [error])


def _decision(row: Any) -> StoredDecision:
    state = row["state"]
    return StoredDecision(
        document=Document(
            decision_id=row["decision_id"],
            commune=row["commune"],
            kind=DecisionKind(row["kind"]),
            number=row["number"],
            authority=row["authority"],
            standard=row["standard"],
            signed_on=row["signed_on"],
            effective_on=row["effective_on"],
            supersedes=row["supersedes"],
        ),
        digest=row["digest"],
        state="running" if state == "accepted" and row["attempts"] else state,
        rows_total=row["rows_total"],
        rows_done=row["rows_total"] if state == "done" else row["rows_done"],
        problems=row["problems"],
        correlation_id=row["correlation_id"],
        recorded_at=row["recorded_at"],
        finished_at=row["finished_at"],
    )

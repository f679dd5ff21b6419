"""Every SQL statement on requests about personal data and on the limits that follow."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from libs.common.database import Transaction
from libs.common.database.conditions import Conditions
from services.registry.rights.domain import AskedBy, Request, RequestKind, Step, Taken

_MEMBER = """
SELECT birth_date, birth_year FROM member
WHERE household_id = $1 AND person_id = $2 AND upper_inf(recorded)
"""
_INSERT = """
INSERT INTO data_request (request_id, household_id, person_id, kind, asked_by, received_on,
                          purpose, evidence, with_others, recorded_by, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (request_id) DO NOTHING RETURNING request_id
"""
_INSERT_STEP = """
INSERT INTO data_request_step (request_id, place, step, on_day, reason, recorded_by, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_COLUMNS = """
request_id, household_id, person_id, kind, asked_by, received_on, purpose, evidence,
with_others, recorded_by, recorded_at
"""
_FIND = f"SELECT {_COLUMNS} FROM data_request WHERE request_id = $1"
_LOCK = f"{_FIND} FOR UPDATE"
_OPEN = """
NOT EXISTS (SELECT FROM data_request_step AS step WHERE step.request_id = request.request_id
  AND step.step IN ('grant', 'refuse', 'withdraw'))
"""
_LIST = f"""
SELECT {_COLUMNS} FROM data_request AS request
WHERE {{asked}} ORDER BY request_id LIMIT {{limit}}
"""
_STEPS = """
SELECT request_id, step, on_day, reason FROM data_request_step
WHERE request_id = ANY($1::uuid[]) ORDER BY request_id, place
"""
_LIMIT = """
INSERT INTO processing_limit (request_id, recorded, person_id, purpose, effective)
VALUES ($1, tstzrange($2, NULL), $3, $4, daterange($5, $6))
"""
_SUPERSEDE_LIMIT = """
UPDATE processing_limit SET recorded = tstzrange(lower(recorded), $1)
WHERE request_id = $2 AND upper_inf(recorded)
RETURNING lower(effective) AS from_day
"""
# A limit of no purpose covers every one that is not a duty of the state; the caller says which are.
# Looked for wherever it was granted, under each record that was settled to be the same person's.
_LIMITED = "SELECT limited_persons($1::uuid[], $2::date, $3::text, $4::boolean) AS person_id"

_RECORDS = "SELECT person_id FROM records_of($1::uuid[]) WHERE person_id <> asked ORDER BY 1"


@dataclass(frozen=True, slots=True)
class Member:
    """Of a household's member what a request needs."""

    born_on: date | None
    born_in: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A request with its steps, as recorded."""

    request: Request
    steps: tuple[Taken, ...]
    recorded_by: str
    recorded_at: datetime


async def find_member(tx: Transaction, household_id: UUID, person_id: UUID) -> Member | None:
    """The person, if it is or was a member of a household that may be seen."""
    row = await tx.fetchrow(_MEMBER, household_id, person_id)
    return None if row is None else Member(row["birth_date"], row["birth_year"])


async def insert_request(tx: Transaction, request: Request, by: str) -> bool:
    """Keep a request; False: there is one under its id."""
    made = await tx.fetchval(
        _INSERT,
        request.request_id,
        request.household_id,
        request.person_id,
        request.kind,
        request.asked_by,
        request.received_on,
        request.purpose,
        request.evidence,
        request.with_others,
        by,
        tx.recorded_at,
    )
    return made is not None


async def insert_step(tx: Transaction, request_id: UUID, place: int, taken: Taken, by: str) -> None:
    await tx.execute(
        _INSERT_STEP,
        request_id,
        place,
        taken.step,
        taken.on,
        taken.reason,
        by,
        tx.recorded_at,
    )


async def find_request(tx: Transaction, request_id: UUID, *, lock: bool = False) -> Kept | None:
    """The request, if it may be seen; locked against another step at the same time."""
    row = await tx.fetchrow(_LOCK if lock else _FIND, request_id)
    if row is None:
        return None
    (kept,) = await _with_steps(tx, [row])
    return kept


async def list_requests_after(
    tx: Transaction, person_id: UUID | None, after: UUID | None, limit: int, *, only_open: bool
) -> list[Kept]:
    """Requests in id order, from the first one after `after`; of a person those under each record
    that was settled to be the same person's.
    """
    asked = Conditions()
    if person_id is not None:
        asked.add("person_id = ANY({0}::uuid[])", await records_of(tx, person_id))
    if after is not None:
        asked.add("request_id > {0}", after)
    if only_open:
        asked.add(_OPEN)
    statement = _LIST.format(limit=asked.place(limit), asked=asked)
    return await _with_steps(tx, await tx.fetch(statement, *asked.values))


async def begin_limit(tx: Transaction, kept: Kept, from_day: date) -> None:
    """From a day on the person's data may not be used for the request's purpose."""
    request = kept.request
    await tx.execute(
        _LIMIT,
        request.request_id,
        tx.recorded_at,
        request.person_id,
        request.purpose,
        from_day,
        None,
    )


async def end_limit(tx: Transaction, kept: Kept, until: date) -> None:
    """The limit ends; what was limited before that day stays so."""
    request = kept.request
    from_day = await tx.fetchval(_SUPERSEDE_LIMIT, tx.recorded_at, request.request_id)
    if from_day is not None and from_day < until:
        await tx.execute(
            _LIMIT,
            request.request_id,
            tx.recorded_at,
            request.person_id,
            request.purpose,
            from_day,
            until,
        )


async def limited(
    tx: Transaction, person_ids: Collection[UUID], day: date, purpose: str | None, *, is_duty: bool
) -> set[UUID]:
    """Those of the persons whose data may not be used for a purpose on a day; None: for some.

    Also where it was granted out of sight, or under another record of the person.
    """
    rows = await tx.fetch(_LIMITED, list(person_ids), day, purpose, is_duty)
    return {row["person_id"] for row in rows}


async def records_of(tx: Transaction, person_id: UUID) -> list[UUID]:
    """This record first, then the ids of those that were settled to be the same person's, wherever
    they are; of what they hold only what may be seen is read.
    """
    others = await tx.fetch(_RECORDS, [person_id])
    return [person_id, *(row["person_id"] for row in others)]


async def _with_steps(tx: Transaction, rows: Sequence[Any]) -> list[Kept]:
    steps: dict[UUID, list[Taken]] = {row["request_id"]: [] for row in rows}
    for step in await tx.fetch(_STEPS, list(steps)):
        taken = Taken(Step(step["step"]), step["on_day"], step["reason"])
        steps[step["request_id"]].append(taken)
    return [
        Kept(
            request=Request(
                request_id=row["request_id"],
                household_id=row["household_id"],
                person_id=row["person_id"],
                kind=RequestKind(row["kind"]),
                asked_by=AskedBy(row["asked_by"]),
                received_on=row["received_on"],
                purpose=row["purpose"],
                evidence=row["evidence"],
                with_others=row["with_others"],
            ),
            steps=tuple(steps[row["request_id"]]),
            recorded_by=row["recorded_by"],
            recorded_at=row["recorded_at"],
        )
        for row in rows
    ]

"""Every SQL statement on identifiers."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from libs.common.problems import FieldError, Problem, Text
from libs.common.vocabulary import Sex
from services.registry.identifiers.domain import Bearer

_BEARER = """
SELECT sex, birth_year FROM member
WHERE household_id = $1 AND person_id = $2 AND upper_inf(recorded) AND left_on IS NULL
"""
# What began on that day or later was wrong; what began before holds until that day.
_SUPERSEDE = """
UPDATE identifier SET recorded = tstzrange(lower(recorded), $1)
WHERE person_id = $2 AND type = $3 AND upper_inf(recorded)
  AND (lower(effective) >= $4::date OR effective @> $4::date)
RETURNING lower(effective) AS from_day, hash
"""
_INSERT = """
INSERT INTO identifier (person_id, type, effective, recorded, hash)
SELECT new.person_id, new.type, daterange(new.from_day, new.until), tstzrange($1, NULL), new.hash
FROM unnest($2::uuid[], $3::text[], $4::date[], $5::date[], $6::bytea[])
  AS new(person_id, type, from_day, until, hash)
"""
_FIND = """
SELECT hash, person_id FROM identifier
WHERE hash = ANY($1::bytea[]) AND upper_inf(recorded) AND upper_inf(effective)
"""


async def bearer(tx: Transaction, household_id: UUID, person_id: UUID) -> Bearer | None:
    """The person, if it is a member of the household at present and may be seen."""
    row = await tx.fetchrow(_BEARER, household_id, person_id)
    return None if row is None else Bearer(Sex(row["sex"]), row["birth_year"])


async def record(
    tx: Transaction, person_id: UUID, kind: str, digest: bytes, from_day: date
) -> None:
    """From that day on the person bears this identifier and no other of its type.

    Raises:
        Problem: 409, somebody else bears it.
    """
    rows: list[tuple[UUID, str, date, date | None, bytes]] = [
        (person_id, kind, row["from_day"], from_day, row["hash"])
        for row in await tx.fetch(_SUPERSEDE, tx.recorded_at, person_id, kind, from_day)
        if row["from_day"] < from_day
    ]
    rows.append((person_id, kind, from_day, None, digest))
    try:
        await tx.execute(_INSERT, tx.recorded_at, *zip(*rows, strict=True))
    except asyncpg.UniqueViolationError:
        raise _taken() from None


async def find(tx: Transaction, digests: Sequence[bytes]) -> dict[bytes, UUID]:
    """Who bears these identifiers today, of those who may be seen."""
    return {row["hash"]: row["person_id"] for row in await tx.fetch(_FIND, digests)}


def _taken() -> Problem:
    title = Text("Số này đã được ghi cho người khác.", "The number is another person's.")
    fix = Text("Kiểm tra lại số trên giấy tờ.", "Check the number on the document.")
    rule = "identifier.taken"
    return Problem(409, rule, title, [FieldError("/value", rule, title, fix)])

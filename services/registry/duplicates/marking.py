"""Who is to be compared next: put there by whoever writes about persons."""

from collections.abc import Iterable
from uuid import UUID

from libs.common.database import Transaction

_MARK = "INSERT INTO duplicate_check (person_id) SELECT unnest($1::uuid[])"
_CLAIM = """
INSERT INTO duplicate_check (person_id, hash, claimed_by, evidence) VALUES ($1, $2, $3, $4)
"""


async def mark(tx: Transaction, person_ids: Iterable[UUID]) -> None:
    """Let these persons be compared anew, once the transaction stands."""
    people = list(set(person_ids))
    if people:
        await tx.execute(_MARK, people)


async def claim(tx: Transaction, person_id: UUID, number: bytes, by: str, evidence: str) -> None:
    """Let a person be compared with whoever bears a number that stands on its papers.

    Args:
        number: hash of the number.
        by: who claims it; somebody else decides.
        evidence: the papers, by number and day.
    """
    await tx.execute(_CLAIM, person_id, number, by, evidence)

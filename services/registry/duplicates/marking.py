"""Who is to be compared next: put there by whoever writes about persons."""

from collections.abc import Iterable
from uuid import UUID

from libs.common.database import Transaction

_MARK = """
INSERT INTO duplicate_check (person_id, hash)
SELECT *, $2 FROM unnest($1::uuid[]) ON CONFLICT DO NOTHING
"""


async def mark(tx: Transaction, person_ids: Iterable[UUID], number: bytes = b"") -> None:
    """Let these persons be compared anew.

    Args:
        tx: of whoever wrote about them.
        person_ids: whose data are new.
        number: hash of a number that somebody brought and that is perhaps another person's.
    """
    people = sorted(set(person_ids))
    if people:
        await tx.execute(_MARK, people, number)

"""What a partner is told that persons are called: the standard's Name, of the newest name."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from pydantic_core import to_json

from libs.common.database import Transaction
from libs.common.security.encryption import Vault
from services.registry.rights.showing import clear_for_partner
from services.registry.vault.acts import read_names

PERSON_NAME, DEMOGRAPHICS = "person.name", "member.demographic_info"


async def names_of(
    tx: Transaction, vault: Vault, person_ids: Collection[UUID], today: date
) -> dict[UUID, bytes]:
    """The written names of those who may be named, in one statement for all of them.

    Args:
        tx: any role's; the caller has kept to what the partner may see, and notes the persons on
            the audit trail.

    Raises:
        Problem: 503, a value was sealed under a key that is not set.
    """
    if not person_ids:
        return {}
    clear = await clear_for_partner(tx, person_ids, today)
    known = await read_names(tx, vault, list(clear))
    return {person_id: written(name) for person_id, name in known.items()}


def written(name: str) -> bytes:
    """A name in its parts, by their places: the first word is the family name, the last one the
    given name. Put together in that order they are the name as it was recorded; who has one word
    has no family name.
    """
    *before, given = name.split(" ")
    parts = {"given_name": given}
    if before[1:]:
        parts["second_name"] = " ".join(before[1:])
    if before:
        parts["surname"] = before[0]
    return b'"name":%b,' % to_json(parts)

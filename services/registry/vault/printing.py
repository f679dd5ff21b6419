"""Who persons are, for a form that an office hands over: name, personal and insurance number.

Files of other services hold ids, because names never ride the bus; whoever prints one asks here for
the persons of a page at once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from libs.common.database import Transaction
from libs.common.security.encryption import Vault
from services.registry.vault import acts, store
from services.registry.vault.domain import IdentifierType


@dataclass(frozen=True, slots=True)
class Printed:
    """What stands of a person on a form; `household_id`: of which it is the head, if asked so."""

    person_id: UUID
    household_id: UUID | None
    name: str | None
    personal_number: str | None
    insurance_number: str | None


async def heads_of(tx: Transaction, household_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The present head's person of each household that may be seen, and whose it is."""
    return await store.heads(tx, household_ids) if household_ids else {}


async def printed(
    tx: Transaction, vault: Vault, person_ids: Collection[UUID], heads: dict[UUID, UUID]
) -> list[Printed]:
    """Those of the persons who may be seen and of whom anything is known, also who died or left.

    Args:
        person_ids: of whom values may be shown.
        heads: as of `heads_of`.

    Raises:
        Problem: 503, a value was sealed under a key that is not set.
    """
    if not person_ids:
        return []
    known = await acts.read(tx, vault, sorted(person_ids))
    return [
        Printed(
            person_id,
            heads.get(person_id),
            identity.name,
            identity.numbers.get(IdentifierType.UIN),
            identity.numbers.get(IdentifierType.INSURANCE_NUMBER),
        )
        for person_id, identity in sorted(known.items())
    ]

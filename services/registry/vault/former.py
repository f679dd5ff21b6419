"""What those were called who left a household, as known when that was recorded.

Where they live today may be out of sight, and then their names are; their old household recorded
what it called them.
"""

from uuid import UUID

from libs.common.database import Transaction
from libs.common.security.encryption import KeyMissing, Vault
from services.registry.vault.acts import key_missing
from services.registry.vault.store import NAMES

_FORMER = """
SELECT former.person_id, former.sealed
FROM household CROSS JOIN LATERAL former_names(household.household_id) AS former
WHERE household.household_id = $1
"""


async def names_when_left(tx: Transaction, vault: Vault, household_id: UUID) -> dict[UUID, str]:
    """In clear text, of a household that may be seen; by person.

    Raises:
        Problem: 503, a value was sealed under a key that is not set.
    """
    rows = await tx.fetch(_FORMER, household_id)
    try:
        return {
            row["person_id"]: vault.keys.open(row["sealed"], NAMES.about(row["person_id"]))
            for row in rows
        }
    except KeyMissing:
        raise key_missing() from None

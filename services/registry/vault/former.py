"""What was held of those who are out of sight by now, as known when they went from it.

Where somebody lives today who left a household may be out of sight, and then the name is; the old
household recorded what it called them. A record that was settled as one too many is no member any
more; what it held until then belongs to the person's file, and to the page of the pair.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from libs.common.database import Transaction
from libs.common.security.encryption import KeyMissing, Vault
from services.registry.vault.acts import Version, key_missing
from services.registry.vault.domain import IdentifierType, Identity
from services.registry.vault.store import ADDRESSES, DRAWERS, NAMES

_FORMER = """
SELECT former.person_id, former.sealed
FROM household CROSS JOIN LATERAL former_names(household.household_id) AS former
WHERE household.household_id = $1
"""
_SETTLED = """
SELECT former.person_id, former.drawer, former.type, former.sealed,
       lower(former.effective) AS from_day, upper(former.effective) AS until,
       lower(former.recorded) AS recorded_from, upper(former.recorded) AS recorded_until
FROM duplicate_pair AS pair CROSS JOIN LATERAL settled_values(pair.pair_id) AS former
JOIN household ON household.household_id = former.household_id
WHERE (pair.one = ANY($1::uuid[]) OR pair.other = ANY($1::uuid[])) AND pair.state = 'same'
  AND former.person_id = ANY($1::uuid[]) AND former.sealed IS NOT NULL
ORDER BY lower(former.recorded), lower(former.effective)
"""
_KINDS = {NAMES.table: "name", ADDRESSES.table: "address"}  # numbers have a type
_DRAWERS = {drawer.table: drawer for drawer in DRAWERS}


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


async def history_when_settled(
    tx: Transaction, vault: Vault, person_ids: Sequence[UUID]
) -> dict[UUID, list[Version]]:
    """Everything that was held, until it was settled, of those of the records that went, in clear
    text, where pair and household may be seen; by record.

    Raises:
        Problem: 503, a value was sealed under a key that is not set.
    """
    found: dict[UUID, list[Version]] = {}
    try:
        for row in await tx.fetch(_SETTLED, person_ids):
            person_id, kind = row["person_id"], row["type"]
            about = _DRAWERS[row["drawer"]].about(person_id, kind)
            value = vault.keys.open(row["sealed"], about)
            days = (row["from_day"], row["until"], row["recorded_from"], row["recorded_until"])
            version = Version(kind or _KINDS[row["drawer"]], value, *days)
            found.setdefault(person_id, []).append(version)
    except KeyMissing:
        raise key_missing() from None
    return found


def identity_at(versions: Sequence[Version], known_at: datetime) -> Identity:
    """The newest values, as known at an instant."""
    held = {
        one.kind: one.value
        for one in versions
        if one.until is None
        and one.recorded_from <= known_at
        and (one.recorded_until is None or known_at < one.recorded_until)
    }
    return Identity(
        name=held.pop("name", None),
        address=held.pop("address", None),
        numbers={IdentifierType(kind): value for kind, value in held.items()},
    )

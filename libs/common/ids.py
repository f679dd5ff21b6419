"""Identifiers: UUIDv7 everywhere, because time-ordered keys load twice as fast as random ones."""

from datetime import datetime
from hashlib import blake2b
from typing import NewType
from uuid import NAMESPACE_URL, UUID, uuid5

from uuid_utils.compat import uuid7

HouseholdId = NewType("HouseholdId", UUID)
PersonId = NewType("PersonId", UUID)
DecisionId = NewType("DecisionId", UUID)
ReferralId = NewType("ReferralId", UUID)

_NAMESPACE = uuid5(NAMESPACE_URL, "urn:ansinh")


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid7()


def derived_id(*parts: object) -> UUID:
    """The same id for the same parts, for subjects that have a natural key (an area unit)."""
    return uuid5(_NAMESPACE, "/".join(str(part) for part in parts))


def placed_id(at: datetime, place: int, *parts: object) -> UUID:
    """The same UUIDv7 for the same parts, in the order of places, for what a list makes.

    Args:
        at: when the list was taken up.
        place: in the list, below 2^20.
        parts: what tells it from others of the same place.
    """
    text = "/".join(str(part) for part in (place, *parts)).encode()
    spread = int.from_bytes(blake2b(text, digest_size=8).digest()) & (1 << 54) - 1
    milliseconds = int(at.timestamp() * 1000)
    high = milliseconds << 16 | 0x7000 | place >> 8 & 0xFFF
    low = 0b10 << 62 | (place & 0xFF) << 54 | spread
    return UUID(int=high << 64 | low)

"""Identifiers: UUIDv7 everywhere, because time-ordered keys load twice as fast as random ones."""

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

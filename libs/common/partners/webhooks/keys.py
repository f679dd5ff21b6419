"""The endpoints' secrets. None is kept: each follows from ANSINH_PARTNER_KEY, endpoint and number.

The database holds only which numbers are in force, and under which key they were made. So a copy of
it signs nothing, and a secret can be shown again to the operator who hands it over. Two keys may be
set while one replaces the other: endpoints keep the old one's secrets until they are rotated.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

SHORTEST_KEY = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of an endpoint.

    Attributes:
        number: counts up with each rotation.
        key: fingerprint of the key it was made under.
        until: from when on it signs no more; None: it is the newest.
    """

    number: int
    key: str
    until: datetime | None = None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        until = kept["until"]
        return cls(kept["number"], kept["key"], until and datetime.fromisoformat(until))

    def as_json(self) -> dict[str, Any]:
        until = self.until and self.until.isoformat()
        return {"number": self.number, "key": self.key, "until": until}


class KeyMissing(Exception):
    """A secret was made under a key that is not set any more."""


class PartnerKeys:
    """The keys that are set, newest first; each of 32 characters or more.

    Raises:
        ValueError: there is none, or one is too short.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or any(len(key) < SHORTEST_KEY for key in keys):
            raise ValueError(f"PARTNER_KEY: {SHORTEST_KEY} characters or more, each")
        self._keys = {_fingerprint(key): key.encode() for key in keys}
        self._newest = _fingerprint(keys[0])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Keys as the setting has them, with a comma between."""
        return cls([key.strip() for key in text.split(",")])

    def first(self) -> list[Secret]:
        """What a new endpoint begins with."""
        return [Secret(1, self._newest)]

    def rotate(self, known: Iterable[Secret], now: datetime, overlap: timedelta) -> list[Secret]:
        """A new secret; the one before signs beside it for the overlap, any other no more."""
        before = max(known, key=lambda one: one.number)
        new = Secret(before.number + 1, self._newest)
        return [new, Secret(before.number, before.key, now + overlap)]

    def derive(self, endpoint_id: UUID, secret: Secret) -> bytes:
        """The secret itself.

        Raises:
            KeyMissing: its key is not set.
        """
        key = self._keys.get(secret.key)
        if key is None:
            raise KeyMissing(secret.key)
        return hmac.digest(key, f"webhook {endpoint_id} {secret.number}".encode(), "sha256")

    def in_force(self, endpoint_id: UUID, known: Iterable[Secret], now: datetime) -> list[bytes]:
        """What signs now, newest first."""
        active = [one for one in known if one.until is None or now < one.until]
        active.sort(key=lambda one: -one.number)
        return [self.derive(endpoint_id, one) for one in active]


def _fingerprint(key: str) -> str:
    return hashlib.sha256(b"ansinh.partner " + key.encode()).hexdigest()[:16]

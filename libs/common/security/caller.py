"""Who is asking, as a verified token says it."""

from dataclasses import dataclass
from typing import Protocol

from libs.common.security.roles import Role


@dataclass(frozen=True)
class Caller:
    """The verified asker.

    Attributes:
        subject: the token's subject, stable per issuer; never a person's name.
        roles: the roles of the product that the token grants; others are ignored.
        areas: administrative codes (2, 3 or 5 digits) or `*`; none means that nothing is visible.
        purpose: why personal data is read, if the caller said so.
        scopes: the token's scopes, for the roads of other systems.
    """

    subject: str
    roles: frozenset[Role]
    areas: tuple[str, ...]
    purpose: str | None = None
    scopes: frozenset[str] = frozenset()


class Refused(Exception):
    """A token that does not hold.

    Args:
        reason: stable machine name, e.g. `token.expired`; never any part of the token.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Authenticator(Protocol):
    """Turns a bearer token into a caller."""

    async def authenticate(self, token: str) -> Caller:
        """The caller, or `Refused`."""
        ...

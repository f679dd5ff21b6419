"""Who is signed in at a browser: tokens in a sealed cookie, and nothing on the server."""

import hmac
import secrets
from dataclasses import asdict, dataclass, replace
from typing import Any

from libs.common.web.screens.provider import Tokens

# Renewed this long before the token ends, so that a page does not end while it is made.
RENEWED_BEFORE_SECONDS = 30


@dataclass(frozen=True)
class Session:
    """One sign-in.

    Attributes:
        access: the bearer token.
        refresh: renews it, where the provider gives one.
        until: when `access` ends, in seconds of the epoch.
        subject: whose it is.
        name: how the provider calls that person.
        secret: what tokens in forms follow from; it outlives a sign-in, so that a form that was
            open meanwhile can still be sent.
    """

    access: str
    refresh: str | None
    until: int
    subject: str
    name: str
    secret: str

    @classmethod
    def of(cls, value: Any) -> "Session | None":
        """The session that a cookie holds."""
        try:
            return cls(**value)
        except TypeError:
            return None

    def value(self) -> dict[str, Any]:
        return asdict(self)

    def with_tokens(self, tokens: Tokens, now: float) -> "Session":
        return replace(
            self,
            access=tokens.access,
            refresh=tokens.refresh or self.refresh,
            until=int(now) + tokens.seconds,
        )

    def is_good(self, now: float) -> bool:
        return now < self.until - RENEWED_BEFORE_SECONDS

    @property
    def form_token(self) -> str:
        """What every form of this browser carries."""
        return hmac.digest(self.secret.encode(), b"form", "sha256").hex()

    def holds(self, form_token: str) -> bool:
        """Whether a form was made for this browser."""
        return secrets.compare_digest(self.form_token.encode(), form_token.encode())

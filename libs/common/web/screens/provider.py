"""The OpenID Connect provider as screens ask it: authorization code with PKCE, renewal, leaving."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from libs.common.security.tokens import IssuerUnreachable
from libs.common.web.screens.settings import ScreenSettings, origin_of

_SECONDS = 10.0


@dataclass(frozen=True)
class Tokens:
    """What the provider gave; `seconds` is how long `access` is good."""

    access: str
    refresh: str | None
    seconds: int


class Provider:
    """One provider; its endpoints are read once, when somebody first signs in.

    Every question may raise `IssuerUnreachable`.
    """

    def __init__(self, settings: ScreenSettings) -> None:
        self._settings = settings
        self._known: dict[str, Any] = {}

    async def door(self, state: str, verifier: str, back: str) -> str:
        """Where a browser goes to sign in.

        Args:
            state: comes back with the code.
            verifier: whose digest the code is bound to.
            back: our address that the browser is led back to.
        """
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": back,
            "scope": "openid",
            "state": state,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        return f"{await self._endpoint('authorization_endpoint')}?{urlencode(asked)}"

    async def exchange(self, code: str, verifier: str, back: str) -> Tokens | None:
        """The tokens for a code; None where the provider refuses it."""
        return await self._tokens(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": back,
                "code_verifier": verifier,
            }
        )

    async def renew(self, refresh: str) -> Tokens | None:
        """Fresh tokens; None where the sign-in has ended at the provider."""
        return await self._tokens({"grant_type": "refresh_token", "refresh_token": refresh})

    async def exit(self, back: str) -> str | None:
        """Where a browser goes to sign out at the provider too; None where it offers that not."""
        await self._endpoint("token_endpoint")
        found = self._known.get("end_session_endpoint")
        if not isinstance(found, str):
            return None
        asked = {"client_id": self._settings.client_id, "post_logout_redirect_uri": back}
        return f"{found}?{urlencode(asked)}"

    @property
    def origin(self) -> str:
        return origin_of(self._settings.issuer)

    async def _tokens(self, form: dict[str, str]) -> Tokens | None:
        sent = {**form, "client_id": self._settings.client_id}
        url = await self._endpoint("token_endpoint")
        try:
            answer = await self._settings.client.post(url, data=sent, timeout=_SECONDS)
        except httpx.HTTPError:
            raise IssuerUnreachable(url) from None
        if answer.status_code in (400, 401):
            return None
        try:
            found = answer.raise_for_status().json()
            refresh = found.get("refresh_token")
            return Tokens(
                str(found["access_token"]),
                refresh if isinstance(refresh, str) else None,
                int(found.get("expires_in", 60)),
            )
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError):
            raise IssuerUnreachable(url) from None

    async def _endpoint(self, name: str) -> str:
        issuer = self._settings.issuer.rstrip("/")
        if not self._known:
            url = f"{issuer}/.well-known/openid-configuration"
            try:
                answer = await self._settings.client.get(url, timeout=_SECONDS)
                found = answer.raise_for_status().json()
                if str(found["issuer"]).rstrip("/") != issuer:
                    raise ValueError("the discovery document is another issuer's")
            except (httpx.HTTPError, ValueError, KeyError, TypeError):
                raise IssuerUnreachable(url) from None
            self._known = found
        return str(self._known[name])


def challenge_of(verifier: str) -> str:
    """What a code is bound to (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def user_name(token: str) -> str:
    """How the provider calls whoever a token is of, to show to that person; the token was verified
    before.
    """
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims.get("preferred_username") or claims["sub"])[:64]
    except (ValueError, KeyError, IndexError, AttributeError):
        return ""

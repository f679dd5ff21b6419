"""OpenID Connect bearer tokens: whose they are, whether they hold, and what they allow.

Only asymmetric signatures of the issuer's published keys count. Keys come from the issuer's
discovery document, are kept, and are read again when a token names one that is not known yet, at
most every half minute, so that a flood of made-up key ids does not become a flood of requests.
"""

import asyncio
import base64
import binascii
import hashlib
import json
import re
import time
from collections.abc import Mapping
from typing import Any, Protocol

import httpx
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from libs.common.security.caller import Caller, Refused
from libs.common.security.roles import Role

ALGORITHMS = ("RS256", "ES256")
_LONGEST_TOKEN = 8_192
_LEEWAY_SECONDS = 30
_FRESH_SECONDS = 600.0
_PAUSE_SECONDS = 30.0
_LARGEST_DOCUMENT = 262_144
# A verified token holds for so long without being looked at again; of so many tokens.
_KEPT_SECONDS, _MOST_KEPT = 60.0, 5_000
_AREA = re.compile(r"\*|\d{2}|\d{3}|\d{5}")
_ROLES = {role.value: role for role in Role}

PublicKey = RSAKey | ECKey


class IssuerUnreachable(ConnectionError):
    """No keys could be had: nobody can be let in, and it is not the caller's fault."""


class Keys(Protocol):
    """Where public keys come from."""

    async def find(self, kid: str) -> PublicKey | None:
        """The key of this id, if the issuer publishes it."""
        ...


class StaticKeys:
    """A key set that is at hand, for an issuer in the same process."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = _by_id(keys)

    async def find(self, kid: str) -> PublicKey | None:
        return self._keys.get(kid)


class IssuerKeys:
    """The keys that an issuer publishes.

    Args:
        issuer: the issuer's URL; its discovery document must name the same one.
        client: used for both requests; closed by whoever made it.
    """

    def __init__(self, issuer: str, client: httpx.AsyncClient) -> None:
        self._issuer = issuer.rstrip("/")
        self._client = client
        self._keys: dict[str, PublicKey] = {}
        self._read_at = float("-inf")
        self._tried_at = float("-inf")
        self._reading = asyncio.Lock()

    async def find(self, kid: str) -> PublicKey | None:
        stale = time.monotonic() - self._read_at > _FRESH_SECONDS
        if stale or kid not in self._keys:
            await self._refresh(kid)
        if not self._keys:
            raise IssuerUnreachable(self._issuer)
        return self._keys.get(kid)

    async def are_known(self) -> bool:
        """Whether the issuer's keys are at hand; asks the issuer where they are not."""
        if not self._keys:
            await self._refresh("")
        return bool(self._keys)

    async def _refresh(self, kid: str) -> None:
        async with self._reading:
            now = time.monotonic()
            known = kid in self._keys and now - self._read_at <= _FRESH_SECONDS
            if known or now - self._tried_at < (_PAUSE_SECONDS if self._keys else 1.0):
                return
            self._tried_at = now
            try:
                self._keys = await self._read()
                self._read_at = now
            except (httpx.HTTPError, ValueError, KeyError, TypeError, JoseError):
                return  # the keys we have stay good until the issuer can be asked again

    async def _read(self) -> dict[str, PublicKey]:
        found = await self._document(f"{self._issuer}/.well-known/openid-configuration")
        if str(found["issuer"]).rstrip("/") != self._issuer:
            raise ValueError("the discovery document is another issuer's")
        uri = str(found["jwks_uri"])
        if self._issuer.startswith("https:") and not uri.startswith("https:"):
            raise ValueError("the keys would come without transport security")
        return _by_id(KeySet.import_key_set(await self._document(uri)))  # type: ignore[arg-type]

    async def _document(self, url: str) -> dict[str, Any]:
        body = b""
        async with self._client.stream("GET", url, timeout=5.0, follow_redirects=False) as answer:
            answer.raise_for_status()
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > _LARGEST_DOCUMENT:
                    raise ValueError("the document is too large")
        found = json.loads(body)
        if not isinstance(found, dict):
            raise ValueError("the document is not an object")
        return found


class TokenVerifier:
    """Verifies signature, issuer, audience and times; reads subject, roles and areas.

    What was verified is remembered for a minute, by the token's hash: a signature costs more than
    most reads.

    Args:
        issuer: must equal `iss`.
        audience: must be in `aud`.
        keys: the issuer's public keys.
    """

    def __init__(self, issuer: str, audience: str, keys: Keys) -> None:
        self._keys = keys
        self._claims = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._known: dict[bytes, tuple[float, Caller]] = {}

    async def authenticate(self, token: str) -> Caller:
        now, digest = time.time(), hashlib.sha256(token.encode()).digest()
        until, caller = self._known.get(digest, (0.0, None))
        if caller is not None and now < until:
            return caller
        claims = await self._verify(token)
        caller = caller_of(claims)
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[digest] = min(now + _KEPT_SECONDS, claims["exp"] + _LEEWAY_SECONDS), caller
        return caller

    async def _verify(self, token: str) -> dict[str, Any]:
        header = _header(token)
        if header.get("alg") not in ALGORITHMS:
            raise Refused("token.algorithm")
        kid = header.get("kid")
        key = await self._keys.find(kid) if isinstance(kid, str) else None
        if key is None:
            raise Refused("token.key")
        try:
            claims = jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims
            self._claims.validate(claims)
        except ExpiredTokenError:
            raise Refused("token.expired") from None
        except (JoseError, ValueError, TypeError):
            raise Refused("token.invalid") from None
        return claims


def caller_of(claims: Mapping[str, Any]) -> Caller:
    """The caller of verified claims; roles of `roles` and of Keycloak's `realm_access.roles`."""
    realm, bound = claims.get("realm_access"), claims.get("cnf")
    named = _texts(claims.get("roles"))
    if isinstance(realm, dict):
        named += _texts(realm.get("roles"))
    return Caller(
        subject=str(claims["sub"]),
        roles=frozenset(_ROLES[name] for name in named if name in _ROLES),
        areas=tuple(sorted(code for code in _texts(claims.get("areas")) if _AREA.fullmatch(code))),
        certificate=str(bound["x5t#S256"])
        if isinstance(bound, dict) and "x5t#S256" in bound
        else None,
        scopes=frozenset(_texts(claims.get("scope"))),
    )


def _texts(claim: Any) -> list[str]:
    if isinstance(claim, str):
        return claim.replace(",", " ").split()
    return [part for part in claim if isinstance(part, str)] if isinstance(claim, list) else []


def _header(token: str) -> dict[str, Any]:
    if len(token) > _LONGEST_TOKEN:
        raise Refused("token.length")
    first = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise Refused("token.shape") from None
    if not isinstance(header, dict):
        raise Refused("token.shape")
    return header


def _by_id(keys: KeySet) -> dict[str, PublicKey]:
    return {key.kid: key for key in keys.keys if key.kid and isinstance(key, (RSAKey, ECKey))}

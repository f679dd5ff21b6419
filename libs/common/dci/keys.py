"""Keys: ours, which sign, and the partners' public ones, which verify.

A key is known by its RFC 7638 thumbprint, or by the id that a partner gave it. Ours stand in the
setting `ANSINH_DCI_KEYS` as a JWK set: the first signs, all are published, so that partners know
the next one before it signs.
"""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from joserfc.jwk import OKPKey, RSAKey

ED25519, RS256 = "ed25519", "RS256"
_LEAST_RSA_BITS = 2_048
_MOST_KEYS = 10
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class BadKey(ValueError):
    """A JWK that is not taken; the text names why, and nothing of the key."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A partner's key.

    Attributes:
        algorithm: `ed25519` or `RS256`.
    """

    kid: str
    algorithm: str
    key: OKPKey | RSAKey


class SigningKeys:
    """Ours, newest first.

    Raises:
        BadKey: there is none, or one is not a private Ed25519 key.
    """

    def __init__(self, keys: Sequence[Mapping[str, Any]]) -> None:
        if not 0 < len(keys) <= _MOST_KEYS:
            raise BadKey("no key, or too many")
        self._keys = [_private(one) for one in keys]
        self.kid = self._keys[0].thumbprint()

    @classmethod
    def parse(cls, text: str) -> Self:
        """A JWK set, or one JWK."""
        try:
            found = json.loads(text)
        except ValueError:
            raise BadKey("not JSON") from None
        if not isinstance(found, dict):
            raise BadKey("not a JWK set")
        return cls(found.get("keys", [found]))

    def sign(self, content: bytes) -> bytes:
        """The newest key's signature."""
        signed: bytes = self._keys[0].private_key.sign(content)  # type: ignore[union-attr]
        return signed

    def published(self) -> dict[str, Any]:
        """The JWK set for `/.well-known/jwks.json`."""
        return {
            "keys": [
                {
                    **key.as_dict(private=False),
                    "kid": key.thumbprint(),
                    "alg": "EdDSA",
                    "use": "sig",
                }
                for key in self._keys
            ]
        }


def generate() -> str:
    """A new set of one key, as the setting holds it."""
    key = OKPKey.generate_key("Ed25519", private=True)
    return json.dumps({"keys": [key.as_dict(private=True)]})


def public_key(jwk: Mapping[str, Any]) -> PublicKey:
    """A partner's key from its JWK.

    Raises:
        BadKey: another kind of key, too short, or a private one.
    """
    if _PRIVATE & jwk.keys():
        raise BadKey("a private key; send its public part only")
    if jwk.get("use", "sig") != "sig":
        raise BadKey("not a key for signatures")
    kid = jwk.get("kid")
    try:
        if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519":
            key = OKPKey.import_key({name: str(jwk[name]) for name in ("kty", "crv", "x")})
            return PublicKey(str(kid or key.thumbprint()), ED25519, key)
        if jwk.get("kty") == "RSA":
            rsa = RSAKey.import_key({name: str(jwk[name]) for name in ("kty", "n", "e")})
            if rsa.public_key.key_size < _LEAST_RSA_BITS:
                raise BadKey(f"fewer than {_LEAST_RSA_BITS} bits")
            return PublicKey(str(kid or rsa.thumbprint()), RS256, rsa)
    except BadKey:
        raise
    except Exception:  # whatever the libraries make of a broken key
        raise BadKey("not a readable key") from None
    raise BadKey("neither Ed25519 nor RSA")


@functools.lru_cache(maxsize=1_000)
def read_public(jwks: str) -> Mapping[str, PublicKey]:
    """The keys of a partner, by id; they were checked when it was registered.

    Args:
        jwks: the JSON list of its JWKs.
    """
    return {one.kid: one for one in map(public_key, json.loads(jwks))}


def _private(jwk: Mapping[str, Any]) -> OKPKey:
    try:
        key = OKPKey.import_key({name: str(jwk[name]) for name in ("kty", "crv", "x", "d")})
    except Exception:
        raise BadKey("not a readable private key") from None
    if jwk["crv"] != "Ed25519":
        raise BadKey("not Ed25519")
    return key

"""Signatures of an envelope, in the three forms that live implementations use.

`http-sig-utf8` is ours; `http-sig-ascii` is OpenSPP's, `detached-jws` OpenG2P's. Which one a
partner uses stands in its registration. The digest is made anew from what was received, so nothing
that was added, dropped or reformatted on the way goes unseen.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from libs.common.dci import canonical
from libs.common.dci.keys import ED25519, RS256, PublicKey, SigningKeys

LIFE_SECONDS, SKEW_SECONDS = 300, 60
LONGEST_LIFE_SECONDS = 24 * 3_600  # longer than that nobody remembers a message for
_NAMESPACE = "dci"
_COVERED = "(created) (expires) digest"
_PAIR = r'([A-Za-z]+)="([^"]*)"'
_FORM = re.compile(rf"(?:Signature:)?\s*{_PAIR}(?:\s*,\s*{_PAIR})*\s*")
_PAIRS = re.compile(_PAIR)
_LONGEST = 4_096
# RFC 9864 has a new name for EdDSA; the peers still write the old one.
_JWS_ALGORITHMS = {ED25519: ("EdDSA", "Ed25519"), RS256: ("RS256",)}


class Profile(StrEnum):
    """How a partner's messages, and ours to it, are signed."""

    HTTP_ASCII = "http-sig-ascii"
    HTTP_UTF8 = "http-sig-utf8"
    JWS = "detached-jws"
    # Test and development only: the public conformance suite sends stubs.
    UNSIGNED = "unsigned"


class BadSignature(Exception):
    """A signature that does not hold.

    Args:
        reason: what is wrong, in words of ours.
    """


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that holds.

    Attributes:
        until: from then on a copy of the message is refused for its age alone.
    """

    until: int


def canonical_bytes(profile: Profile, header: Any, message: Any) -> bytes:
    """What the profile's signature covers."""
    body = canonical.covered(header, message)
    return canonical.ascii_only(body) if profile is Profile.HTTP_ASCII else canonical.utf8(body)


def sign(profile: Profile, keys: SigningKeys, sender_id: str, covered: bytes, now: int) -> str:
    """The text of the envelope's `signature`.

    Args:
        covered: of `canonical_bytes`.
        now: seconds since the epoch.
    """
    if profile is Profile.JWS:
        protected = _b64url(canonical.utf8({"alg": "EdDSA", "kid": keys.kid}))
        signed = keys.sign(f"{protected}.{_b64url(covered)}".encode())
        return f"{protected}..{_b64url(signed)}"
    created, expires = now, now + LIFE_SECONDS
    signed = keys.sign(_signing_text(str(created), str(expires), covered))
    return (
        f'namespace="{_NAMESPACE}", kidId="{sender_id}|{keys.kid}|{ED25519}", '
        f'algorithm="{ED25519}", created="{created}", expires="{expires}", '
        f'headers="{_COVERED}", signature="{base64.b64encode(signed).decode()}"'
    )


def verify(
    profile: Profile,
    text: str,
    covered: bytes,
    *,
    keys: Mapping[str, PublicKey],
    sender_id: str,
    sent_at: datetime,
    now: int,
) -> Verified:
    """Whether the sender signed it, not long ago.

    Args:
        keys: the sender's, by id.
        sender_id: of the header.
        sent_at: the header's `message_ts`; the age of a form without times of its own.

    Raises:
        BadSignature: it did not.
    """
    if len(text) > _LONGEST:
        raise BadSignature("it is too long")
    if profile is Profile.JWS:
        return _verify_jws(text, covered, keys, int(sent_at.timestamp()), now)
    return _verify_http(text, covered, keys, sender_id, now)


def _verify_http(
    text: str, covered: bytes, keys: Mapping[str, PublicKey], sender_id: str, now: int
) -> Verified:
    if not _FORM.fullmatch(text):
        raise BadSignature("it is not of the form that is registered")
    pairs = _PAIRS.findall(text)
    given = dict(pairs)
    if len(given) != len(pairs):
        raise BadSignature("a parameter stands there twice")
    sender, _, rest = given.get("kidId", "").partition("|")
    kid, _, algorithm = rest.rpartition("|")
    if sender != sender_id:
        raise BadSignature("kidId is another sender's")
    key = _key(keys, kid)
    if not (algorithm == given.get("algorithm") == key.algorithm == ED25519):
        raise BadSignature("the algorithm is not the registered key's")
    if given.get("headers") != _COVERED:
        raise BadSignature("it covers something else")
    created, expires = given.get("created", ""), given.get("expires", "")
    until = _in_time(created, expires, now)
    _check(key, _decoded(given.get("signature", "")), _signing_text(created, expires, covered))
    return Verified(until)


def _in_time(created: str, expires: str, now: int) -> int:
    if not (re.fullmatch(r"[0-9]{1,11}", created) and re.fullmatch(r"[0-9]{1,11}", expires)):
        raise BadSignature("created or expires is missing")
    begin, end = int(created), int(expires)
    if begin > now + SKEW_SECONDS:
        raise BadSignature("created lies in the future")
    if end + SKEW_SECONDS < now:
        raise BadSignature("it has expired")
    if not 0 <= end - begin <= LONGEST_LIFE_SECONDS:
        raise BadSignature("it is made to live too long")
    return end + SKEW_SECONDS


def _verify_jws(
    text: str, covered: bytes, keys: Mapping[str, PublicKey], sent_at: int, now: int
) -> Verified:
    protected, middle, signature = [*text.split("."), "", ""][:3]
    if text.count(".") != 2 or middle:
        raise BadSignature("it is not of the form that is registered")
    try:
        header = json.loads(_unpadded(protected))
    except (ValueError, RecursionError):
        raise BadSignature("its header cannot be read") from None
    if not isinstance(header, dict) or "crit" in header or "b64" in header:
        raise BadSignature("its header asks for what is not offered")
    key = _key(keys, str(header.get("kid", "")))
    if header.get("alg") not in _JWS_ALGORITHMS[key.algorithm]:
        raise BadSignature("the algorithm is not the registered key's")
    if sent_at > now + SKEW_SECONDS:
        raise BadSignature("message_ts lies in the future")
    if sent_at + LIFE_SECONDS + SKEW_SECONDS < now:
        raise BadSignature("message_ts is too old")
    _check(key, _unpadded(signature), f"{protected}.{_b64url(covered)}".encode())
    return Verified(sent_at + LIFE_SECONDS + SKEW_SECONDS)


def _key(keys: Mapping[str, PublicKey], kid: str) -> PublicKey:
    known = keys.get(kid)
    if known is None:
        raise BadSignature("the key is not registered")
    return known


def _check(key: PublicKey, signature: bytes, content: bytes) -> None:
    public: Any = key.key.public_key
    try:
        if key.algorithm == ED25519:
            public.verify(signature, content)
        else:
            public.verify(signature, content, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise BadSignature("it does not match header and message") from None


def _signing_text(created: str, expires: str, covered: bytes) -> bytes:
    digest = base64.b64encode(hashlib.sha256(covered).digest()).decode()
    return f"(created): {created}\n(expires): {expires}\ndigest: {digest}".encode()


def _b64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _unpadded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadSignature("it is not base64url") from None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadSignature("it is not base64") from None

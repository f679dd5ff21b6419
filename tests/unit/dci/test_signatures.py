"""Signatures: what each profile covers, fixed signatures over Vietnamese names, what is refused."""

import base64
import hashlib
import json
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import OKPKey, RSAKey

from libs.common.dci import canonical, signatures
from libs.common.dci.keys import BadKey, PublicKey, SigningKeys, generate, public_key, read_public
from libs.common.dci.signatures import BadSignature, Profile
from tests.support.dci import OURS, THEIR_ID, THEIRS, a_jwk, public_keys

NOW = 1_768_444_200
HEADER = {
    "action": "on-search",
    "message_id": "0001",
    "message_ts": "2026-01-15T09:30:00+07:00",
    "sender_id": THEIR_ID,
    "status": "succ",
    "total_count": 1,
}
MESSAGE = {
    "transaction_id": "txn-1",
    "name": {"surname": "Đinh", "second_name": "Văn", "given_name": "Tỷ"},
    "locality": "Xã Nghiên Loan",
}
# Over HEADER and MESSAGE with THEIRS, whose seed is 32 times the letter t. Ed25519 has one answer.
FIXED = {
    Profile.HTTP_ASCII: (
        "rZSabX1Isy/C+s7aAgmhUVHZkgnDdgXNnFWDiQWlj+c=",
        "H4ZKXa+uIcGTsvfpgXN9a/TwebttAY/l1wfXLOo5GMNmn1TsQzhlt6g+BU0TsMiDJhmB2XE19EY+3j3UsdMKAA==",
    ),
    Profile.HTTP_UTF8: (
        "Zrg3SfO60AYbdC/ic6rA4OzxxgyU/2Cyk3tK4IF4NuU=",
        "YBi4fMOOOZXJX7MFPHZUwBMATZsuK3e43p6PE8igtLeIie4OqjuX3HCT8ZkOIRLiFv8E9pM171w9FZxI1AAeDw==",
    ),
    Profile.JWS: (
        "Zrg3SfO60AYbdC/ic6rA4OzxxgyU/2Cyk3tK4IF4NuU=",
        "NuysEMlZ6Pi1CO9Sk1ZNEa3-pEYrPAHBElWJs3YPtLpwktrtmKoSIPhmrwtL2blpU-3yBfddPPwtofGgi0xOCA",
    ),
}


def check(profile: Profile, text: str, message: Any = MESSAGE, **changed: Any) -> None:
    given: dict[str, Any] = {
        "keys": read_public(public_keys(THEIRS)),
        "sender_id": THEIR_ID,
        "sent_at": datetime.fromisoformat(HEADER["message_ts"]),  # type: ignore[arg-type]
        "now": NOW,
    } | changed
    covered = signatures.canonical_bytes(profile, HEADER, message)
    signatures.verify(profile, text, covered, **given)


def signature(profile: Profile, keys: SigningKeys = THEIRS, now: int = NOW) -> str:
    covered = signatures.canonical_bytes(profile, HEADER, MESSAGE)
    return signatures.sign(profile, keys, THEIR_ID, covered, now)


@pytest.mark.parametrize("profile", FIXED)
def test_fixed_signatures_over_vietnamese_names(profile: Profile) -> None:
    digest, fixed = FIXED[profile]
    covered = signatures.canonical_bytes(profile, HEADER, MESSAGE)
    assert base64.b64encode(hashlib.sha256(covered).digest()).decode() == digest
    assert fixed in signature(profile)
    check(profile, signature(profile))


def test_ascii_and_utf8_differ_in_the_letters_alone() -> None:
    """`Đ` is an escape in one, two bytes in the other; both mean the same and sort the same."""
    ascii_form = signatures.canonical_bytes(Profile.HTTP_ASCII, HEADER, MESSAGE)
    utf8_form = signatures.canonical_bytes(Profile.HTTP_UTF8, HEADER, MESSAGE)
    assert rb"\u0110inh" in ascii_form
    assert "Đinh".encode() in utf8_form
    assert json.loads(ascii_form) == json.loads(utf8_form) == canonical.covered(HEADER, MESSAGE)
    with pytest.raises(BadSignature):
        check(Profile.HTTP_UTF8, signature(Profile.HTTP_ASCII))


def test_an_independent_reader_verifies_what_we_sign() -> None:
    public = OKPKey.import_key(OURS.published()["keys"][0])
    covered = json.dumps(
        {"header": HEADER, "message": MESSAGE},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()
    text = signatures.sign(Profile.HTTP_UTF8, OURS, "ansinh.test", covered, NOW)
    digest = base64.b64encode(hashlib.sha256(covered).digest()).decode()
    said = f"(created): {NOW}\n(expires): {NOW + 300}\ndigest: {digest}"
    raw = base64.b64decode(text.rpartition('signature="')[2][:-1])
    key = public.public_key
    assert isinstance(key, Ed25519PublicKey)
    key.verify(raw, said.encode())
    protected, signed = signatures.sign(Profile.JWS, OURS, "ansinh.test", covered, NOW).split("..")
    whole = f"{protected}.{base64.urlsafe_b64encode(covered).rstrip(b'=').decode()}.{signed}"
    with pytest.warns(SecurityWarning, match="RFC 9864"):  # of the algorithm's old name
        assert jws.deserialize_compact(whole, public, algorithms=["EdDSA"]).payload == covered


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f'kidId="{THEIR_ID}|', 'kidId="other.test|'),
        (THEIRS.kid, OURS.kid),
        ('algorithm="ed25519"', 'algorithm="rsa-sha256"'),
        ("|ed25519", "|RS256"),
        (f'created="{NOW}"', f'created="{NOW + 61}"'),
        (f'created="{NOW}"', f'created="{NOW - 1}"'),
        (f'expires="{NOW + 300}"', f'expires="{NOW + 301}"'),
        (f'expires="{NOW + 300}"', f'expires="{NOW - 61}"'),
        (f'expires="{NOW + 300}"', f'expires="{NOW + 90_000}"'),
        (f'expires="{NOW + 300}"', 'expires="soon"'),
        (f'expires="{NOW + 300}"', f'expires="{NOW + 300}", expires="{NOW + 300}"'),
        ("(created) (expires) digest", "(created) (expires)"),
        ('signature="', 'signature="AAAA'),
        ('signature="', 'signature="!'),
        ("namespace=", "namespace"),
    ],
)
def test_a_parameter_that_was_changed_is_refused(old: str, new: str) -> None:
    text = signature(Profile.HTTP_UTF8)
    assert old in text
    with pytest.raises(BadSignature):
        check(Profile.HTTP_UTF8, text.replace(old, new))


@pytest.mark.parametrize("profile", FIXED)
@pytest.mark.parametrize(
    "message",
    [
        {**MESSAGE, "locality": "Xã Nghiên Loạn"},
        {**MESSAGE, "more": None},
        {name: value for name, value in MESSAGE.items() if name != "name"},
        None,
    ],
)
def test_a_changed_message_is_refused(profile: Profile, message: Any) -> None:
    with pytest.raises(BadSignature, match="does not match"):
        check(profile, signature(profile), message)


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        ({"alg": "none", "kid": THEIRS.kid}, NOW),
        ({"alg": "HS256", "kid": THEIRS.kid}, NOW),
        ({"alg": "EdDSA", "kid": "unknown"}, NOW),
        ({"alg": "EdDSA", "kid": THEIRS.kid, "b64": False, "crit": ["b64"]}, NOW),
        ({"alg": "EdDSA", "kid": THEIRS.kid}, NOW - 361),
        ({"alg": "EdDSA", "kid": THEIRS.kid}, NOW + 61),
    ],
)
def test_a_jws_of_another_kind_or_age_is_refused(header: dict[str, Any], sent: int) -> None:
    protected, _, signed = signature(Profile.JWS).partition("..")
    if "b64" in header or header["alg"] != "EdDSA" or header["kid"] == "unknown":
        protected = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    at = datetime.fromtimestamp(sent).astimezone()
    with pytest.raises(BadSignature):
        check(Profile.JWS, f"{protected}..{signed}", sent_at=at)


@pytest.mark.parametrize("text", ["", "invalid-signature", "abc", "eyJhbGciOiJSUzI1NiJ9.", "!@#.."])
@pytest.mark.parametrize("profile", FIXED)
def test_what_is_no_signature_is_refused(profile: Profile, text: str) -> None:
    with pytest.raises(BadSignature):
        check(profile, text)


def test_a_signature_lives_five_minutes_and_a_minute_of_skew() -> None:
    text = signature(Profile.HTTP_UTF8)
    for now in (NOW - 60, NOW, NOW + 360):
        check(Profile.HTTP_UTF8, text, now=now)
    for now in (NOW - 61, NOW + 361):
        with pytest.raises(BadSignature):
            check(Profile.HTTP_UTF8, text, now=now)


def test_an_rsa_partner_signs_a_jws() -> None:
    key = RSAKey.generate_key(2048, private=True)
    known = public_key({**key.as_dict(private=False), "kid": "rsa-1"})
    covered = signatures.canonical_bytes(Profile.JWS, HEADER, MESSAGE)
    compact = jws.serialize_compact({"alg": "RS256", "kid": "rsa-1"}, covered, key)
    protected, _, signed = compact.split(".")
    check(Profile.JWS, f"{protected}..{signed}", keys={"rsa-1": known})


@pytest.mark.parametrize(
    "jwk",
    [
        a_jwk(b"t" * 32),
        {"kty": "oct", "k": "AAAA"},
        {"kty": "OKP", "crv": "X25519", "x": "AAAA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
        {"kty": "OKP", "crv": "Ed25519"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {**OURS.published()["keys"][0], "use": "enc"},
        {},
    ],
)
def test_only_public_keys_for_signatures_are_registered(jwk: dict[str, str]) -> None:
    with pytest.raises(BadKey):
        public_key(jwk)


def test_published_keys_are_public_and_named_by_their_thumbprint() -> None:
    """RFC 7638: the hash of the members that make the key, in order."""
    keys = SigningKeys.parse(generate())
    [jwk] = keys.published()["keys"]
    members = json.dumps({name: jwk[name] for name in ("crv", "kty", "x")}, separators=(",", ":"))
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(members.encode()).digest())
    assert jwk["kid"] == keys.kid == thumbprint.rstrip(b"=").decode()
    assert jwk.keys() == {"kty", "crv", "x", "kid", "alg", "use"}
    assert isinstance(public_key(jwk), PublicKey)
    for wrong in ("", "[]", "{}", '{"keys": []}', json.dumps(jwk)):
        with pytest.raises(BadKey):
            SigningKeys.parse(wrong)

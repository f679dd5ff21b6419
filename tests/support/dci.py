"""A DCI partner for tests: its keys, its envelopes, its signatures."""

import base64
import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from libs.common.dci import signatures
from libs.common.dci.keys import SigningKeys
from libs.common.dci.settings import DciSettings
from libs.common.dci.signatures import Profile
from libs.common.ids import new_id


def a_jwk(seed: bytes) -> dict[str, str]:
    """A private Ed25519 key that follows from its seed; for tests only."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key().public_bytes_raw()
    return {"kty": "OKP", "crv": "Ed25519", "x": _text(public), "d": _text(seed)}


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


OUR_ID, THEIR_ID = "ansinh.test", "bank.test"
OURS = SigningKeys([a_jwk(b"o" * 32)])
THEIRS = SigningKeys([a_jwk(b"t" * 32)])
DCI = DciSettings(OUR_ID, OURS, b"i" * 32, allows_unsigned=True)


def public_keys(keys: SigningKeys) -> str:
    """As a registration holds them."""
    return json.dumps(keys.published()["keys"])


def a_header(action: str = "search", **changed: Any) -> dict[str, Any]:
    return {
        "version": "1.0.0",
        "message_id": str(new_id()),
        "message_ts": datetime.now(UTC).isoformat(),
        "action": action,
        "sender_id": THEIR_ID,
        "receiver_id": OUR_ID,
        "total_count": 1,
    } | changed


def an_item(query: Any, query_type: str = "idtype-value", **criteria: Any) -> dict[str, Any]:
    """One item of a search."""
    return {
        "reference_id": f"ref-{new_id()}",
        "timestamp": datetime.now(UTC).isoformat(),
        "search_criteria": {"query_type": query_type, "query": query} | criteria,
    }


def a_search(*items: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
    """An envelope that asks for these items, unsigned."""
    return {
        "header": a_header(total_count=len(items), **changed),
        "message": {"transaction_id": f"txn-{new_id()}", "search_request": list(items)},
    }


def signed(
    envelope: Mapping[str, Any],
    profile: Profile = Profile.HTTP_UTF8,
    keys: SigningKeys = THEIRS,
    *,
    sender: str | None = None,
    at: float | None = None,
) -> dict[str, Any]:
    """The envelope with its sender's signature."""
    whole = copy.deepcopy(dict(envelope))
    covered = signatures.canonical_bytes(profile, whole["header"], whole.get("message"))
    now = int(datetime.now(UTC).timestamp() if at is None else at)
    who = sender or whole["header"]["sender_id"]
    whole["signature"] = signatures.sign(profile, keys, who, covered, now)
    return whole

"""The signature of Standard Webhooks, version 1: HMAC-SHA256 over `id.timestamp.body`. Pure.

Checked in the tests against the vectors of the specification, and against its own library.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence

PREFIX = "whsec_"


def secret_text(secret: bytes) -> str:
    """A secret as a partner puts it into its library."""
    return PREFIX + b64encode(secret).decode()


def sign(secrets: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one signature per secret in force, newest first.

    Args:
        secrets: raw bytes, without prefix and base64.
        timestamp: whole seconds since 1970, of this attempt.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(
        "v1," + b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in secrets
    )


def headers(
    secrets: Sequence[bytes], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The three headers of an attempt."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secrets, message_id, timestamp, body),
    }

"""Envelopes of ours: answers, callbacks, notifications; each signed as its partner expects."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from libs.common.dci import canonical, signatures
from libs.common.dci.settings import DciSettings
from libs.common.dci.signatures import Profile


def seal(
    header: Mapping[str, Any],
    message: Mapping[str, Any] | None,
    profile: Profile,
    settings: DciSettings,
    at: datetime,
) -> bytes:
    """The envelope's bytes.

    Args:
        header: of `answer_header`.
        message: JSON values; None for a rejected header, which stands alone.
    """
    inner = None if message is None else canonical.utf8(message)
    return seal_bytes(header, inner, profile, settings, at)


def seal_bytes(
    header: Mapping[str, Any],
    message: bytes | None,
    profile: Profile,
    settings: DciSettings,
    at: datetime,
) -> bytes:
    """The same for a message that is written already, in canonical UTF-8: names in order."""
    parts = [b'{"header":', canonical.utf8(header)]
    parts += [] if message is None else [b',"message":', message]
    whole = b"".join([*parts, b"}"])
    covered = whole
    if profile is Profile.HTTP_ASCII:
        covered = canonical.ascii_only(canonical.parse(whole))
    form = Profile.HTTP_UTF8 if profile is Profile.UNSIGNED else profile
    text = signatures.sign(form, settings.keys, settings.sender_id, covered, int(at.timestamp()))
    return b"".join([memoryview(whole)[:-1], b',"signature":', to_json(text), b"}"])

"""From a request's bytes to a message whose sender is known: parse, whose, signed, once.

What is verified is what was parsed, and what was parsed is what is worked with: no default is
filled and no day reformatted in between.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from pydantic import ValidationError

from libs.common.database import Transaction
from libs.common.dci import canonical, replays, signatures
from libs.common.dci.headers import RequestHeader
from libs.common.dci.model import Dci
from libs.common.dci.partners import DciPartner, find_by_sender
from libs.common.dci.refusals import Refused, misshapen, refuse, unreadable
from libs.common.dci.settings import DciSettings
from libs.common.dci.signatures import BadSignature, Profile
from libs.common.dci.words import (
    MOST_REQUESTS,
    VERSION,
    Action,
    ErrorCode,
    HeaderReason,
    Scope,
)
from libs.common.security.caller import Caller
from libs.common.web.depth import depth_of

_SCOPE_PREFIX = "registry/"
# What the conformance suite sends where nothing is signed.
_STUBS = frozenset({"unsigned", "unsigned-stub"})
_UNSIGNED_SECONDS = 300

Message = TypeVar("Message", bound=Dci)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request's three parts, as received; a rejection may come without a message."""

    signature: str | None
    raw_header: Mapping[str, Any]
    message: Mapping[str, Any] | None
    header: RequestHeader


@dataclass(frozen=True, slots=True)
class Received:
    """A message whose sender is known.

    Attributes:
        communes: those that both the registration and the token cover; None: every one.
    """

    envelope: Envelope
    partner: DciPartner
    communes: frozenset[str] | None = None

    @property
    def header(self) -> RequestHeader:
        return self.envelope.header

    @property
    def message(self) -> Mapping[str, Any]:
        return self.envelope.message or {}


def read_envelope(content_type: str, body: bytes, deepest: int) -> Envelope:
    """The parts of a request.

    Raises:
        Refused: it is not JSON, not an envelope, or its header is misshapen.
    """
    signature, header, message = read_parts(content_type, body, deepest)
    if message is None:
        raise unreadable("/message: is required")
    try:
        checked = RequestHeader.model_validate(header)
    except ValidationError as error:
        raise misshapen(error, "header") from None
    return Envelope(signature, header, message, checked)


def read_parts(
    content_type: str, body: bytes, deepest: int
) -> tuple[str | None, Mapping[str, Any], Mapping[str, Any] | None]:
    """Signature, header and message of any envelope, as received.

    Raises:
        Refused: it is none.
    """
    media = content_type.partition(";")[0].strip().lower()
    if media != "application/json":
        raise unreadable("the content type is not application/json", 415)
    if depth_of(body) > deepest:
        raise unreadable(f"nested deeper than {deepest} levels")
    try:
        whole = canonical.parse(body)
    except (ValueError, RecursionError):
        raise unreadable("the body is not JSON") from None
    if not isinstance(whole, dict):
        raise unreadable("the body is not an object")
    header, message = whole.get("header"), whole.get("message")
    if not isinstance(header, dict):
        raise unreadable("/header: is required")
    if message is not None and not isinstance(message, dict):
        raise unreadable("/message: must be an object")
    signature = whole.get("signature")
    if signature is not None and not isinstance(signature, str):
        raise refuse(ErrorCode.SIGNATURE, "/signature: must be a string", 401)
    if b"\\u0000" in body:
        raise unreadable("there is a NUL character")
    return signature, header, message


async def identify(
    tx: Transaction, caller: Caller, envelope: Envelope, scope: Scope | None, day: date
) -> DciPartner:
    """Whose message it is: token and header must be one partner's, registered for this.

    Args:
        scope: None: whatever it is registered for.

    Raises:
        Refused: they are not.
    """
    known = await find_by_sender(tx, envelope.header.sender_id)
    if (
        known is None
        or not known.is_valid_on(day)
        or caller.subject not in known.registration.terms.subjects
    ):
        raise refuse(
            ErrorCode.SENDER, "/header/sender_id: the token is not this registered sender's", 403
        )
    granted = {one for one in caller.scopes if one.startswith(_SCOPE_PREFIX)}
    if scope is not None and (
        scope not in known.terms.scopes or (granted and scope not in granted)
    ):
        raise refuse(ErrorCode.FORBIDDEN, f"the scope {scope} is not granted", 403)
    return known


async def admit(
    tx: Transaction,
    envelope: Envelope,
    partner: DciPartner,
    action: Action,
    settings: DciSettings,
    *,
    takes_copies: bool = False,
) -> Received:
    """Check signature and header, and take the message, once.

    Args:
        takes_copies: whoever receives it knows a copy by itself.

    Raises:
        Refused: one of them does not hold, or it was taken before.
    """
    header, now = envelope.header, int(tx.recorded_at.timestamp())
    until = _verify(envelope, partner, settings, now)
    if header.receiver_id not in (None, settings.sender_id):
        raise refuse(ErrorCode.RECEIVER, "/header/receiver_id: it is not for this registry")
    if header.version != VERSION:
        text = f"/header/version: {VERSION} is served"
        raise refuse(ErrorCode.VERSION, text, reason=HeaderReason.VERSION)
    if header.action != action:
        text = f"/header/action: must be {action} at this address"
        raise refuse(ErrorCode.BAD, text, reason=HeaderReason.ACTION)
    if header.is_msg_encrypted:
        raise refuse(ErrorCode.ENCRYPTION, "/header/is_msg_encrypted: not offered")
    if not takes_copies and not await replays.take(tx, header.sender_id, header.message_id, until):
        text = "/header/message_id: this message was taken before"
        raise refuse(ErrorCode.BAD, text, reason=HeaderReason.DUPLICATE)
    return Received(envelope, partner)


def message_of(received: Received, model: type[Message], items: str | None = None) -> Message:
    """The message as a model.

    Args:
        items: the name of its list, whose length the header states; None where it has none.

    Raises:
        Refused: it is misshapen, holds too much, or another number than stated.
    """
    stated = received.header.total_count
    listed = received.message.get(items) if items else None
    if isinstance(listed, list) and len(listed) > MOST_REQUESTS:
        text = f"/message/{items}: at most {MOST_REQUESTS}"
        raise refuse(ErrorCode.BAD, text, reason=HeaderReason.COUNT_LIMIT)
    try:
        checked = model.model_validate(received.message)
    except ValidationError as error:
        raise misshapen(error, "message") from None
    if stated != (len(listed) if isinstance(listed, list) else 1):
        text = "/header/total_count: it is not the number of requests"
        raise refuse(ErrorCode.BAD, text, reason=HeaderReason.COUNT)
    return checked


def _verify(envelope: Envelope, partner: DciPartner, settings: DciSettings, now: int) -> int:
    """Until when the message must be remembered."""
    profile = partner.terms.profile
    if profile is Profile.UNSIGNED:
        if not settings.allows_unsigned:
            raise refuse(ErrorCode.SIGNATURE, "/signature: unsigned is not allowed here", 401)
        if envelope.signature and envelope.signature not in _STUBS:
            raise refuse(ErrorCode.SIGNATURE, "/signature: it does not hold", 401)
        return now + _UNSIGNED_SECONDS
    if not envelope.signature:
        raise refuse(ErrorCode.SIGNATURE_MISSING, "/signature: is required", 401)
    try:
        covered = signatures.canonical_bytes(profile, envelope.raw_header, envelope.message)
        return signatures.verify(
            profile,
            envelope.signature,
            covered,
            keys=partner.terms.public_keys,
            sender_id=envelope.header.sender_id,
            sent_at=envelope.header.message_ts,
            now=now,
        ).until
    except (BadSignature, ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, BadSignature) else "it cannot be checked"
        raise refuse(ErrorCode.SIGNATURE, f"/signature: {why}", 401) from None


__all__ = ["Envelope", "Received", "Refused", "admit", "identify", "message_of", "read_envelope"]

"""What goes to a partner by itself, a callback or a notification, and what its answer means."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from libs.common.dci import answers
from libs.common.dci.headers import answer_header
from libs.common.dci.partners import DciPartner
from libs.common.dci.settings import DciSettings
from libs.common.dci.words import AckStatus, Action, ErrorCode, Status
from libs.common.ids import new_id
from libs.common.partners.webhooks.posting import Answer, Attempt, judge

JSON = {"Content-Type": "application/json"}
# Refusals that say themselves that they will pass.
_PASSING = frozenset(
    {ErrorCode.TIMEOUT.value, ErrorCode.TOO_MANY.value, ErrorCode.UNAVAILABLE.value}
)


def write_envelope(
    settings: DciSettings,
    partner: DciPartner,
    action: Action,
    message: bytes,
    now: datetime,
    *,
    status: Status,
    count: int,
    path: str | None = None,
    meta: Mapping[str, Any] | None = None,
) -> Attempt:
    """One attempt: a message id of its own, signed for this instant.

    Args:
        message: canonical.
        count: its items.
        path: at the endpoint's address; None: the endpoint's own.
    """
    header = answer_header(
        action,
        message_id=str(new_id()),
        at=now,
        sender_id=settings.sender_id,
        receiver_id=partner.terms.sender_id,
        status=status,
        total=count,
        completed=count,
        meta=meta,
    )
    sealed = answers.seal_bytes(header, message, partner.terms.profile, settings, now)
    return Attempt(JSON, sealed, path)


def judge_ack(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """ACK and NACK in a 2xx: it has arrived. ERR: the partner has read and refuses it, so that it
    would refuse it again. Whatever else comes is no answer, and it is tried again."""
    answer = judge(status, headers)
    if not answer.is_accepted:
        return answer
    try:
        said = from_json(body)["message"]
        ack_status = AckStatus(said["ack_status"])
    except (ValueError, KeyError, TypeError):
        return Answer(status, "ack.unreadable")
    if ack_status is not AckStatus.ERR:
        return answer
    error = said.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, str) and code in _PASSING:
        return Answer(status, "ack.later")
    return Answer(status, "ack.refused", is_final=True)

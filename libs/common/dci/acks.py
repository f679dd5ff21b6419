"""What a partner's answer to a callback or a notification means."""

from collections.abc import Mapping

from pydantic_core import from_json

from libs.common.dci.words import AckStatus, ErrorCode
from libs.common.partners.webhooks.posting import Answer, judge

# Refusals that say themselves that they will pass.
_PASSING = frozenset(
    {ErrorCode.TIMEOUT.value, ErrorCode.TOO_MANY.value, ErrorCode.UNAVAILABLE.value}
)


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

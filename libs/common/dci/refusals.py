"""How a message is refused. Texts name fields and rules, never a value that was sent.

A message that cannot be told whose it is, or is not shaped as the standard says, gets a transport
error: an HTTP status and `errors`. One whose header or signature does not hold gets the refusal of
its road: an Ack `ERR` where the answer would be an Ack, a rejected header where it would be an
envelope and the standard has a reason for it, else a transport error as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from libs.common.dci.words import AckStatus, ErrorCode, HeaderReason, Reason
from libs.common.problems import Problem

MOST_ERRORS = 20
LONGEST_MESSAGE = 999
_MEANINGS = {
    400: ErrorCode.BAD,
    401: ErrorCode.UNAUTHORIZED,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.NOT_FOUND,
    408: ErrorCode.TIMEOUT,
    429: ErrorCode.TOO_MANY,
    500: ErrorCode.UNAVAILABLE,
    503: ErrorCode.UNAVAILABLE,
    504: ErrorCode.TIMEOUT,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: a code of the standard and a text of ours."""

    code: str
    message: str


class Refused(Exception):
    """A message that is not taken.

    Args:
        status: where it becomes a transport error.
        faults: at least one.
        reason: of a rejected header, where the standard has one.
        is_transport: always a transport error, whatever the road.
    """

    def __init__(
        self,
        status: int,
        faults: Sequence[Fault],
        reason: HeaderReason | None = None,
        *,
        is_transport: bool = False,
    ) -> None:
        super().__init__(faults[0].code)
        self.status = status
        self.faults = tuple(faults[:MOST_ERRORS])
        self.reason = reason
        self.is_transport = is_transport


def refuse(
    code: ErrorCode, message: str, status: int = 400, reason: HeaderReason | None = None
) -> Refused:
    """One fault of a header or a signature."""
    return Refused(status, [Fault(code, message)], reason)


def unreadable(message: str, status: int = 400) -> Refused:
    """Not a message at all."""
    return Refused(status, [Fault(ErrorCode.BAD, message)], is_transport=True)


# By the last name that is known on the way to the field.
_CODES: Mapping[str, str] = {
    "pagination": Reason.PAGINATION,
    "reference_id": Reason.REFERENCE,
    "timestamp": Reason.TIMESTAMP,
    "sort": Reason.SORT,
    "message_ts": HeaderReason.TIMESTAMP,
    "total_count": HeaderReason.COUNT,
    "version": HeaderReason.VERSION,
    "sender_uri": ErrorCode.SENDER_URI,
    "sender_id": ErrorCode.SENDER,
    "receiver_id": ErrorCode.RECEIVER,
    "subscription_codes": Reason.SUBSCRIPTION_CODE,
}


def misshapen(error: ValidationError, pointer: str) -> Refused:
    """What of a header or message is not shaped as the standard says; pointers and rules only."""
    faults = []
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        names = [str(part) for part in found["loc"]]
        code = next((_CODES[name] for name in reversed(names) if name in _CODES), ErrorCode.BAD)
        place = "".join(f"/{name}" for name in (pointer, *names))
        faults.append(Fault(code, f"{place}: {_RULES.get(found['type'], found['type'])}"))
    return Refused(400, faults, is_transport=True)


_RULES = {
    "missing": "is required",
    "string_type": "must be a string",
    "string_too_long": "is too long",
    "string_too_short": "is empty",
    "string_pattern_mismatch": "does not match the pattern",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
    "timestamp.format": "must be an ISO 8601 instant with its zone",
}


def errors_body(status: int, faults: Sequence[Fault]) -> dict[str, Any]:
    """The body of a transport error; also a problem document, for whoever reads those."""
    return {
        "type": f"urn:ansinh:problem:dci.{faults[0].code}",
        "title": faults[0].message[:LONGEST_MESSAGE],
        "status": status,
        "errors": [{"code": one.code, "message": one.message[:LONGEST_MESSAGE]} for one in faults],
    }


def of_problem(problem: Problem) -> Refused:
    """What the edge refused, in the standard's words."""
    status = 400 if problem.status in (409, 422) else problem.status
    code = _MEANINGS.get(status, ErrorCode.UNAVAILABLE if status >= 500 else ErrorCode.BAD)
    said = Fault(code, f"{problem.title.en} / {problem.title.vi}")
    return Refused(status, [said], is_transport=True)


def as_ack(refused: Refused, correlation_id: str, at: datetime) -> dict[str, Any]:
    """The Ack that refuses a message."""
    first = refused.faults[0]
    known = first.code in set(ErrorCode)
    shown = first if known else replace(first, code=ErrorCode.BAD, message=_named(first))
    return ack(AckStatus.ERR, correlation_id, at, shown)


def _named(fault: Fault) -> str:
    return f"{fault.code}: {fault.message}"


def ack(
    status: AckStatus, correlation_id: str, at: datetime, fault: Fault | None = None
) -> dict[str, Any]:
    """The answer of a road whose result follows later."""
    message: dict[str, Any] = {
        "ack_status": status.value,
        "correlation_id": correlation_id,
        "timestamp": at.isoformat(timespec="seconds"),
    }
    if fault is not None:
        message["error"] = {"code": fault.code, "message": fault.message[:LONGEST_MESSAGE]}
    return {"message": message}

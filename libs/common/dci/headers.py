"""The envelope's headers: of a request, and of a callback or an answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from libs.common.dci.model import Dci, Name, Timestamp
from libs.common.dci.words import VERSION, Action, HeaderReason, Status

Count = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]


class RequestHeader(Dci):
    """MsgHeader. `sender_id` selects the key, the scopes and the pace."""

    version: Annotated[str, Field(max_length=20)] = VERSION
    message_id: Name
    message_ts: Timestamp
    action: Annotated[str, Field(min_length=1, max_length=50)]
    sender_id: Name
    sender_uri: Annotated[str, Field(max_length=2_048)] | None = None
    receiver_id: Annotated[str, Field(max_length=255)] | None = None
    total_count: Count
    is_msg_encrypted: Annotated[bool, Field(strict=True)] = False
    meta: dict[str, Any] | None = None


class CallbackHeader(Dci):
    """MsgCallbackHeader, as partners of ours must accept it and as their callbacks come."""

    version: str = VERSION
    message_id: Name
    message_ts: Timestamp
    action: Annotated[str, Field(min_length=1, max_length=50)]
    status: Status
    status_reason_code: str | None = None
    status_reason_message: Annotated[str, Field(max_length=999)] | None = None
    total_count: Count | None = None
    completed_count: Count | None = None
    sender_id: Name | None = None
    receiver_id: Name | None = None
    is_msg_encrypted: bool = False
    meta: dict[str, Any] | None = None


def answer_header(
    action: Action,
    *,
    message_id: str,
    at: datetime,
    sender_id: str,
    receiver_id: str,
    status: Status = Status.SUCCEEDED,
    total: int = 0,
    completed: int = 0,
    reason: HeaderReason | None = None,
    reason_text: str | None = None,
    meta: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The header of an answer, a callback or a notification, its names in order.

    Args:
        message_id: new for each attempt to deliver.
        sender_id, receiver_id: us, and the partner.
        total, completed: items of the message, and how many of them are settled.
    """
    header: dict[str, Any] = {
        "action": action.value,
        "completed_count": completed,
        "is_msg_encrypted": False,
        "message_id": message_id,
        "message_ts": at.isoformat(timespec="milliseconds"),
        "meta": dict(sorted((meta or {}).items())),
        "receiver_id": receiver_id,
        "sender_id": sender_id,
        "status": status.value,
    }
    if reason is not None:
        header["status_reason_code"] = reason.value
    if reason_text is not None:
        header["status_reason_message"] = reason_text[:999]
    header["total_count"] = total
    header["version"] = VERSION
    return header

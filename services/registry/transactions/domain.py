"""What is answered to a request of another system, from what came of it. Pure: instants are
arguments.

What came of a request is kept without any person's data: per item its reference, status and reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.common.dci.words import Action, Reason, Status

Item = dict[str, Any]  # as it stands in an answer, but for its data

ANSWERS: Mapping[Action, Action] = {
    Action.SEARCH: Action.ON_SEARCH,
    Action.SUBSCRIBE: Action.ON_SUBSCRIBE,
    Action.UNSUBSCRIBE: Action.ON_UNSUBSCRIBE,
    Action.TXN_STATUS: Action.TXN_ON_STATUS,
}
_LISTS = {Action.SEARCH: "search_response", Action.SUBSCRIBE: "subscribe_response"}
# What a status request can ask after, by its `txn_type`; we keep no receipts.
ASKED_AFTER: Mapping[str, tuple[Action, ...]] = {
    "search": (Action.SEARCH,),
    "subscribe": (Action.SUBSCRIBE, Action.UNSUBSCRIBE),
    "receipt": (),
}
LARGEST_REASON = 999


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request.

    Attributes:
        status: of the whole: `succ` where anything of it succeeded.
        items: one per item that was asked for.
        more: what the answer's message says besides.
    """

    status: Status
    items: Sequence[Item]
    more: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"items": list(self.items), "more": dict(self.more)}


def outcome_of(items: Sequence[Item], **more: Any) -> Outcome:
    """The whole, from its items; nothing asked for is nothing refused."""
    is_rejected = bool(items) and all(one["status"] == Status.REJECTED for one in items)
    return Outcome(Status.REJECTED if is_rejected else Status.SUCCEEDED, items, more)


def item(
    reference_id: str,
    at: datetime,
    status: Status = Status.SUCCEEDED,
    reason: Reason | None = None,
    text: str | None = None,
    **more: Any,
) -> Item:
    """One item of an answer."""
    found: Item = {"reference_id": reference_id, "timestamp": stamp(at), "status": status.value}
    if reason is not None:
        found["status_reason_code"] = reason.value
    if text is not None:
        found["status_reason_message"] = text[:LARGEST_REASON]
    return found | more


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def message(
    action: Action,
    transaction_id: str,
    correlation_id: UUID,
    items: Sequence[Item],
    more: Mapping[str, Any],
) -> dict[str, Any]:
    """The message of the answer to an action."""
    found: dict[str, Any] = {
        "transaction_id": transaction_id,
        "correlation_id": str(correlation_id),
        **more,
    }
    if action in _LISTS:
        found[_LISTS[action]] = list(items)
    return found


def repeated(references: Sequence[str]) -> set[int]:
    """The places of those that have stood there before."""
    seen: set[str] = set()
    places = set()
    for place, reference in enumerate(references):
        if reference in seen:
            places.add(place)
        seen.add(reference)
    return places


def status_answer(
    asked: Mapping[str, Any],
    transaction_id: str,
    correlation_id: UUID,
    known: "Standing | None",
    at: datetime,
) -> dict[str, Any]:
    """What is said of a transaction: how its items stand, never what they held.

    Args:
        asked: the status request's `txnstatus_request`.
        transaction_id, correlation_id: of the status request itself.
        known: None where the partner has sent none such: nobody learns whether another one has.
    """
    if known is None:
        lost = item(
            str(asked["reference_id"]),
            at,
            Status.REJECTED,
            Reason.REFERENCE,
            "Không có giao dịch này / no such transaction",
        )
        txn_status: dict[str, Any] = {
            "transaction_id": transaction_id,
            "correlation_id": str(correlation_id),
            "search_response": [lost],
        }
    else:
        items = known.items or [
            item(one, known.received_at, known.status) for one in known.reference_ids
        ]
        txn_status = {
            "transaction_id": known.transaction_id,
            "correlation_id": str(known.request_id),
            "search_response": items,
        }
        if known.action is Action.SUBSCRIBE:
            txn_status["subscribe_response"] = items
    return {"txnstatus_response": {"txn_type": asked["txn_type"], "txn_status": txn_status}}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a transaction of the partner's stands."""

    request_id: UUID
    transaction_id: str
    action: Action
    status: Status
    reference_ids: Sequence[str]
    items: Sequence[Item]
    received_at: datetime

"""By what a message of another registry is known again when it comes twice. Pure."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from libs.common.dci.words import Action

# What a sender writes anew when it tries again.
_ANEW = frozenset({"timestamp", "timesstamp", "timesatmp"})
_NOTIFIED = ("notify_event", "notify_request")


def split(
    action: Action, message_id: str, message: Mapping[str, Any] | None
) -> list[tuple[str, dict[str, Any]]]:
    """What is kept of a message: each part with its key.

    An event is known by its `reference_id`, which stays the same however often it is told; any
    other message by what it says, but for its instants.

    Args:
        message: None for a rejection, whose header stands alone.
    """
    if message is None:
        return [(message_id, {})]
    if action is not Action.NOTIFY:
        return [(_digest(message), dict(message))]
    name = next(one for one in _NOTIFIED if one in message)
    parts = {}
    for event in message[name]:
        parts[str(event["reference_id"])] = {
            "transaction_id": message["transaction_id"],
            "notify_event": [event],
        }
    return list(parts.items())


def _digest(message: Mapping[str, Any]) -> str:
    text = json.dumps(_lasting(message), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lasting(inner) for name, inner in value.items() if name not in _ANEW}
    if isinstance(value, list):
        return [_lasting(inner) for inner in value]
    return value

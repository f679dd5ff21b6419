"""Where answers go: to `sender_uri` where the registration lets it, or to what it names. Pure.

Whether the operator's networks allow an address is judged besides, before each connection.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from libs.common.dci.words import Action

_TAILS = {Action.TXN_ON_STATUS: "txn/on-status"}


def reply_to(sender_uri: str | None, registered: Sequence[str], answer: Action) -> str | None:
    """The address of an answer; None: there is none that it may go to.

    Args:
        registered: beginnings of the addresses that a partner may name. Where it names none, the
            first of them stands for `…/registry`.
        answer: the answer's action.
    """
    if sender_uri is not None:
        allowed = any(_begins(sender_uri, beginning) for beginning in registered)
        return sender_uri if allowed else None
    if not registered:
        return None
    tail = _TAILS.get(answer, answer.value)
    first = urlsplit(registered[0])
    path = first.path.rstrip("/")
    path = path if path.endswith(f"/{tail}") else f"{path}/{tail}"
    return urlunsplit((first.scheme, first.netloc, path, first.query, ""))


def notify_at(reply: str) -> str:
    """Beside the address for answers: the same with `notify` as its last part."""
    parts = urlsplit(reply)
    path = parts.path.rstrip("/").rpartition("/")[0] + "/notify"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def _begins(address: str, beginning: str) -> bool:
    """Whether it lies under the beginning: the same scheme, host and port, and whole path parts."""
    try:
        one, two = urlsplit(address), urlsplit(beginning)
        same = (one.scheme, one.hostname, one.port) == (two.scheme, two.hostname, two.port)
    except ValueError:
        return False
    path, parts = two.path.rstrip("/"), one.path.split("/")
    if not same or ".." in parts or "%2" in one.path:
        return False
    return one.path == path or one.path.startswith(f"{path}/")

"""What a service declares to listen: a name from the contract, a shape, a handler for sets."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from libs.common.contracts.catalogue import SUBSCRIPTIONS, Subscription
from libs.common.contracts.envelope import Received
from libs.common.database import Transaction

Handler = Callable[[Sequence[Received[Any]], Transaction], Awaitable[None]]


class Shape(StrEnum):
    """How a handler copes with order; its docstring says which and why."""

    LATEST_WINS = "latest wins"
    SET_INSERT = "set insert"


@dataclass(frozen=True)
class Consumer:
    """A handler bound to its subscription.

    Attributes:
        name: `<service>.<room>`, a key of `SUBSCRIPTIONS`.
        shape: latest wins gets only the highest fresh version per subject; set insert gets all.
        handler: works in sets, inside the transaction of its effects; says what follows with
            `ledger.append`. Knows nothing of inbox, acks or retries.
    """

    name: str
    shape: Shape
    handler: Handler

    @property
    def subscription(self) -> Subscription:
        return SUBSCRIPTIONS[self.name]


class NotYet(Exception):
    """Raised by a handler for an event whose upstream row is not there yet: take the retry road.

    Args:
        reason: stable machine name; shown to operators.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

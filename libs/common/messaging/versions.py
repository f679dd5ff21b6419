"""Versions over order: which of the received events a handler gets. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from libs.common.contracts.envelope import Received
from libs.common.messaging.consumer import Shape
from libs.common.messaging.inbox import Key


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the handler gets, in the order received, and how many it does not get: those whose
    version was known before, and those that a higher one of the same batch replaces.
    """

    events: list[Received[Any]]
    stale: int
    superseded: int


def choose(shape: Shape, events: Sequence[Received[Any]], previous: Mapping[Key, int]) -> Chosen:
    """Set insert gets everything, also what is stale; latest wins the highest fresh version only.

    Args:
        shape: of the handler.
        events: not received before.
        previous: each subject's version before these events.
    """
    if shape is Shape.SET_INSERT:
        return Chosen(list(events), 0, 0)
    stale = sum(event.version <= previous[event.stream, event.subject] for event in events)
    best: dict[Key, Received[Any]] = {}
    for event in events:
        key = (event.stream, event.subject)
        if event.version > previous[key] and (key not in best or event.version > best[key].version):
            best[key] = event
    chosen = list(best.values())
    return Chosen(chosen, stale, len(events) - stale - len(chosen))

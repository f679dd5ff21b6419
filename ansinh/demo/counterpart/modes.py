"""How well a counterpart behaves: what its lines and clerks do to the writes of a round. Pure."""

from collections.abc import Sequence
from enum import StrEnum
from random import Random
from typing import TypeVar

from ansinh.demo.counterpart.chance import chance

Item = TypeVar("Item")


class Mode(StrEnum):
    """Faults that a real partner has too; any of them together."""

    SLOW = "slow"  # one write a round, small pages
    DOWN = "down"  # it reads nothing, tells nothing and takes no webhook
    DUPLICATING = "duplicating"  # every write is sent twice, at the same time
    OUT_OF_ORDER = "out_of_order"  # the writes of a round in any order
    WRONG = "wrong"  # some write is first told with an error, and put right once it is refused


SMALL_PAGE, LARGE_PAGE = 5, 1_000


def arrange(writes: Sequence[Item], modes: frozenset[Mode], seed: int) -> list[Item]:
    """The writes that leave in this round, in their order."""
    arranged = list(writes)
    if Mode.OUT_OF_ORDER in modes:
        Random(seed).shuffle(arranged)  # noqa: S311  (repeatable chance)
    return arranged[:1] if Mode.SLOW in modes else arranged


def page_size(modes: frozenset[Mode]) -> int:
    return SMALL_PAGE if Mode.SLOW in modes else LARGE_PAGE


def is_slip(name: str, modes: frozenset[Mode], refusals: int) -> bool:
    """Whether a clerk gets this write wrong; never again after a refusal."""
    return Mode.WRONG in modes and refusals == 0 and chance("slip", name) % 3 == 0

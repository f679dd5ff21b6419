"""Whether a number is somebody's is told so often a minute and no oftener, on every road."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from libs.common.problems import Problem
from libs.common.web import Edge
from services.registry.changes.wording import TAKES_TWO
from services.registry.purposes.domain import require
from services.registry.vault.domain import IdentifierType
from services.registry.vault.search import Found, find_by_number
from services.registry.vault.store import TAKEN


async def look_up(edge: Edge, kinds: Sequence[IdentifierType], value: str) -> list[Found]:
    """Who bears the number as one of these types; to find nobody is a guess.

    Raises:
        Problem: 403, no registered purpose is stated.
        TooOften: 429 `search.misses`, the caller has no guess left.
    """
    require(edge.caller.purpose, edge.caller.roles, edge.clock.today())
    edge.guesses.take(edge.caller.subject)
    found = await find_by_number(edge.tx, edge.vault, kinds, value)
    if found:
        edge.guesses.give_back(edge.caller.subject)
    return found


@contextmanager
def refusals_counted(edge: Edge) -> Iterator[None]:
    """What is recorded in here and refused is a guess: somebody else bears the number, or another
    one is known of the person.

    Raises:
        TooOften: 429 `search.misses`, the caller has none left; nothing is looked up.
    """
    who = edge.caller.subject
    edge.guesses.require(who)
    try:
        yield
    except Problem as problem:
        if problem.code in (TAKEN, TAKES_TWO):
            edge.guesses.take(who)
        raise

"""Kinds of routes, by what they answer about whom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from libs.common.security.roles import Role
from tests.support.worlds import Place

Path = Callable[[Place], str]


@dataclass(frozen=True)
class Nobodys:
    """Answers nothing about any household; `why` says what it is about instead."""

    why: str


@dataclass(frozen=True)
class Reads:
    """Shows a place's household, person or decision, and leaves a line on the audit trail.

    Attributes:
        path: asks for the place.
        shows: which id of the place the answer holds.
        is_list: another area's caller gets an answer without it, not a 404.
        audited: which id of the place the trail names; None where the route names its own.
        body: what is posted, where it is asked by POST.
    """

    role: Role
    path: Path
    shows: str = "household"
    is_list: bool = False
    audited: str = "household"
    body: Callable[[Place], dict[str, Any]] | None = None


@dataclass(frozen=True)
class Counts:
    """Numbers of an area's households: zero for whoever may not see them; names nobody."""

    role: Role
    path: Path
    number: Callable[[Any], int]


@dataclass(frozen=True)
class Writes:
    """Changes a place; refused, and without effect, for another area's caller.

    Attributes:
        says: whether an event follows; what says nothing is about no household.
        refused: the statuses with which another area's caller may be refused; a page whose lines
            are refused one by one is a 200.
    """

    role: Role
    path: Path
    body: Callable[[Place], dict[str, Any] | bytes]
    headers: Mapping[str, str] = field(default_factory=dict)
    says: bool = True
    refused: tuple[int, ...] = (403, 404, 422)


RouteCase = Nobodys | Reads | Counts | Writes

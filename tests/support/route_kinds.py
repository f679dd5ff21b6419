"""The kinds of cases that a route can state, and those of the routes that every service has."""

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
    """

    role: Role
    path: Path
    shows: str = "household"
    is_list: bool = False
    audited: str = "household"


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
    body: Callable[[Place], dict[str, Any]]
    headers: Mapping[str, str] = field(default_factory=dict)
    says: bool = True
    refused: tuple[int, ...] = (403, 404, 422)


RouteCase = Nobodys | Reads | Counts | Writes

_BUS = Nobodys("the bus: envelopes without bodies, for operators of the whole service")
_PARTNERS = Nobodys("who the partners are and how they are told, for operators")
TIME = Nobodys("the day of the law")
PUBLIC = Nobodys("public facts")

FLOOR: dict[str, RouteCase] = {
    "GET /internal/v1/parked": _BUS,
    "GET /internal/v1/parked/{parked_id}": _BUS,
    "GET /internal/v1/parked/{parked_id}/values": Nobodys(
        "one parked event, for operators who say what for"
    ),
    "POST /internal/v1/parked/redrive": _BUS,
    "POST /internal/v1/parked/discard": _BUS,
    "GET /internal/v1/outbox/held": _BUS,
    "POST /internal/v1/outbox/release": _BUS,
    "POST /internal/v1/replays": _BUS,
    "GET /internal/v1/replays": _BUS,
    "DELETE /internal/v1/replays/{replay_id}": _BUS,
    "GET /internal/v1/progress": _BUS,
    "POST /internal/v1/progress/seen": _BUS,
    "GET /internal/v1/trace": _BUS,
}


PARTNERS: dict[str, RouteCase] = {
    "GET /internal/v1/partners": _PARTNERS,
    "POST /internal/v1/partners": _PARTNERS,
    "GET /internal/v1/partners/{partner}": _PARTNERS,
    "PUT /internal/v1/partners/{partner}": _PARTNERS,
    "DELETE /internal/v1/partners/{partner}": _PARTNERS,
    "GET /internal/v1/partners/{partner}/endpoints": _PARTNERS,
    "POST /internal/v1/partners/{partner}/endpoints": _PARTNERS,
    "GET /internal/v1/webhooks/{endpoint_id}": _PARTNERS,
    "GET /internal/v1/webhooks/{endpoint_id}/secrets": _PARTNERS,
    "POST /internal/v1/webhooks/{endpoint_id}/rotate": _PARTNERS,
    "POST /internal/v1/webhooks/{endpoint_id}/pause": _PARTNERS,
    "POST /internal/v1/webhooks/{endpoint_id}/resume": _PARTNERS,
    "POST /internal/v1/webhooks/{endpoint_id}/replay": _PARTNERS,
    "DELETE /internal/v1/webhooks/{endpoint_id}": _PARTNERS,
    "GET /internal/v1/webhooks/{endpoint_id}/failed": _PARTNERS,
}

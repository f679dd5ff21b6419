"""From a registration's terms to its scope: area codes become communes, with their succession;
programmes become what row-level security reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from libs.common.areas.scope import ScopeCache
from libs.common.contracts.catalogue import EVENT_TYPES
from libs.common.database import EVERY_AREA, Transaction
from libs.common.partners import registrations
from libs.common.partners.domain import SHAPES, Scope
from libs.common.partners.registrations import Registration, Terms
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.caller import Caller

# Stands where a stream would for what no event tells of, but which has a programme: capital plans.
PLANS = "plan"
_NOTHING = "-"  # matches no row; an empty setting would narrow nothing


@dataclass(frozen=True, slots=True)
class Partner:
    """Who asks, where a partner does.

    Attributes:
        scope: of the registration today, within the token's own areas: what the feed shows.
    """

    registration: Registration
    scope: Scope

    @property
    def communes(self) -> str:
        """For `ansinh.scope`."""
        found = self.scope.communes
        return EVERY_AREA if found is None else ",".join(sorted(found))

    @property
    def programmes(self) -> str:
        """For `ansinh.programmes`."""
        return ",".join(patterns_of(self.scope)) or _NOTHING


async def admit(tx: Transaction, cache: ScopeCache, caller: Caller, day: date) -> Partner:
    """The partner whose token this is.

    Raises:
        Problem: 403, no registration of these tokens is in force.
    """
    found = await registrations.find_by_subject(tx, caller.subject, day)
    if found is None:
        raise _unregistered()
    return Partner(found, await scope_within(tx, cache, found.terms, caller.areas, day))


async def scope_of(tx: Transaction, cache: ScopeCache, terms: Terms, day: date) -> Scope:
    """The scope on a day, in the geography of that day and of the past."""
    communes = await communes_of(tx, cache, terms.areas, day)
    return Scope(terms.event_types, terms.programmes, communes, terms.fields)


async def scope_within(
    tx: Transaction, cache: ScopeCache, terms: Terms, areas: Sequence[str], day: date
) -> Scope:
    """The same where areas are asked for as well: a token's, or a kept request's."""
    scope = await scope_of(tx, cache, terms, day)
    return scope.within(await communes_of(tx, cache, areas, day))


async def communes_of(
    tx: Transaction, cache: ScopeCache, codes: Sequence[str], day: date
) -> frozenset[str] | None:
    """Under which commune codes the records of these areas stand; None: under any."""
    found = await cache.of_caller(tx, codes, day)
    return None if found == EVERY_AREA else frozenset(filter(None, found.split(",")))


def types_of(scope: Scope) -> list[str]:
    """Every event type that the scope names."""
    return [name for name in EVENT_TYPES if scope.reads(name)]


def patterns_of(scope: Scope) -> list[str]:
    """Which rows the scope covers: patterns of LIKE over `stream/programme`."""
    streams = sorted({kind.partition(".")[0] for kind in types_of(scope)} & SHAPES.keys())
    likes = [pattern.replace("_", r"\_").replace("*", "%") for pattern in scope.programmes]
    return [f"{stream}/{like}" for stream in (*streams, PLANS) for like in likes]


def _unregistered() -> Problem:
    title = Text(
        "Thẻ này không thuộc đăng ký đối tác nào còn hiệu lực.",
        "The token belongs to no partner whose registration is valid.",
    )
    fix = Text(
        "Đề nghị người vận hành đăng ký đối tác (ansinh partners).",
        "Ask the operator for a registration (ansinh partners).",
    )
    where = "/header/authorization"
    return Problem(
        403, "partner.unregistered", title, [FieldError(where, "partner.unregistered", title, fix)]
    )

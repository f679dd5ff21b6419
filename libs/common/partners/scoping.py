"""From a token to its partner, and from a registration's terms to its scope: area codes become
communes, with their succession.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from libs.common.areas.scope import ScopeCache
from libs.common.database import EVERY_AREA, Transaction
from libs.common.partners import registrations
from libs.common.partners.domain import Scope
from libs.common.partners.registrations import Registration, Terms
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.caller import Caller


@dataclass(frozen=True, slots=True)
class Partner:
    """Who asks, where a partner does.

    Attributes:
        scope: of the registration today, within the token's own areas: what the feed shows.
    """

    registration: Registration
    scope: Scope


async def admit(tx: Transaction, cache: ScopeCache, caller: Caller, day: date) -> Partner:
    """The partner whose token this is.

    Raises:
        Problem: 403, no registration of these tokens is in force.
    """
    found = await registrations.find_by_subject(tx, caller.subject, day)
    if found is None:
        raise _unregistered()
    scope = await scope_of(tx, cache, found.terms, day)
    return Partner(found, scope.within(await communes_of(tx, cache, caller.areas, day)))


async def scope_of(tx: Transaction, cache: ScopeCache, terms: Terms, day: date) -> Scope:
    """The scope on a day, in the geography of that day and of the past."""
    communes = await communes_of(tx, cache, terms.areas, day)
    return Scope(terms.event_types, terms.programmes, communes, terms.fields)


async def communes_of(
    tx: Transaction, cache: ScopeCache, codes: Sequence[str], day: date
) -> frozenset[str] | None:
    """Under which commune codes the records of these areas stand; None: under any."""
    found = await cache.of_caller(tx, codes, day)
    return None if found == EVERY_AREA else frozenset(filter(None, found.split(",")))


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

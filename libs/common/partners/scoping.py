"""From a registration's terms to its scope: area codes become communes, with their succession."""

from collections.abc import Sequence
from datetime import date

from libs.common.areas.scope import ScopeCache
from libs.common.database import EVERY_AREA, Transaction
from libs.common.partners.domain import Scope
from libs.common.partners.registrations import Terms


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

"""From a token to its partner, and from a registration's terms to its scope: area codes become
communes, with their succession.
"""

from collections.abc import Sequence
from datetime import date

from libs.common.areas.scope import ScopeCache
from libs.common.database import EVERY_AREA, Transaction
from libs.common.partners import registrations
from libs.common.partners.domain import Scope
from libs.common.partners.registrations import Registration, Terms
from libs.common.problems import FieldError, Problem, Text


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


async def partner_of(tx: Transaction, subject: str, day: date) -> Registration:
    """The registration of a token's subject.

    Raises:
        Problem: 403, it belongs to no partner whose registration is valid on the day.
    """
    found = await registrations.find_by_subject(tx, subject, day)
    if found is None:
        title = Text(
            "Thẻ này không thuộc đăng ký đối tác nào còn hiệu lực.",
            "The token belongs to no partner whose registration is valid.",
        )
        fix = Text(
            "Đề nghị người vận hành đăng ký đối tác (ansinh partners).",
            "Ask the operator for a registration (ansinh partners).",
        )
        raise Problem(
            403,
            "partner.unregistered",
            title,
            [FieldError("/header/authorization", "partner.unregistered", title, fix)],
        )
    return found

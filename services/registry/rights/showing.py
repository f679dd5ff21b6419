"""Of whom clear values may be shown to a caller: a purpose is stated, and nothing limits it.

The one place that decides it, for every road on which names and numbers leave the registry.
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from libs.common.database import Transaction
from libs.common.web import Edge
from services.registry.purposes.domain import require
from services.registry.rights import store


def shows_clear(edge: Edge) -> bool:
    """Whether values that are not recorded of anybody yet are shown: a purpose was stated.

    Raises:
        Problem: 403, the purpose is not registered, or not for this caller.
    """
    if edge.caller.purpose is None:
        return False
    require(edge.caller.purpose, edge.caller.roles, edge.clock.today())
    return True


async def clear_for(edge: Edge, person_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of the persons whose values are shown; the others stay masked.

    Raises:
        Problem: 403, the purpose is not registered, or not for this caller.
    """
    stated, today = edge.caller.purpose, edge.clock.today()
    if stated is None:
        return frozenset()
    purpose = require(stated, edge.caller.roles, today)
    limited = await store.limited(edge.tx, person_ids, today, purpose.code, is_duty=purpose.is_duty)
    return frozenset(person_ids) - limited


async def clear_for_partner(
    tx: Transaction, person_ids: Collection[UUID], today: date
) -> frozenset[UUID]:
    """Those of the persons whose names a partner is told, whose registration names them.

    Its ground is the registration's and its purposes are words of its own: so whoever has limited
    the use of the data for any purpose is not among them.
    """
    limited = await store.limited(tx, person_ids, today, None, is_duty=False)
    return frozenset(person_ids) - limited

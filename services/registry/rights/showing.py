"""Of whom clear values may be shown to a caller: a purpose is stated, and nothing limits it.

The one place that decides it, for every road on which names and numbers leave the registry.
"""

from collections.abc import Collection
from uuid import UUID

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

"""The conditions of a statement, of those that are asked for.

A condition that is told to hold by `$1 IS NULL OR` costs nothing in a plan for its values alone. In
a plan for any values, which the server makes once a statement is often repeated, it keeps every
index out: so what is not asked does not stand in the statement.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from libs.common.database.pool import EVERY_AREA, NO_AREA
from libs.common.database.provision import is_worker_role
from libs.common.database.transaction import Transaction

_SCOPE = "SELECT current_user AS role, coalesce(current_setting('ansinh.scope', true), '') AS codes"


class Conditions:
    """What is to hold; each takes its values' places in the order in which it is added.

    Args:
        values: of the statement's other places, which come first.
    """

    def __init__(self, values: Sequence[Any] = ()) -> None:
        self.values = list(values)
        self._parts: list[str] = []

    def add(self, condition: str, *values: Any) -> None:
        """One more; `{0}`, `{1}` ... stand for its values."""
        self._parts.append(condition.format(*map(self.place, values)))

    def place(self, value: Any) -> str:
        """A value beside the conditions, as the statement calls it."""
        self.values.append(value)
        return f"${len(self.values)}"

    def __str__(self) -> str:
        return " AND ".join(self._parts) or "true"


BEFORE_ALL = UUID(int=0)  # where a page in the order of ids begins


def commune_by_commune(statement: str, communes: str, limit: str) -> str:
    """A page in the order of ids, sought in one commune after the other: in the order of all ids it
    would be sought among everybody's.

    Args:
        statement: households of `place.code`, in that order and no more than a page.
        communes, limit: their places in the statement.
    """
    return f"""
SELECT one.household_id FROM unnest({communes}::text[]) AS place(code) CROSS JOIN LATERAL (
  {statement}
) AS one ORDER BY one.household_id LIMIT {limit}
"""


async def communes_in_sight(tx: Transaction) -> list[str] | None:
    """The communes that a transaction is held to; None: to none, it sees all or is a worker's.

    Row-level security hides the rest as well. But it tells the planner nothing: a page in the order
    of ids is sought among everybody's rows, unless the communes are asked for one by one. Whoever
    has no area that is known sees nothing: among all rows, each would be read and hidden.
    """
    (scope,) = await tx.fetch(_SCOPE)
    if scope["codes"] == EVERY_AREA or (
        scope["codes"] == NO_AREA and is_worker_role(scope["role"])
    ):
        return None
    return sorted(set(filter(None, scope["codes"].split(","))))

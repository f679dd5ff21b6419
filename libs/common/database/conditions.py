"""The conditions of a statement, of those that are asked for.

A condition that is told to hold by `$1 IS NULL OR` costs nothing in a plan for its values alone. In
a plan for any values, which the server makes once a statement is often repeated, it keeps every
index out: so what is not asked does not stand in the statement.
"""

from typing import Any


class Conditions:
    """What is to hold; each takes its values' places in the order in which it is added."""

    def __init__(self) -> None:
        self.values: list[Any] = []
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

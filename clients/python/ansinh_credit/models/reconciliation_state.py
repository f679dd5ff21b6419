from enum import StrEnum


class ReconciliationState(StrEnum):
    CANCELLED = "cancelled"
    CLOSED = "closed"
    COMPARING = "comparing"
    DONE = "done"
    OPEN = "open"

    def __str__(self) -> str:
        return str(self.value)

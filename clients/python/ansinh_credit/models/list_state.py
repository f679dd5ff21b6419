from enum import StrEnum


class ListState(StrEnum):
    SETTLED = "settled"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)

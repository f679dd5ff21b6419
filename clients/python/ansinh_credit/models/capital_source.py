from enum import StrEnum


class CapitalSource(StrEnum):
    CENTRAL = "central"
    LOCAL = "local"

    def __str__(self) -> str:
        return str(self.value)

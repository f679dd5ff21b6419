from enum import StrEnum


class ReferralState(StrEnum):
    DISBURSED = "disbursed"
    OPEN = "open"
    WITHDRAWN = "withdrawn"

    def __str__(self) -> str:
        return str(self.value)

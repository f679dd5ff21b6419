from enum import StrEnum


class Acts(StrEnum):
    COMMUNE = "commune"
    PARTNER = "partner"
    US = "us"

    def __str__(self) -> str:
        return str(self.value)

from enum import StrEnum


class Grade(StrEnum):
    AVERAGE = "average"
    FAIR = "fair"
    GOOD = "good"
    WEAK = "weak"

    def __str__(self) -> str:
        return str(self.value)

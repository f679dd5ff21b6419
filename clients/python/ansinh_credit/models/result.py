from enum import StrEnum


class Result(StrEnum):
    RECORDED = "recorded"
    REFUSED = "refused"
    UNCHANGED = "unchanged"

    def __str__(self) -> str:
        return str(self.value)

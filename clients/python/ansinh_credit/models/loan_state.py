from enum import StrEnum


class LoanState(StrEnum):
    CLOSED = "closed"
    EXTENDED = "extended"
    FROZEN = "frozen"
    IN_TERM = "in_term"
    OVERDUE = "overdue"
    WRITTEN_OFF = "written_off"

    def __str__(self) -> str:
        return str(self.value)

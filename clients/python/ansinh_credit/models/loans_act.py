from enum import StrEnum


class LoansAct(StrEnum):
    CHECKED = "checked"
    CLOSED = "closed"
    EXTENDED = "extended"
    FROZEN = "frozen"
    OPENED = "opened"
    RELOCATED = "relocated"
    REPRICED = "repriced"
    STATED = "stated"
    WRITTEN_OFF = "written_off"

    def __str__(self) -> str:
        return str(self.value)

from enum import StrEnum


class DifferenceKind(StrEnum):
    DIFFERS = "differs"
    DUPLICATE = "duplicate"
    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    OUTSIDE_SCOPE = "outside_scope"
    UNREADABLE = "unreadable"

    def __str__(self) -> str:
        return str(self.value)

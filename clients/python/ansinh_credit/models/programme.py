from enum import StrEnum


class Programme(StrEnum):
    VALUE_0 = "01"
    VALUE_1 = "19"
    VALUE_2 = "09"

    def __str__(self) -> str:
        return str(self.value)

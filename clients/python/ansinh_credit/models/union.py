from enum import StrEnum


class Union(StrEnum):
    FARMERS = "farmers"
    VETERANS = "veterans"
    WOMEN = "women"
    YOUTH = "youth"

    def __str__(self) -> str:
        return str(self.value)

"""The base of every event's data: frozen, and deaf to fields it does not know yet."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """Inside `v1` only optional additions; consumers ignore unknown fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def of_trusted(cls, values: dict[str, Any]) -> Self:
        """An instance of values that are known to be right; nothing is validated, nothing copied.

        As `model_construct`, at a fifth of its cost (2 us against 11), which counts where one act
        says hundreds of thousands of rows.

        Args:
            values: every field of the model, defaults included; the instance keeps the dict.
        """
        made = cls.__new__(cls)
        object.__setattr__(made, "__dict__", values)
        object.__setattr__(made, "__pydantic_fields_set__", set(values))
        object.__setattr__(made, "__pydantic_extra__", None)
        object.__setattr__(made, "__pydantic_private__", None)
        return made

"""The base of every event's data: frozen, and deaf to fields it does not know yet."""

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """Inside `v1` only optional additions; consumers ignore unknown fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")

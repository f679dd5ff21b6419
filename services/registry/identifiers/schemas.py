"""What officers send of identifiers, and what they read back: never a number."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from libs.common.web.days import Day
from services.registry.identifiers.domain import IdentifierType


class IdentifierIn(BaseModel):
    """An identifier from a day on."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    value: Annotated[str, Field(min_length=1, max_length=100)]
    from_day: Day


class DoubtOut(BaseModel):
    """What disagrees with what is known; recorded all the same."""

    vi: str
    en: str


class IdentifierOut(BaseModel):
    type: IdentifierType
    from_day: date
    doubts: list[DoubtOut]

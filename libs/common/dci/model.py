"""What every model of the standard has in common: its formats, strict on intake.

Unknown fields are left alone: the standard lets registries add some.
"""

import re
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def _instant(value: Any) -> Any:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise PydanticCustomError("timestamp.format", "an ISO 8601 instant with its zone")
    return value


class Dci(BaseModel):
    """Base of the standard's models."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


Timestamp = Annotated[AwareDatetime, BeforeValidator(_instant)]
Id = Annotated[str, Field(min_length=1, max_length=99)]  # transactions, correlations, codes
Reference = Annotated[str, Field(min_length=1, max_length=255)]
Name = Annotated[str, Field(min_length=1, max_length=255)]
Locale = Annotated[str, Field(pattern=r"^[a-z]{3}$")]  # ISO 639-3

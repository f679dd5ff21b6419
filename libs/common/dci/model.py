"""What every model of the standard has in common: its formats, strict on intake.

Unknown fields are left alone: the standard lets registries add some.
"""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, GetPydanticSchema
from pydantic_core import core_schema

_DAY, _TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
# Checked by the validating library itself: a message has a thousand.
_INSTANT = core_schema.chain_schema(
    [
        core_schema.custom_error_schema(
            core_schema.str_schema(
                strict=True, pattern=f"^{_DAY}[Tt]{_TIME}([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})$"
            ),
            custom_error_type="timestamp.format",
            custom_error_message="an ISO 8601 instant with its zone",
        ),
        core_schema.datetime_schema(tz_constraint="aware"),
    ]
)


class Dci(BaseModel):
    """Base of the standard's models."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


Timestamp = Annotated[datetime, GetPydanticSchema(lambda _source, _handler: _INSTANT)]
Id = Annotated[str, Field(min_length=1, max_length=99)]  # transactions, correlations, codes
Reference = Annotated[str, Field(min_length=1, max_length=255)]
Name = Annotated[str, Field(min_length=1, max_length=255)]
Locale = Annotated[str, Field(pattern=r"^[a-z]{3}$")]  # ISO 639-3

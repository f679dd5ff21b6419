"""What the partners' routes take and answer."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from libs.common.partners.registrations import Registration, Terms
from libs.common.security.certificates import THUMBPRINT
from libs.common.web.days import Day

PARTNER = r"^[a-z][a-z0-9-]{1,39}$"
Slug = Annotated[str, Field(pattern=PARTNER)]
_Subject = Annotated[str, Field(min_length=1, max_length=200)]
_Pattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.*]{1,80}$")]
_Area = Annotated[str, Field(pattern=r"^(\*|[0-9]{2}|[0-9]{3}|[0-9]{5})$")]
_Path = Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)*$", max_length=120)]
_Thumbprint = Annotated[str, Field(pattern=THUMBPRINT)]
_Said = Annotated[str, Field(min_length=3, max_length=500)]


class TermsIn(BaseModel):
    """What a partner may see, and on which legal ground."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)]
    subjects: list[_Subject] = Field(min_length=1, max_length=20)
    event_types: list[_Pattern] = Field(min_length=1, max_length=50)
    programmes: list[_Pattern] = Field(min_length=1, max_length=200)
    areas: list[_Area] = Field(min_length=1, max_length=500)
    fields: list[_Path] = Field(min_length=1, max_length=200)
    legal_basis: _Said
    legal_document: _Said
    valid_from: Day
    valid_until: Day | None = None
    per_second: int = Field(10, ge=1, le=1_000)
    is_confirmed: bool = False
    certificates: list[_Thumbprint] = Field(default=[], max_length=10)

    def terms(self) -> Terms:
        values: dict[str, Any] = {name: getattr(self, name) for name in TermsIn.model_fields}
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        return Terms(**given)


class RegistrationIn(TermsIn):
    """A new partner."""

    partner: Slug


class RegistrationOut(BaseModel):
    partner: str
    version: int
    name: str
    subjects: list[str]
    event_types: list[str]
    programmes: list[str]
    areas: list[str]
    fields: list[str]
    legal_basis: str
    legal_document: str
    valid_from: date
    valid_until: date | None
    per_second: int
    is_confirmed: bool
    certificates: list[str]
    recorded_at: datetime
    recorded_by: str

    @classmethod
    def of(cls, one: Registration) -> "RegistrationOut":
        terms: dict[str, Any] = {
            name: getattr(one.terms, name) for name in Terms.__dataclass_fields__
        }
        return cls(
            partner=one.partner,
            version=one.version,
            recorded_at=one.recorded_at,
            recorded_by=one.recorded_by,
            **{n: list(v) if isinstance(v, tuple) else v for n, v in terms.items()},
        )


class ChangeOut(BaseModel):
    """An event as this partner may see it: CloudEvents 1.0, `data` with the registered fields.

    Without `data` and with `scopeleft` it tells that the subject is no longer the partner's.
    """

    model_config = ConfigDict(extra="allow")

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    recordedtime: datetime
    sequence: str
    correlationid: str
    data: dict[str, JsonValue] | None = None
    scopeleft: bool | None = None


class ChangesOut(BaseModel):
    """A page of the change feed.

    `next` goes into `after` of the next request, also of tomorrow's; where nothing is new it stays
    the same. `has_more` is false where the ledger's end was reached.
    """

    items: list[ChangeOut]
    next: str | None
    has_more: bool

"""A purpose as everyone may read it."""

from datetime import date
from typing import Self

from pydantic import BaseModel

from services.registry.purposes.domain import Purpose


class PurposeText(BaseModel):
    vi: str
    en: str


class PurposeOut(BaseModel):
    """A purpose with its legal ground, and the roles that may state it to see values."""

    code: str
    title: PurposeText
    document: str
    is_confirmed: bool
    effective: date
    until: date | None
    roles: list[str]

    @classmethod
    def of(cls, purpose: Purpose) -> Self:
        return cls(
            code=purpose.code,
            title=PurposeText(vi=purpose.title.vi, en=purpose.title.en),
            document=purpose.document,
            is_confirmed=purpose.is_confirmed,
            effective=purpose.effective,
            until=purpose.until,
            roles=sorted(purpose.roles),
        )


class PurposesOut(BaseModel):
    items: list[PurposeOut]

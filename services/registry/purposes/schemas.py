"""A purpose as everyone may read it."""

from datetime import date
from typing import Self

from pydantic import BaseModel

from services.registry.purposes.domain import Purpose
from services.registry.rights.domain import Rule


class PurposeText(BaseModel):
    vi: str
    en: str


class PurposeOut(BaseModel):
    """A purpose with its legal ground, and the roles that may state it to see values.

    `is_duty`: a duty of the state, which goes on where a person objects in general.
    """

    code: str
    title: PurposeText
    document: str
    is_confirmed: bool
    effective: date
    until: date | None
    is_duty: bool
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
            is_duty=purpose.is_duty,
            roles=sorted(purpose.roles),
        )


class RuleOut(BaseModel):
    """A row of the law on requests or retention; what is not confirmed says so."""

    title: PurposeText
    numbers: dict[str, int]
    document: str
    is_confirmed: bool
    effective: date
    note: PurposeText | None

    @classmethod
    def of(cls, rule: Rule) -> Self:
        note = None if rule.note is None else PurposeText(vi=rule.note.vi, en=rule.note.en)
        return cls(
            title=PurposeText(vi=rule.title.vi, en=rule.title.en),
            numbers=dict(rule.numbers),
            document=rule.document,
            is_confirmed=rule.is_confirmed,
            effective=rule.effective,
            note=note,
        )


class PurposesOut(BaseModel):
    """For what data are processed, by when requests are answered, how long identity is kept."""

    items: list[PurposeOut]
    request_times: list[RuleOut]
    retention: list[RuleOut]

"""How an explanation is answered: what was asked, what was found, under which document."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, JsonValue

from libs.common.contracts.entitlement import SubjectKind
from services.eligibility.catalogue.domain import Explanation, TableExplanation


class _FromLaw(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TextOut(_FromLaw):
    """One message in Vietnamese and English."""

    vi: str
    en: str


class ConditionOut(_FromLaw):
    """One condition: what is asked, what is so, and whether it held."""

    fact: str
    asked: TextOut
    found: TextOut
    held: bool


class SourceOut(_FromLaw):
    """The legal basis; `is_confirmed` is false while the text itself is still to be checked."""

    document: str
    article: str | None
    is_confirmed: bool
    note: TextOut | None


class RowOut(_FromLaw):
    """One way to fulfil the table: every condition must hold; the first such row decides."""

    row: str
    title: TextOut
    programme: str | None
    held: bool
    decided: bool
    conditions: list[ConditionOut]
    source: SourceOut


class TableOut(BaseModel):
    """One version of one rule table; one of another place (`scope`) decides nothing."""

    table: str
    title: TextOut
    effective: date
    until: date | None
    scope: ConditionOut
    rows: list[RowOut]

    @classmethod
    def of(cls, asked: TableExplanation) -> "TableOut":
        return cls(
            table=asked.table.id,
            title=TextOut.model_validate(asked.table.title),
            effective=asked.table.effective,
            until=asked.table.until,
            scope=ConditionOut.model_validate(asked.scope),
            rows=[RowOut.model_validate(row) for row in asked.reason.rows],
        )


class ExplanationOut(BaseModel):
    """Why the subject is entitled to the programme on the day, or why not.

    `table`, `row`, `document` and `is_confirmed` are those of the deciding row; null without one.
    """

    programme: str
    subject_kind: SubjectKind
    subject_id: UUID
    day: date
    is_entitled: bool
    summary: TextOut
    standard: str | None
    presence: list[ConditionOut]
    tables: list[TableOut]
    table: str | None
    row: str | None
    document: str | None
    is_confirmed: bool | None
    benefit: dict[str, JsonValue]
    notes: list[TextOut]

    @classmethod
    def of(cls, found: Explanation) -> "ExplanationOut":
        return cls(
            programme=found.programme,
            subject_kind=SubjectKind(found.subject_kind.value),
            subject_id=found.subject_id,
            day=found.day,
            is_entitled=found.is_entitled,
            summary=TextOut.model_validate(found.summary),
            standard=found.standard,
            presence=[ConditionOut.model_validate(one) for one in found.presence],
            tables=[TableOut.of(asked) for asked in found.tables],
            table=found.table,
            row=found.row,
            document=found.document,
            is_confirmed=found.is_confirmed,
            benefit=dict(found.benefit),
            notes=[TextOut.model_validate(note) for note in found.notes],
        )

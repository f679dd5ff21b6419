"""What is sent and read about capital plans."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from libs.common.vocabulary import CapitalSource
from services.credit.loans.schemas import Document, Vnd
from services.credit.plans.domain import Plan


class PlanIn(BaseModel):
    """How much may be lent in the year, VND, by which document."""

    model_config = ConfigDict(extra="forbid")

    amount: Vnd
    document: Document


class PlanOut(BaseModel):
    """Planned, paid out and left, VND; below zero where a plan was cut under what had been paid."""

    commune: Annotated[str, Field(description="Mã xã / commune")]
    source: CapitalSource
    programme: str
    year: int
    version: int
    document: str
    planned: int
    disbursed: int
    left: int

    @classmethod
    def of(cls, plan: Plan) -> "PlanOut":
        return cls(
            commune=plan.key.commune,
            source=plan.key.source,
            programme=plan.key.programme,
            year=plan.key.year,
            version=plan.version,
            document=plan.document,
            planned=plan.amount,
            disbursed=plan.disbursed,
            left=plan.left,
        )

"""How much, how long and at what rate, on any day."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.days import Day
from services.credit.terms.domain import terms_book, terms_on
from services.credit.terms.schemas import LawTermsOut

router = APIRouter(prefix="/terms", tags=["Điều kiện vay / Loan terms"])

# Nobody's data: open to every role.
Reader = Annotated[Edge, Depends(allow(*Role))]


@router.get("", summary="Điều kiện vay vào một ngày / loan terms on a day")
async def get_terms(
    edge: Reader,
    programme: Annotated[str, Query(pattern="^[0-9]{2}$")],
    on: Day | None = None,
) -> LawTermsOut:
    """The terms of a programme; today where no day is asked for."""
    return LawTermsOut.of(terms_on(programme, on or edge.clock.today(), terms_book()))

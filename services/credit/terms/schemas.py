"""What is read about loan terms."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from services.credit.terms.domain import Terms


class LawTermsOut(BaseModel):
    """The terms of a programme on a day: VND, months, percent a year as decimal text.

    `table` and `row` name the rule, `document` its source; `is_confirmed` is false where that is
    still to be confirmed.
    """

    programme: str
    on: date
    max_amount: int
    max_months: int
    yearly_rate_percent: Decimal
    overdue_rate_percent: Decimal
    document: str
    is_confirmed: bool
    table: str
    row: str

    @classmethod
    def of(cls, terms: Terms) -> "LawTermsOut":
        return cls(
            programme=terms.programme,
            on=terms.on,
            max_amount=terms.max_amount,
            max_months=terms.max_months,
            yearly_rate_percent=terms.yearly_rate_percent,
            overdue_rate_percent=terms.overdue_rate_percent,
            document=terms.document,
            is_confirmed=terms.is_confirmed,
            table=terms.table,
            row=terms.row,
        )

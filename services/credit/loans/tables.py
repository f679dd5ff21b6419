"""Tables of the loans: the current row, every version, the bank's statement of every month."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, Numeric, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.credit.metadata import CreditTable


class LoanRow(CreditTable, table=True):
    """A loan as it stands; `asked` keeps, per act, what was last asked for and done."""

    __tablename__ = "loan"
    __table_args__ = (
        Index("loan_household", "household_id"),
        Index("loan_programme", "programme", "state", "loan_id"),
        Index(
            "loan_check",
            "check_due_on",
            postgresql_where=text("checked_on IS NULL"),
        ),
    )

    loan_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(unique=True)
    need_id: UUID | None
    household_id: UUID
    version: int = Field(sa_type=BigInteger)
    commune: str = Field(sa_type=Text)
    area: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    contract_number: str = Field(sa_type=Text)
    asked: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    programme: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    principal: int = Field(sa_type=BigInteger)
    paid_on: date
    months: int
    first_due_on: date
    due_on: date
    balance_in_term: int = Field(sa_type=BigInteger)
    balance_overdue: int = Field(sa_type=BigInteger)
    balance_frozen: int = Field(sa_type=BigInteger)
    interest_in_term: int = Field(sa_type=BigInteger)
    interest_overdue: int = Field(sa_type=BigInteger)
    interest_frozen: int = Field(sa_type=BigInteger)
    balance_on: date
    yearly_rate: Decimal = Field(sa_type=Numeric)
    overdue_rate: Decimal = Field(sa_type=Numeric)
    rate_on: date
    rate_document: str = Field(sa_type=Text)
    frozen_from: date | None
    frozen_until: date | None
    check_due_on: date
    checked_on: date | None
    is_used_as_agreed: bool | None
    changed_on: date


class LoanVersion(CreditTable, table=True):
    """A loan as it stood after each version, with the act that made it; never changed.

    The version `opened` also says where a payment counts against the capital plan.
    """

    __tablename__ = "loan_version"
    __table_args__ = (
        Index(
            "loan_version_opened",
            "commune",
            "source",
            "programme",
            "paid_on",
            postgresql_where=text("act = 'opened'"),
        ),
    )

    loan_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_type=BigInteger)
    commune: str = Field(sa_type=Text)
    act: str = Field(sa_type=Text)
    document: str | None = Field(sa_type=Text)
    programme: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    principal: int = Field(sa_type=BigInteger)
    paid_on: date
    months: int
    first_due_on: date
    due_on: date
    balance_in_term: int = Field(sa_type=BigInteger)
    balance_overdue: int = Field(sa_type=BigInteger)
    balance_frozen: int = Field(sa_type=BigInteger)
    interest_in_term: int = Field(sa_type=BigInteger)
    interest_overdue: int = Field(sa_type=BigInteger)
    interest_frozen: int = Field(sa_type=BigInteger)
    balance_on: date
    yearly_rate: Decimal = Field(sa_type=Numeric)
    overdue_rate: Decimal = Field(sa_type=Numeric)
    rate_on: date
    rate_document: str = Field(sa_type=Text)
    frozen_from: date | None
    frozen_until: date | None
    check_due_on: date
    checked_on: date | None
    is_used_as_agreed: bool | None
    changed_on: date
    correlation_id: UUID
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))


class LoanStatement(CreditTable, table=True):
    """What the bank's books said at the end of one month; once per loan and month."""

    __tablename__ = "loan_statement"

    loan_id: UUID = Field(primary_key=True)
    month_end: date = Field(primary_key=True)
    commune: str = Field(sa_type=Text)
    balance_in_term: int = Field(sa_type=BigInteger)
    balance_overdue: int = Field(sa_type=BigInteger)
    balance_frozen: int = Field(sa_type=BigInteger)
    interest_in_term: int = Field(sa_type=BigInteger)
    interest_overdue: int = Field(sa_type=BigInteger)
    interest_frozen: int = Field(sa_type=BigInteger)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))

"""Tables of the capital plans: the current row and every version."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Text
from sqlmodel import Field

from services.credit.metadata import CreditTable


class PlanRow(CreditTable, table=True):
    """How much may be lent, VND; whoever pays locks it."""

    __tablename__ = "capital_plan"

    commune: str = Field(primary_key=True, sa_type=Text)
    source: str = Field(primary_key=True, sa_type=Text)
    programme: str = Field(primary_key=True, sa_type=Text)
    year: int = Field(primary_key=True)
    version: int
    amount: int = Field(sa_type=BigInteger)
    document: str = Field(sa_type=Text)


class PlanVersion(CreditTable, table=True):
    """A plan as it was after each version; never changed."""

    __tablename__ = "capital_plan_version"

    commune: str = Field(primary_key=True, sa_type=Text)
    source: str = Field(primary_key=True, sa_type=Text)
    programme: str = Field(primary_key=True, sa_type=Text)
    year: int = Field(primary_key=True)
    version: int = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)
    document: str = Field(sa_type=Text)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))

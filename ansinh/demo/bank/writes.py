"""What the bank tells An Sinh, and how it is put on the road."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ReceiptWrite:
    """The bank has the need."""

    kind: ClassVar[str] = "receipt"
    case_id: str
    referral_id: UUID
    received_on: date

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        received_on = date.fromisoformat(row["received_on"])
        return cls(row["case_id"], UUID(row["referral_id"]), received_on)

    def body(self) -> dict[str, Any]:
        return {"received_on": self.received_on.isoformat()}


@dataclass(frozen=True, slots=True)
class AnswerWrite:
    """Approved or refused."""

    kind: ClassVar[str] = "answer"
    case_id: str
    referral_id: UUID
    answered_on: date
    approved: bool
    amount: int | None
    months: int | None
    reason: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            row["case_id"],
            UUID(row["referral_id"]),
            date.fromisoformat(row["answered_on"]),
            bool(row["approved"]),
            row["amount"],
            row["months"],
            row["reason"],
        )

    def body(self) -> dict[str, Any]:
        answered = {"approved": self.approved, "answered_on": self.answered_on.isoformat()}
        if self.approved:
            return {**answered, "amount": self.amount, "months": self.months}
        return {**answered, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class PaymentWrite:
    """The money left, under a contract."""

    kind: ClassVar[str] = "disbursement"
    case_id: str
    referral_id: UUID
    contract_number: str
    amount: int
    months: int
    source: str
    paid_on: date

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            row["case_id"],
            UUID(row["referral_id"]),
            row["contract_number"],
            row["amount"],
            row["months"],
            row["source"],
            date.fromisoformat(row["paid_on"]),
        )

    def body(self) -> dict[str, Any]:
        return {
            "paid_on": self.paid_on.isoformat(),
            "amount": self.amount,
            "contract_number": self.contract_number,
            "months": self.months,
            "source": self.source,
        }


Write = ReceiptWrite | AnswerWrite | PaymentWrite


@dataclass(frozen=True, slots=True)
class Line:
    """One loan's statement of one month: what is owed in term, VND."""

    contract_number: str
    loan_id: UUID
    month_end: date
    principal: int
    interest: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            row["contract_number"],
            UUID(row["loan_id"]),
            date.fromisoformat(row["month_end"]),
            row["principal"],
            row["interest"],
        )

    @property
    def name(self) -> str:
        """Of the write, in the list of problems."""
        return f"statement:{self.contract_number}:{self.month_end:%Y-%m}"

    def body(self) -> dict[str, Any]:
        return {
            "loan_id": str(self.loan_id),
            "month": f"{self.month_end:%Y-%m}",
            "balances": {"in_term": self.principal},
            "interest": {"in_term": self.interest},
        }


def name_of(write: Write) -> str:
    """Of the write, in the list of problems; the same for ever."""
    return f"{write.kind}:{write.case_id}"

"""The bank's books beside An Sinh's loans, line by line. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Account:
    """A loan as one of the two keeps it; amounts in VND.

    Attributes:
        principal: what was paid out.
        owed, interest: what is owed of it, and the interest owed, as of `owed_on`.
    """

    contract_number: str
    referral_id: UUID
    principal: int
    paid_on: date
    months: int
    source: str
    owed: int
    interest: int
    owed_on: date

    @classmethod
    def of_loan(cls, loan: Mapping[str, Any]) -> Self:
        """As `GET /credit/v1/loans` answers it."""
        return cls(
            contract_number=loan["contract_number"],
            referral_id=UUID(loan["referral_id"]),
            principal=loan["principal"],
            paid_on=date.fromisoformat(loan["paid_on"]),
            months=loan["months"],
            source=loan["source"],
            owed=sum(loan["balances"].values()),
            interest=sum(loan["interest"].values()),
            owed_on=date.fromisoformat(loan["balance_on"]),
        )


def differences(books: Iterable[Account], loans: Iterable[Account]) -> list[str]:
    """What the two do not say alike: a line for each contract that is not the same in both."""
    here = {account.contract_number: account for account in books}
    there = {account.contract_number: account for account in loans}
    found = []
    for contract in sorted(here.keys() | there.keys()):
        mine, theirs = here.get(contract), there.get(contract)
        if mine is None or theirs is None:
            only = "An Sinh" if mine is None else "ngân hàng / the bank"
            found.append(f"{contract}: chỉ có ở / only at {only}")
        elif mine != theirs:
            found.append(f"{contract}: {', '.join(_unlike(mine, theirs))}")
    return found


def _unlike(mine: Account, theirs: Account) -> list[str]:
    return [
        f"{field.name} {getattr(mine, field.name)} ≠ {getattr(theirs, field.name)}"
        for field in fields(Account)
        if getattr(mine, field.name) != getattr(theirs, field.name)
    ]

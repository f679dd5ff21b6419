"""The bank's books as an auditor reads them: nothing is written, also while the bank works."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from ansinh.demo.counterpart.books import read_all

_ACCOUNTS = """
SELECT payment.*, month_end, principal, interest FROM payment
LEFT JOIN (SELECT contract_number, max(month_end) AS month_end, principal, interest
           FROM statement WHERE state = 'told' GROUP BY contract_number) USING (contract_number)
WHERE payment.state = 'paid' ORDER BY contract_number
"""
_COUNTS = """
SELECT (SELECT count(*) FROM answer WHERE receipt_told) AS received,
       (SELECT count(*) FROM answer WHERE answer_told AND approved) AS approved,
       (SELECT count(*) FROM answer WHERE answer_told AND NOT approved) AS refused,
       (SELECT count(*) FROM payment WHERE state = 'promised') AS promised,
       (SELECT count(*) FROM payment WHERE state = 'paid') AS paid,
       (SELECT count(*) FROM payment WHERE state = 'void') AS void,
       (SELECT count(*) FROM statement WHERE state = 'told') AS stated,
       (SELECT count(*) FROM problem) AS problems
"""


@dataclass(frozen=True, slots=True)
class Account:
    """A loan as the bank keeps it; amounts in VND.

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


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of the books: cases by what An Sinh was told of them, payments, statements."""

    received: int
    approved: int
    refused: int
    promised: int
    paid: int
    void: int
    stated: int
    problems: int


def read_accounts(path: Path) -> list[Account]:
    """Every loan that was paid out, with what is owed as last told."""
    return [_account_of(row) for row in read_all(path, _ACCOUNTS)]


def read_counts(path: Path) -> Counts:
    (row,) = read_all(path, _COUNTS)
    return Counts(**dict(row))


def _account_of(row: Mapping[str, Any]) -> Account:
    is_stated = row["month_end"] is not None
    return Account(
        contract_number=row["contract_number"],
        referral_id=UUID(row["referral_id"]),
        principal=row["amount"],
        paid_on=date.fromisoformat(row["paid_on"]),
        months=row["months"],
        source=row["source"],
        owed=row["principal"] if is_stated else row["amount"],
        interest=row["interest"] if is_stated else 0,
        owed_on=date.fromisoformat(row["month_end"] or row["paid_on"]),
    )

"""A bank's list beside credit's: loans, lines, and the road of the partner API."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import httpx

from libs.common.database import Database
from services.credit.loans.opening import NewLoan, open_loans
from services.credit.reconciling.store import LOANS
from tests.integration.credit.builders import a_loan
from tests.support.partners import BANK, HERE

AT = "/v1/reconciliations"
AS_OF = date(2022, 5, 31)
REGISTERED: dict[str, Any] = {
    "event_types": ("loan.*.v1", "referral.*.v1"),
    "fields": (*(one.path for one in LOANS.columns if one.path), "household_id"),
}
Values = dict[str, str]


async def lend(
    worker: Database, households: Iterable[UUID], commune: str = HERE, book: str = "HD"
) -> list[NewLoan]:
    """A loan to each household, with numbers in their order."""
    loans = [
        a_loan(household, commune, contract_number=f"{book}-{commune}-{place:05}")
        for place, household in enumerate(households)
    ]
    async with worker.transaction() as tx:
        await open_loans(tx, loans)
    return loans


def line_of(loan: NewLoan, **other: str) -> Values:
    """The loan as the bank's books have it: nothing is repaid yet."""
    return {
        "contract_number": loan.contract_number,
        "referral_id": str(loan.referral_id),
        "commune": loan.commune,
        "programme": loan.programme,
        "source": "central",
        "state": "in_term",
        "principal": str(loan.principal),
        "paid_on": loan.paid_on.isoformat(),
        "months": str(loan.months),
        "due_on": "2027-02-15",
        "balance_in_term": str(loan.principal),
        "balance_overdue": "0",
        "balance_frozen": "0",
        "interest_in_term": "0",
        "interest_overdue": "0",
        "interest_frozen": "0",
        "balance_on": loan.paid_on.isoformat(),
        "yearly_rate_percent": "6.6",
    } | other


def csv_of(lines: Sequence[Values]) -> str:
    names = [LOANS.key.name, *(one.name for one in LOANS.columns)]
    return "\n".join([",".join(names), *(",".join(line[n] for n in names) for line in lines)])


class Bank:
    """A partner with a list."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str] = BANK) -> None:
        self.client, self.headers = client, headers

    async def ask(
        self, method: str, path: str, status: int = 200, csv: str | None = None, **content: Any
    ) -> Any:
        headers = dict(self.headers)
        if csv is not None:
            headers["Content-Type"] = "text/csv; charset=utf-8"
            content["content"] = csv.encode()
        answer = await self.client.request(method, f"{AT}{path}", headers=headers, **content)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def open(self, listing: str = "loans", as_of: date = AS_OF, **more: Any) -> str:
        body = {"list": listing, "as_of": as_of.isoformat(), **more}
        return str((await self.ask("POST", "", 201, json=body))["reconciliation_id"])

    async def close(self, one: str, pages: int, status: int = 200) -> Any:
        return await self.ask("POST", f"/{one}/close", status, json={"pages": pages})

    async def differences(self, one: str, **query: Any) -> list[Any]:
        found: list[Any] = []
        after: str | None = None
        while True:
            asked = {"limit": 4} | query | ({"after": after} if after else {})
            page = await self.ask("GET", f"/{one}/differences", params=asked)
            found += page["items"]
            after = page["next"]
            if after is None:
                return found

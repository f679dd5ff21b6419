"""Loan needs on a real database: each step of their road, over HTTP or straight at the acts."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import httpx

from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.security.roles import Role
from libs.common.vocabulary import CapitalSource
from services.credit.lists.acts import confirm_list, keep_list
from services.credit.lists.domain import Ballot, NeedList, Verdict
from services.credit.needs.acts import Circumstances, apply_for
from services.credit.needs.domain import Application
from services.credit.referrals.pricing import current_price
from tests.support.edge import bearer
from tests.support.servers import ServiceDatabase

BANK, OFFICER, CHAIRMAN = bearer(Role.BANK), bearer(Role.OFFICER), bearer(Role.CHAIRMAN)
APPLIED_ON, VOTED_ON, CONFIRMED_ON = date(2022, 5, 4), date(2022, 5, 10), date(2022, 5, 12)
RECEIVED_ON, ANSWERED_ON, PAID_ON = date(2022, 5, 13), date(2022, 5, 19), date(2022, 5, 25)
ON_TIME = date(2022, 6, 1)


async def apply(tx: Transaction, need_id: UUID, referral_id: UUID) -> None:
    """A need as an officer records it."""
    asked = Application("Mua bò sinh sản", 40_000_000, 60, CapitalSource.CENTRAL, None, APPLIED_ON)
    around = Circumstances(ON_TIME, current_price(), new_id())
    await apply_for(tx, need_id, referral_id, asked, around)


async def list_needs(tx: Transaction, list_id: UUID, commune: str, *need_ids: UUID) -> None:
    """A list on which every need is carried."""
    ballots = tuple(Ballot(need_id, 9, 1) for need_id in need_ids)
    sheet = NeedList(list_id, commune, None, VOTED_ON, "01/10C", ballots)
    await keep_list(tx, sheet, "tester", ON_TIME)


async def send_need(tx: Transaction, referral_id: UUID, commune: str) -> None:
    """A need that the commune has confirmed: it is with the bank."""
    need_id, list_id = new_id(), new_id()
    await apply(tx, need_id, referral_id)
    await list_needs(tx, list_id, commune, need_id)
    await confirm_list(tx, list_id, [Verdict(need_id, True, None)], CONFIRMED_ON, ON_TIME)


def rules(answer: httpx.Response) -> list[tuple[str, str]]:
    """Field and rule of every fault that a refusal names."""
    return [(error["pointer"], error["rule"]) for error in answer.json()["errors"]]


async def said(database: ServiceDatabase) -> list[dict[str, Any]]:
    """The data of every event of referrals, oldest first."""
    async with database.as_worker() as worker, worker.transaction() as tx:
        rows = await tx.fetch("SELECT body FROM event_log WHERE stream = 'referral' ORDER BY seq")
    return [json.loads(row["body"])["data"] for row in rows]


class Road:
    """The steps over HTTP; a keyword changes what is sent."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def send(self, referral_id: UUID, need_id: UUID, list_id: UUID) -> None:
        """Applied for, carried by the vote, confirmed: it is with the bank."""
        await self.apply(need_id, referral_id)
        await self.vote(list_id, need_id)
        await self.confirm(list_id, need_id)

    async def apply(self, need_id: UUID, referral_id: UUID, **changed: Any) -> httpx.Response:
        body = {
            "referral_id": str(referral_id),
            "purpose": "Mua bò sinh sản",
            "amount": 40_000_000,
            "months": 60,
            "source": "central",
            "applied_on": str(APPLIED_ON),
        }
        return await self._put(f"/v1/needs/{need_id}", body | changed, OFFICER)

    async def vote(self, list_id: UUID, *need_ids: UUID, **changed: Any) -> httpx.Response:
        body = {
            "list_id": str(list_id),
            "commune": "01882",
            "voted_on": str(VOTED_ON),
            "minutes_number": "01/10C",
            "entries": [
                {"need_id": str(need_id), "votes_for": 9, "votes_against": 1}
                for need_id in need_ids
            ],
        }
        return await self.client.post("/v1/lists", json=body | changed, headers=OFFICER)

    async def confirm(self, list_id: UUID, *need_ids: UUID, **changed: Any) -> httpx.Response:
        body = {
            "confirmed_on": str(CONFIRMED_ON),
            "entries": [{"need_id": str(need_id), "is_confirmed": True} for need_id in need_ids],
        }
        path = f"/v1/lists/{list_id}/confirmation"
        return await self.client.post(path, json=body | changed, headers=CHAIRMAN)

    async def receive(self, referral_id: UUID, **changed: Any) -> httpx.Response:
        body = {"received_on": str(RECEIVED_ON)} | changed
        return await self._bank(f"/v1/referrals/{referral_id}/receipt", body)

    async def answer(self, referral_id: UUID, **changed: Any) -> httpx.Response:
        body = {"approved": True, "answered_on": str(ANSWERED_ON)} | changed
        return await self._bank(f"/v1/referrals/{referral_id}/answer", body)

    async def pay(self, referral_id: UUID, **changed: Any) -> httpx.Response:
        body = {"paid_on": str(PAID_ON), "amount": 40_000_000, "contract_number": "HD-1"} | changed
        return await self._bank(f"/v1/referrals/{referral_id}/disbursement", body)

    async def withdraw(self, need_id: UUID, **changed: Any) -> httpx.Response:
        body = {"on": str(PAID_ON), "reason": "Hộ không còn nhu cầu"} | changed
        return await self._put(f"/v1/needs/{need_id}/withdrawal", body, OFFICER)

    async def need(self, need_id: UUID) -> Any:
        """The need as it stands, with its history."""
        return (await self.client.get(f"/v1/needs/{need_id}", headers=OFFICER)).json()

    async def steps(self, need_id: UUID) -> list[tuple[str, str]]:
        """Act and stage of every version."""
        history = (await self.need(need_id))["history"]
        return [(step["act"], step["stage"]) for step in history]

    async def _bank(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        return await self._put(path, body, {**BANK, "If-Match": "*"})

    async def _put(
        self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> httpx.Response:
        return await self.client.put(path, json=dict(body), headers=dict(headers))

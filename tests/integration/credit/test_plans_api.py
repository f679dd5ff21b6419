"""Capital plans over HTTP: entered, changed, read beside what was paid; a payment keeps within."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.database import Database
from libs.common.ids import new_id
from libs.common.problems import Problem
from libs.common.security.roles import Role
from libs.common.vocabulary import CapitalSource
from services.credit.app import build
from services.credit.loans.opening import open_loans
from services.credit.plans.domain import PlanKey
from services.credit.plans.store import lock_plans
from tests.integration.credit.builders import START, a_loan, a_plan, entitled, hand_over, referrals
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase

PATH = "/v1/plans/01882/central/01/2022"
BANK, PROVINCE = bearer(Role.BANK), bearer(Role.PROVINCE)
PLAN = {"amount": 120_000_000, "document": "KH-1/2022"}


@pytest_asyncio.fixture
async def client(database: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(build(), database, clock=FixedDayClock(date(2023, 3, 1))) as client:
        yield client


async def pay(worker: Database, **values: Any) -> bool:
    """Whether 50 million could be paid out."""
    try:
        async with worker.transaction() as tx:
            await open_loans(tx, [a_loan(new_id(), **values)])
    except Problem as problem:
        if problem.code != "plan.exceeded":
            raise
        return False
    return True


async def test_a_plan_is_entered_once_and_changed_by_who_has_read_it(
    client: httpx.AsyncClient,
) -> None:
    more = {"amount": 150_000_000, "document": "KH-2/2022"}
    for body, tag, status, version in (
        (PLAN, None, 200, '"1"'),
        (PLAN, None, 200, '"1"'),
        (more, None, 428, None),
        (more, '"7"', 412, None),
        (more, '"1"', 200, '"2"'),
        (more, '"1"', 200, '"2"'),
    ):
        headers = PROVINCE if tag is None else {**PROVINCE, "If-Match": tag}
        answer = await client.put(PATH, json=body, headers=headers)
        assert (answer.status_code, answer.headers.get("etag")) == (status, version)
    for path in ("/v1/plans/01882/other/01/2022", "/v1/plans/01882/local/77/2022"):
        assert (await client.put(path, json=PLAN, headers=PROVINCE)).status_code == 422
    officer = bearer(Role.OFFICER)
    assert (await client.put(PATH, json=PLAN, headers=officer)).status_code == 403


async def test_plans_are_read_beside_what_was_paid_out(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    await client.put(PATH, json=PLAN, headers=PROVINCE)
    await client.put("/v1/plans/01882/local/01/2022", json=PLAN, headers=PROVINCE)
    async with database.as_worker() as worker:
        assert await pay(worker)
        assert await pay(worker, paid_on=date(2023, 1, 1))  # another year: no plan, no limit
        assert await pay(worker, commune="01864")
    found = (await client.get("/v1/plans", params={"year": "2022"}, headers=BANK)).json()["items"]
    assert [
        (plan["source"], plan["planned"], plan["disbursed"], plan["left"]) for plan in found
    ] == [
        ("central", 120_000_000, 50_000_000, 70_000_000),
        ("local", 120_000_000, 0, 120_000_000),
    ]
    page = (await client.get("/v1/plans", params={"limit": "1"}, headers=BANK)).json()
    rest = (await client.get("/v1/plans", params={"after": page["next"]}, headers=BANK)).json()
    assert [plan["source"] for plan in page["items"] + rest["items"]] == ["central", "local"]


async def test_a_payment_over_the_plan_is_refused(database: ServiceDatabase) -> None:
    async with database.as_api() as api, api.transaction("01882") as tx:
        await a_plan(tx, amount=99_999_999)
    async with database.as_worker() as worker:
        assert await pay(worker)
        with pytest.raises(Problem) as refused:
            async with worker.transaction() as tx:
                await open_loans(tx, [a_loan(new_id())])
        assert [error.pointer for error in refused.value.errors] == ["/amount"]
        async with worker.transaction() as tx:
            keys = [PlanKey("01882", CapitalSource.CENTRAL, "01", year) for year in (2021, 2022)]
            found = await lock_plans(tx, keys)
            assert {key.year: plan.left for key, plan in found.items()} == {2022: 49_999_999}


async def test_a_refused_payment_leaves_the_referral_open(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    await client.put(PATH, json={**PLAN, "amount": 1}, headers=PROVINCE)
    async with database.as_worker() as worker:
        await hand_over(worker, entitled(new_id(), ("credit.01", START, None)))
        async with worker.transaction() as tx:
            (row,) = await referrals(tx)
    path = f"/v1/referrals/{row['referral_id']}"
    paid = {"paid_on": "2022-05-10", "amount": 2, "contract_number": "HD-1"}
    headers = {**BANK, "If-Match": "*"}
    answer = await client.put(f"{path}/disbursement", json=paid, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "plan.exceeded")
    assert (await client.get(path, headers=BANK)).json()["state"] == "open"


async def test_payments_at_once_do_not_spend_the_same_money(database: ServiceDatabase) -> None:
    async with database.as_api() as api, api.transaction("01882") as tx:
        await a_plan(tx, amount=110_000_000)
    async with database.as_worker() as worker:
        paid = await asyncio.gather(*(pay(worker) for _ in range(4)))
    assert sorted(paid) == [False, False, True, True]

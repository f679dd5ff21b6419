"""The bank's road over HTTP: lists, one referral with its history, the payment."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.ids import new_id
from libs.common.security.roles import Role
from services.credit.app import build
from tests.integration.credit.builders import START, entitled, hand_over, refer, referrals
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase

TODAY = date(2023, 3, 1)
POOR = ("credit.01", START, None)
PAYMENT = {"paid_on": "2022-05-10", "amount": 50_000_000, "contract_number": "HD-06/2022"}
BANK = bearer(Role.BANK)


@pytest_asyncio.fixture
async def client(database: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(build(), database, clock=FixedDayClock(TODAY)) as client:
        yield client


async def pay(
    client: httpx.AsyncClient, referral_id: UUID, *, version: int | None = 1, **changed: Any
) -> httpx.Response:
    tag = {} if version is None else {"If-Match": f'"{version}"'}
    return await client.put(
        f"/v1/referrals/{referral_id}/disbursement",
        json=PAYMENT | changed,
        headers={**BANK, **tag, "Idempotency-Key": str(new_id())},
    )


def rules(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(error["pointer"], error["rule"]) for error in answer.json()["errors"]]


async def test_list_pages_through_every_referral_once(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    ids = await refer(database, *["01", "19", "09", "01", "19"])
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        query = {"limit": "2"} | ({"after": after} if after else {})
        page = (await client.get("/v1/referrals", params=query, headers=BANK)).json()
        seen += [item["referral_id"] for item in page["items"]]
        after = page["next"]
    assert seen == sorted(str(referral_id) for referral_id in ids)


async def test_list_is_narrowed_by_programme_state_and_area(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    await refer(database, "01", "01", "19")
    cases: list[tuple[dict[str, str], int]] = [
        ({"programme": "01"}, 2),
        ({"programme": "01", "state": "open"}, 2),
        ({"state": "withdrawn"}, 0),
        ({"area": "01882"}, 0),  # no such unit is known here
    ]
    for query, count in cases:
        answer = await client.get("/v1/referrals", params=query, headers=BANK)
        assert (query, len(answer.json()["items"])) == (query, count)


async def test_list_refuses_what_it_does_not_know(client: httpx.AsyncClient) -> None:
    for query in ({"programme": "77"}, {"state": "lost"}, {"area": "x"}, {"after": "bm9uc2U"}):
        answer = await client.get("/v1/referrals", params=query, headers=BANK)
        assert (query, answer.status_code) == (query, 422)


async def test_one_referral_tells_its_history_and_why(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    household, moved_on = new_id(), date(2023, 1, 1)
    escaped = (("credit.01", START, moved_on), ("credit.09", moved_on, None))
    async with database.as_worker() as worker:
        await hand_over(worker, entitled(household, POOR))
        await hand_over(worker, entitled(household, *escaped, version=2, as_of=moved_on))
        async with worker.transaction() as tx:
            (row,) = await referrals(tx)
    answer = await client.get(f"/v1/referrals/{row['referral_id']}", headers=BANK)
    found = answer.json()
    assert answer.headers["etag"] == '"2"'
    assert (found["programme"], found["opened_on"]) == ("09", "2022-01-01")
    assert [(entry["act"], entry["programme"]) for entry in found["history"]] == [
        ("opened", "01"),
        ("moved", "09"),
    ]
    assert found["history"][1]["why"]["vi"].endswith("chương trình hộ mới thoát nghèo (09).")
    assert "entitlement_version" not in found["history"][1]  # the cause stays inside
    inside = await client.get(answer.request.url.path, headers=bearer(Role.OFFICER))
    assert inside.json()["history"][1]["entitlement_version"] == 2
    assert found["disbursement"] is None


async def test_payment_is_recorded_and_said(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    answer = await pay(client, referral_id)
    found = answer.json()
    assert answer.status_code == 200, found
    assert answer.headers["etag"] == '"2"'
    assert (found["state"], found["version"], found["disbursement"]) == ("disbursed", 2, PAYMENT)
    async with database.as_worker() as worker, worker.transaction() as tx:
        said = await tx.fetchval(
            "SELECT body FROM event_log WHERE stream = 'referral' ORDER BY seq DESC LIMIT 1"
        )
    event = json.loads(said)
    assert (event["data"]["act"], event["data"]["state"]) == ("disbursed", "disbursed")
    assert int(event["sequence"]) == 2
    assert "contract_number" not in event["data"]


async def test_same_payment_again_changes_nothing(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    first = await pay(client, referral_id)
    again = await pay(client, referral_id)
    assert (again.status_code, again.json()) == (200, first.json())
    async with database.as_worker() as worker, worker.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM event_log") == 3  # referral, loan


WRONG: list[tuple[dict[str, Any], int, tuple[str, str]]] = [
    ({"amount": 100_000_001}, 422, ("/amount", "disbursement.over_limit")),
    ({"amount": 0}, 422, ("/amount", "greater_than")),
    ({"paid_on": "2021-12-31"}, 422, ("/paid_on", "disbursement.paid_too_early")),
    ({"paid_on": "2023-03-02"}, 422, ("/paid_on", "disbursement.paid_in_future")),
    ({"contract_number": "số 1"}, 422, ("/contract_number", "string_pattern_mismatch")),
    ({"version": 7}, 412, ("/header/if-match", "version.stale")),
    ({"version": None}, 428, ("/header/if-match", "version.required")),
]


async def test_wrong_payment_is_refused_naming_field_and_rule(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    for changed, status, expected in WRONG:
        answer = await pay(client, referral_id, **changed)
        assert (answer.status_code, rules(answer)) == (status, [expected])
    found = (await client.get(f"/v1/referrals/{referral_id}", headers=BANK)).json()
    assert (found["version"], found["state"]) == (1, "open")


async def test_unknown_referral_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await pay(client, new_id())).status_code == 404
    assert (await client.get(f"/v1/referrals/{new_id()}", headers=BANK)).status_code == 404


async def test_second_other_payment_is_refused(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    await pay(client, referral_id)
    answer = await pay(client, referral_id, version=2, amount=1)
    assert (answer.status_code, rules(answer)) == (409, [("/state", "referral.is_disbursed")])


async def test_contract_number_is_used_once(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    first, second = await refer(database, "01", "19")
    await pay(client, first)
    answer = await pay(client, second)
    assert answer.status_code == 409
    assert rules(answer) == [("/contract_number", "disbursement.contract_used")]


async def test_payment_and_change_of_class_race_to_one_of_two_right_ends(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    """Paid first: flagged, and a new one beside it. Moved first: the bank must read again."""
    (referral_id,) = await refer(database, "01")
    moved_on = date(2023, 1, 1)
    async with database.as_worker() as worker:
        async with worker.transaction() as tx:
            (row,) = await referrals(tx)
        event = entitled(
            row["household_id"], ("credit.09", moved_on, None), version=2, as_of=moved_on
        )
        answer, _ = await asyncio.gather(pay(client, referral_id), hand_over(worker, event))
        async with worker.transaction() as tx:
            ended = [
                (row["programme"], row["state"], row["is_flagged"]) for row in await referrals(tx)
            ]
    if answer.status_code == 200:
        assert ended == [("01", "disbursed", True), ("09", "open", False)]
    else:
        assert answer.status_code == 412
        assert ended == [("09", "open", False)]


async def test_only_the_bank_records_payments(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    for role in set(Role) - {Role.BANK}:
        answer = await client.put(
            f"/v1/referrals/{referral_id}/disbursement", json=PAYMENT, headers=bearer(role)
        )
        assert (role, answer.status_code) == (role, 403)


async def test_referral_of_another_area_is_not_found(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    elsewhere = bearer(Role.OFFICER, areas=["01900"])
    answer = await client.get(f"/v1/referrals/{referral_id}", headers=elsewhere)
    assert answer.status_code == 404
    assert (await client.get("/v1/referrals", headers=elsewhere)).json()["items"] == []


async def test_terms_of_a_day(client: httpx.AsyncClient) -> None:
    for programme, on, rate, overdue in (
        ("01", "2025-11-30", "6.6", "8.58"),
        ("01", "2025-12-01", "6.24", "8.112"),
        ("19", "2025-12-01", "7.488", "9.7344"),
        ("09", "2025-12-01", "7.8", "10.14"),
    ):
        query = {"programme": programme, "on": on}
        found = (await client.get("/v1/terms", params=query, headers=BANK)).json()
        assert (found["yearly_rate_percent"], found["overdue_rate_percent"]) == (rate, overdue)
        assert found["document"]


async def test_terms_of_an_unknown_programme_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/terms", params={"programme": "77"}, headers=BANK)
    assert (answer.status_code, answer.json()["code"]) == (422, "terms.unknown")


async def test_an_auditor_reads_referrals(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    auditor = bearer(Role.AUDITOR)
    assert (await client.get("/v1/referrals", headers=auditor)).status_code == 200
    assert (await client.get(f"/v1/referrals/{referral_id}", headers=auditor)).status_code == 200


async def test_sweep_is_asked_for_by_the_operator_and_done_by_the_tick(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    operator = bearer(Role.OPERATOR)
    before = await client.get("/internal/v1/law-day", headers=operator)
    assert before.json() == {"day": None}
    asked = await client.post(
        "/internal/v1/sweeps",
        json={"day": "2025-12-05"},
        headers={**operator, "Idempotency-Key": str(new_id())},
    )
    assert asked.status_code == 202, asked.json()
    [tick] = [one for one in build().ticks if one.name == "credit.sweep"]
    clock = FixedDayClock(TODAY)
    async with database.as_worker(clock) as worker:
        await tick.run(worker, clock)
        await tick.run(worker, clock)
    done = (await client.get("/internal/v1/sweeps/2025-12-05", headers=operator)).json()
    assert done["finished_at"]
    assert done["changed"] == 1
    after = await client.get("/internal/v1/law-day", headers=operator)
    assert after.json() == {"day": "2025-12-05"}
    found = (await client.get(f"/v1/referrals/{referral_id}", headers=BANK)).json()
    assert (found["terms"]["on"], found["terms"]["yearly_rate_percent"]) == ("2025-12-01", "6.24")
    assert [entry["act"] for entry in found["history"]] == ["opened", "repriced"]

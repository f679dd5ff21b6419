"""The bank's road with its loans over HTTP: payment, statements, acts, lists."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.security.roles import Role
from libs.common.vocabulary import CapitalSource, Result
from services.credit.app import build
from services.credit.loans import store
from services.credit.loans.domain import Buckets, Statement
from services.credit.loans.opening import open_loans
from services.credit.loans.recording import Line, record_statements
from services.credit.referrals.pricing import current_price
from services.credit.sweeps.sweeping import sweep_to
from tests.conftest import MakeDatabase
from tests.integration.credit.builders import START, a_loan, entitled, hand_over, referrals
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase

TODAY = date(2023, 3, 1)
BANK = bearer(Role.BANK)
ANY = {**BANK, "If-Match": "*"}
BOOKS = {"balances": {"in_term": 45_000_000}, "interest": {"in_term": 240_000}}


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> ServiceDatabase:
    return await make_database("credit")


@pytest_asyncio.fixture
async def client(database: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(build(), database, clock=FixedDayClock(TODAY)) as client:
        yield client


async def lend(database: ServiceDatabase, count: int = 1, **values: Any) -> list[UUID]:
    """Loans of as many households; answers their ids in order."""
    loans = [a_loan(new_id(), **values) for _ in range(count)]
    async with database.as_worker() as worker, worker.transaction() as tx:
        await open_loans(tx, loans)
    return sorted(loan.loan_id for loan in loans)


async def said_of(database: ServiceDatabase, loan_id: UUID) -> list[dict[str, Any]]:
    async with database.as_worker() as worker, worker.transaction() as tx:
        rows = await tx.fetch(
            "SELECT body FROM event_log WHERE stream = 'loan' AND subject = $1 ORDER BY version",
            loan_id,
        )
    return [json.loads(row["body"]) for row in rows]


def rules(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(error["pointer"], error["rule"]) for error in answer.json()["errors"]]


async def test_a_payment_opens_a_loan_and_says_so(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    household = new_id()
    async with database.as_worker() as worker:
        await hand_over(worker, entitled(household, ("credit.01", START, None)))
        async with worker.transaction() as tx:
            (row,) = await referrals(tx)
    path = f"/v1/referrals/{row['referral_id']}/disbursement"
    paid = {"paid_on": "2022-05-10", "amount": 50_000_000, "contract_number": "HD-06/2022"}
    for months, status in ((121, 422), (36, 200), (36, 200), (None, 200), (24, 409)):
        body = paid | ({} if months is None else {"months": months})
        answer = await client.put(path, json=body, headers=ANY)
        assert answer.status_code == status, answer.text
    (loan,) = (await client.get("/v1/loans", headers=BANK)).json()["items"]
    assert (loan["referral_id"], loan["household_id"]) == (str(row["referral_id"]), str(household))
    assert (loan["state"], loan["principal"], loan["source"]) == ("in_term", 50_000_000, "central")
    assert (loan["due_on"], loan["check_due_on"]) == ("2025-05-10", "2022-06-09")
    assert (loan["yearly_rate_percent"], loan["overdue_rate_percent"]) == ("6.6", "8.58")
    assert loan["is_check_late"] is True
    (event,) = await said_of(database, UUID(loan["loan_id"]))
    assert (event["type"], event["data"]["act"]) == ("loan.changed.v1", "opened")
    assert "HD-06/2022" not in json.dumps(event)


async def test_a_statement_is_recorded_once_and_said(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (loan_id,) = await lend(database)
    path = f"/v1/loans/{loan_id}/statements/2022-04"
    first = await client.put(path, json=BOOKS, headers={**BANK, "If-Match": '"1"'})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert first.json()["balances"] == {"in_term": 45_000_000, "overdue": 0, "frozen": 0}
    again = await client.put(path, json=BOOKS, headers={**BANK, "If-Match": '"1"'})
    assert (again.status_code, again.json()) == (200, first.json())
    other = await client.put(path, json={**BOOKS, "interest": {}}, headers=ANY)
    assert (other.status_code, rules(other)) == (409, [("/month", "statement.recorded")])
    assert [event["data"]["act"] for event in await said_of(database, loan_id)] == [
        "opened",
        "stated",
    ]


async def test_a_month_that_comes_late_is_kept_and_changes_nothing(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (loan_id,) = await lend(database)
    late = {**BOOKS, "balances": {"overdue": 48_000_000}}
    await client.put(f"/v1/loans/{loan_id}/statements/2022-05", json=BOOKS, headers=ANY)
    for body, status in ((late, 200), (late, 200), (BOOKS, 409)):
        path = f"/v1/loans/{loan_id}/statements/2022-04"
        answer = await client.put(path, json=body, headers=ANY)
        assert answer.status_code == status, answer.text
    found = (await client.get(f"/v1/loans/{loan_id}", headers=BANK)).json()
    assert (found["version"], found["state"], found["balance_on"]) == (2, "in_term", "2022-05-31")


async def test_a_page_of_statements_is_reported_line_by_line(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    first, second = await lend(database, 2)
    lines = [
        {"loan_id": str(first), "month": "2022-03", **BOOKS},
        {"loan_id": str(first), "month": "2022-04", **BOOKS, "balances": {"overdue": 1_000_000}},
        {"loan_id": str(first), "month": "2022-04", **BOOKS},
        {"loan_id": str(second), "month": "2022-04", **BOOKS, "balances": {"frozen": 60_000_000}},
        {"loan_id": str(new_id()), "month": "2022-04", **BOOKS},
    ]
    answer = await client.post("/v1/loans/statements", json={"lines": lines}, headers=BANK)
    report = answer.json()
    assert (report["recorded"], report["unchanged"], report["refused"]) == (2, 0, 3)
    assert [
        (error["pointer"], error["rule"]) for line in report["lines"] for error in line["errors"]
    ] == [
        ("/lines/2/month", "statement.recorded"),
        ("/lines/3/balances", "statement.over_principal"),
        ("/lines/4/loan_id", "loan.not_found"),
    ]
    again = await client.post("/v1/loans/statements", json={"lines": lines}, headers=BANK)
    assert (again.json()["recorded"], again.json()["unchanged"]) == (0, 2)
    assert [event["data"]["state"] for event in await said_of(database, first)] == [
        "in_term",
        "in_term",
        "overdue",
    ]


async def test_a_page_takes_as_many_statements_for_one_line_as_for_many(
    database: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await lend(database, 60)
    counts: list[int] = []
    real_fetch, real_execute = Transaction.fetch, Transaction.execute

    async def fetch(self: Transaction, sql: str, *values: Any) -> Any:
        counts[-1] += 1
        return await real_fetch(self, sql, *values)

    async def execute(self: Transaction, sql: str, *values: Any) -> int:
        counts[-1] += 1
        return await real_execute(self, sql, *values)

    monkeypatch.setattr(Transaction, "fetch", fetch)
    monkeypatch.setattr(Transaction, "execute", execute)
    statement = Statement(date(2022, 4, 30), Buckets(40_000_000), Buckets(1))
    async with database.as_worker() as worker:
        for part in (ids[:1], ids[1:]):
            counts.append(0)
            async with worker.transaction() as tx:
                outcomes = await record_statements(
                    tx,
                    [Line(loan_id, statement) for loan_id in part],
                    today=TODAY,
                    recorded_by="tester",
                    correlation_id=new_id(),
                )
            assert {outcome.result for outcome in outcomes} == {Result.RECORDED}
    assert counts[0] == counts[1] <= 10


async def test_two_statements_of_one_month_at_once_leave_one(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (loan_id,) = await lend(database)
    path = f"/v1/loans/{loan_id}/statements/2022-04"
    bodies = [{**BOOKS, "balances": {"in_term": amount}} for amount in (1_000_000, 2_000_000)]
    answers = await asyncio.gather(
        *(client.put(path, json=body, headers={**BANK, "If-Match": '"1"'}) for body in bodies)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await said_of(database, loan_id)) == 2


ACTS: list[tuple[str, dict[str, Any], str]] = [
    ("extension", {"until": "2027-08-15", "document": "GH-1/2022"}, "extended"),
    ("use-check", {"checked_on": "2022-03-01", "used_as_agreed": True, "note": "đúng"}, "checked"),
    ("freeze", {"from": "2022-06-01", "months": 36, "document": "KN-1/2022"}, "frozen"),
    ("write-off", {"on": "2023-02-01", "document": "XN-1/2023"}, "written_off"),
]


async def test_each_act_is_done_once_kept_and_said(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (loan_id,) = await lend(database)
    for version, (act, body, _) in enumerate(ACTS, start=1):
        headers = {**BANK, "If-Match": f'"{version}"'}
        first = await client.put(f"/v1/loans/{loan_id}/{act}", json=body, headers=headers)
        assert first.status_code == 200, (act, first.text)
        again = await client.put(f"/v1/loans/{loan_id}/{act}", json=body, headers=headers)
        assert (again.status_code, again.json()) == (200, first.json()), act
    found = first.json()
    assert (found["state"], found["balances"]["frozen"]) == ("written_off", 0)
    assert [entry["act"] for entry in found["history"]] == ["opened", *(name for *_, name in ACTS)]
    assert found["history"][3]["balances"]["frozen"] == 50_000_000
    assert [entry["document"] for entry in found["history"] if entry["document"]] == [
        "GH-1/2022",
        "KN-1/2022",
        "XN-1/2023",
    ]
    said = await said_of(database, loan_id)
    assert [event["data"]["act"] for event in said] == ["opened", *(name for *_, name in ACTS)]
    assert "đúng" not in json.dumps(said, ensure_ascii=False)


WRONG: list[tuple[str, dict[str, Any], int, tuple[str, str]]] = [
    (
        "extension",
        {"until": "2029-08-16", "document": "G"},
        422,
        ("/until", "extension.over_limit"),
    ),
    (
        "freeze",
        {"from": "2022-06-01", "months": 12, "document": "K"},
        422,
        ("/months", "freeze.months"),
    ),
    ("closing", {"on": "2023-03-02"}, 422, ("/on", "loan.day")),
    ("write-off", {"on": "2022-01-01", "document": "X"}, 422, ("/on", "loan.day")),
    ("write-off", {"on": "2022-05-01", "document": ""}, 422, ("/document", "string_too_short")),
    ("statements/2023-03", BOOKS, 422, ("/month", "statement.month_not_over")),
]


async def test_what_is_wrong_is_refused_naming_field_and_rule(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (loan_id,) = await lend(database)
    for act, body, status, expected in WRONG:
        answer = await client.put(f"/v1/loans/{loan_id}/{act}", json=body, headers=ANY)
        assert (act, answer.status_code, rules(answer)) == (act, status, [expected])
    for tag, status in (({}, 428), ({"If-Match": '"7"'}, 412)):
        path = f"/v1/loans/{loan_id}/closing"
        answer = await client.put(path, json={"on": "2022-05-01"}, headers={**BANK, **tag})
        assert answer.status_code == status
    gone = await client.put(f"/v1/loans/{new_id()}/closing", json={"on": "2022-05-01"}, headers=ANY)
    assert gone.status_code == 404
    assert len(await said_of(database, loan_id)) == 1


async def test_a_closed_loan_stays_closed(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (loan_id,) = await lend(database)
    closing = f"/v1/loans/{loan_id}/closing"
    answer = await client.put(closing, json={"on": "2022-05-01"}, headers=ANY)
    assert answer.json()["state"] == "closed"
    for path, body in (
        (f"/v1/loans/{loan_id}/statements/2022-05", BOOKS),
        (closing, {"on": "2022-05-02"}),
    ):
        refused = await client.put(path, json=body, headers=ANY)
        assert (refused.status_code, rules(refused)) == (409, [("/state", "loan.is_closed")])


async def test_lists_are_narrowed_and_paged(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    ids = [str(one) for one in await lend(database, 3)]
    (later,) = [str(one) for one in await lend(database, paid_on=date(2023, 2, 20))]
    checked = {"checked_on": "2022-03-01", "used_as_agreed": True}
    await client.put(f"/v1/loans/{ids[0]}/use-check", json=checked, headers=ANY)
    household = (await client.get(f"/v1/loans/{ids[1]}", headers=BANK)).json()["household_id"]
    cases: list[tuple[dict[str, str], list[str]]] = [
        ({}, sorted([*ids, later])),
        ({"household": household}, [ids[1]]),
        ({"check_due_before": "2023-03-01"}, ids[1:]),
        ({"state": "overdue"}, []),
        ({"programme": "19"}, []),
        ({"area": "01882"}, []),  # no such unit is known here
    ]
    for query, expected in cases:
        answer = await client.get("/v1/loans", params=query, headers=BANK)
        found = [item["loan_id"] for item in answer.json()["items"]]
        assert (query, found) == (query, expected)
    first = (await client.get("/v1/loans", params={"limit": "3"}, headers=BANK)).json()
    rest = (await client.get("/v1/loans", params={"after": first["next"]}, headers=BANK)).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (3, 1, None)


async def test_an_officer_checks_the_use_and_records_nothing_else(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (loan_id,) = await lend(database)
    officer = {**bearer(Role.OFFICER, areas=["01882"]), "If-Match": "*"}
    for (act, body, _), status in zip(ACTS, (403, 200, 403, 403), strict=True):
        answer = await client.put(f"/v1/loans/{loan_id}/{act}", json=body, headers=officer)
        assert (act, answer.status_code) == (act, status)


async def test_a_new_rate_reaches_running_loans_of_central_capital(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    (central,) = await lend(database)
    (local,) = await lend(database, source=CapitalSource.LOCAL)
    async with database.as_worker() as worker:
        for _ in range(2):  # twice does no harm
            await sweep_to(worker, date(2025, 12, 5), current_price())
    found = (await client.get(f"/v1/loans/{central}", headers=BANK)).json()
    assert (found["yearly_rate_percent"], found["overdue_rate_percent"]) == ("6.24", "8.112")
    assert (found["rate_on"], found["version"]) == ("2025-12-01", 2)
    assert [entry["act"] for entry in found["history"]] == ["opened", "repriced"]
    (kept,) = await said_of(database, local)
    assert kept["data"]["yearly_rate_percent"] == "6.6"


async def test_a_loan_follows_its_household_to_another_commune(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    household = new_id()
    poor = ("credit.01", START, None)
    async with database.as_worker() as worker:
        await hand_over(worker, entitled(household, poor))
        async with worker.transaction() as tx:
            (row,) = await referrals(tx)
            loan = a_loan(household, referral_id=row["referral_id"])
            await open_loans(tx, [loan])
    path = f"/v1/loans/{loan.loan_id}"
    await client.put(f"{path}/statements/2022-04", json=BOOKS, headers=ANY)
    async with database.as_worker() as worker:
        await hand_over(worker, entitled(household, poor, version=2, commune="01864"))
        await sweep_to(worker, TODAY, current_price())
        async with worker.transaction() as tx:
            assert await store.owed_of_household(tx, household, "01") == 45_000_000
    there = {**bearer(Role.BANK, areas=["01864"]), "If-Match": "*"}
    found = (await client.get(path, headers=there)).json()
    assert found["history"][-1]["act"] == "relocated"
    again = await client.put(f"{path}/statements/2022-04", json=BOOKS, headers=there)
    assert (again.status_code, again.json()["version"]) == (200, 3)
    here = bearer(Role.BANK, areas=["01882"])
    assert (await client.get(path, headers=here)).status_code == 404


async def test_after_a_restore_a_loan_goes_on_in_the_next_generation(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    """A restore has raised the head past the row; the next act goes on above it."""
    (loan_id,) = await lend(database)
    async with database.as_worker() as worker, worker.transaction() as tx:
        await tx.execute("UPDATE stream_head SET version = 1000001 WHERE subject = $1", loan_id)
    path = f"/v1/loans/{loan_id}/statements/2022-04"
    answer = await client.put(path, json=BOOKS, headers={**BANK, "If-Match": '"1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1000002"')
    assert int((await said_of(database, loan_id))[-1]["sequence"]) == 1_000_002

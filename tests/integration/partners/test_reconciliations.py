"""A partner lays its list beside ours and is told every difference, once, and nothing else."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import date, datetime
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio

from ansinh.ops import partners as acts
from ansinh.ops.client import Operator
from libs.common.clock import FixedDayClock
from libs.common.database import Database
from libs.common.floor import on_common_floor
from libs.common.ids import new_id
from libs.common.partners.reconciling.work import compare, forget
from libs.common.partners.standing import read_partners
from libs.common.security.roles import Role
from services.credit.app import build
from services.credit.loans.opening import open_loans
from services.credit.reconciling.store import LISTS
from services.eligibility.reconciling.store import LISTS as roll_lists
from tests.conftest import MakeDatabase
from tests.integration.credit.builders import a_loan
from tests.integration.partners.reconciling import REGISTERED, Bank, csv_of, lend, line_of
from tests.support.edge import a_token, bearer, open_client
from tests.support.partners import DAY, HERE, THERE, register
from tests.support.servers import ServiceDatabase
from tests.support.worlds import a_world


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> ServiceDatabase:
    made = await make_database("credit")
    async with made.as_api() as api, api.transaction() as tx:
        await register(tx, **REGISTERED, areas=(HERE,))
    return made


@pytest_asyncio.fixture
async def worker(database: ServiceDatabase) -> AsyncIterator[Database]:
    async with database.as_worker() as connections:
        yield connections


@pytest_asyncio.fixture
async def client(database: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    clock = FixedDayClock(DAY)
    async with open_client(on_common_floor(build()), database, clock=clock) as opened:
        yield opened


async def test_every_difference_is_told_once_with_a_reason_and_who_acts(
    client: httpx.AsyncClient, worker: Database, database: ServiceDatabase
) -> None:
    loans = await lend(worker, [new_id() for _ in range(6)])
    [elsewhere] = await lend(worker, [new_id()], THERE)
    same, richer, twice, only_here, spoiled, moved = loans
    bank = Bank(client)
    one = await bank.open()
    first = csv_of(
        [
            line_of(same),
            line_of(richer, principal="49000000", balance_in_term="49000000"),
            line_of(spoiled, paid_on="15/02/2022"),
            line_of(twice),
        ]
    )
    second = [
        line_of(twice),
        line_of(moved, commune=THERE),
        line_of(elsewhere),  # says itself that it is not the partner's
        line_of(elsewhere, contract_number="HD-99", commune=THERE),  # and is nobody's
        line_of(elsewhere, commune=HERE, contract_number="HD-98"),
        line_of(elsewhere, commune=HERE, contract_number="HD-97", name="Nguyễn Thị A"),
    ]
    page = await bank.ask("PUT", f"/{one}/pages/1", csv=first)
    assert (page["read"], page["lines"]) == (3, [{"line": 3, "field": "paid_on"}])
    again = await bank.ask("PUT", f"/{one}/pages/1", csv=first)
    assert again == page | {"is_repeated": True}
    await bank.ask("PUT", f"/{one}/pages/1", 409, csv=first + "\n")
    page = await bank.ask("PUT", f"/{one}/pages/3", json={"lines": second})
    assert (page["read"], page["lines"]) == (5, [{"line": 6, "field": None}])
    refusal = await bank.close(one, 3, 422)
    assert "missing: 2" in refusal["errors"][0]["message"]["en"]
    empty = csv_of([])
    await bank.ask("PUT", f"/{one}/pages/2", csv=empty)
    async with worker.transaction() as writing:  # at work when the list is closed
        await open_loans(writing, [a_loan(new_id(), contract_number="HD-WRITTEN")])
        assert (await bank.close(one, 3))["state"] == "closed"
        await compare(worker, LISTS)
        assert (await bank.ask("GET", f"/{one}"))["state"] == "closed"
    await lend(worker, [new_id()], book="LATER")
    await bank.ask("PUT", f"/{one}/pages/4", 409, csv=empty)

    await compare(worker, LISTS)

    done = await bank.ask("GET", f"/{one}")
    assert (done["state"], done["read"], done["ours"], done["agreed"]) == ("done", 8, 7, 1)
    assert done["differences"] == {
        "unreadable": 2,
        "differs": 3,
        "duplicate": 1,
        "missing_there": 3,
        "missing_here": 1,
        "outside_scope": 2,
    }
    found = await bank.differences(one)
    assert {
        (row["kind"], row["key"], row["field"], row["theirs"], row["ours"], row["acts"])
        for row in found
    } == {
        ("unreadable", None, "paid_on", None, None, "partner"),
        ("unreadable", None, None, None, None, "partner"),
        ("differs", richer.contract_number, "principal", "49000000", "50000000", "partner"),
        ("differs", richer.contract_number, "balance_in_term", "49000000", "50000000", "partner"),
        ("differs", moved.contract_number, "commune", THERE, HERE, "commune"),
        ("duplicate", twice.contract_number, None, None, None, "partner"),
        ("missing_there", only_here.contract_number, None, None, None, "partner"),
        ("missing_there", spoiled.contract_number, None, None, None, "partner"),
        ("missing_there", "HD-WRITTEN", None, None, None, "partner"),
        ("missing_here", "HD-98", None, None, None, "partner"),
        ("outside_scope", elsewhere.contract_number, None, None, None, "partner"),
        ("outside_scope", "HD-99", None, None, None, "partner"),
    }
    assert all(row["reason"]["vi"] and row["advice"]["en"] for row in found)
    assert [row["field"] for row in await bank.differences(one, acts="commune")] == ["commune"]
    async with database.as_api() as api, api.transaction() as tx:
        narrowed = {**REGISTERED, "fields": ("household_id", "principal")}
        await register(tx, **narrowed, areas=(HERE,))
    shown = {row["ours"] for row in await bank.differences(one, kind="differs")}
    assert shown == {"50000000", None}


async def job(database: ServiceDatabase, faults: str) -> int:
    """Run the job in a process of its own; answers how it ended."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.reconciler", database.worker_dsn),
        env={**os.environ, "ANSINH_FAULTS": faults},
    )
    return await process.wait()


async def test_a_job_killed_anywhere_is_carried_on_by_others_and_no_part_is_done_twice(
    client: httpx.AsyncClient, worker: Database, database: ServiceDatabase
) -> None:
    loans = await lend(worker, [new_id() for _ in range(400)])
    bank = Bank(client)
    one = await bank.open()
    lines = [line_of(loan, state="overdue" if at % 4 == 0 else "in_term")
             for at, loan in enumerate(loans)]  # fmt: skip
    await bank.ask("PUT", f"/{one}/pages/1", csv=csv_of(lines))
    await bank.close(one, 1)

    async def done() -> set[tuple[int, datetime]]:
        rows = await worker.pool.fetch(
            "SELECT part, done_at FROM reconciliation_chunk WHERE done_at IS NOT NULL"
        )
        return {(row["part"], row["done_at"]) for row in rows}

    assert await job(database, "reconciliation_fixed=kill") == -signal.SIGKILL
    assert (await bank.ask("GET", f"/{one}"))["state"] == "closed"
    assert await job(database, "reconciliation_compared=kill:5") == -signal.SIGKILL
    before = await done()
    assert 3 <= len(before) <= 5  # two lanes: the other may have been anywhere
    await lend(worker, [new_id()], book="LATER")

    async with database.as_worker() as other:
        await asyncio.gather(compare(worker, LISTS), compare(other, LISTS))

    assert before < await done()
    found = await bank.ask("GET", f"/{one}")
    assert (found["state"], found["ours"], found["agreed"]) == ("done", 400, 300)
    assert found["differences"] == {"differs": 100}
    told = await bank.differences(one, limit=200)
    assert sorted(row["key"] for row in told) == [loan.contract_number for loan in loans[::4]]


async def test_a_list_that_agrees_is_empty_and_settles_the_month(
    make_database: MakeDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    """The insurer's roll, as it stands on our side."""
    world = await a_world("eligibility", await make_database("eligibility"))
    insurer = bearer(Role.INSURER)
    async with world.client() as opened, world.database.as_worker() as worker:
        roll = (await opened.get("/v1/insurance/roll", headers=insurer)).json()["items"]
        lines = [
            {
                name: entry[name]
                for name in ("person_id", "household_id", "commune", "group", "support_percent",
                             "benefit_percent", "from_day", "until")
            }
            for entry in roll
        ]  # fmt: skip
        partner = Bank(opened, insurer)
        await partner.open("roll", DAY, columns=["group"])
        one = await partner.open("roll", DAY)
        await partner.ask("PUT", f"/{one}/pages/1", json={"lines": lines})
        assert (await partner.close(one, 1))["pages"] == 1
        assert await partner.close(one, 1) == await partner.ask("GET", f"/{one}")
        await compare(worker, roll_lists)
        found = await partner.ask("GET", f"/{one}")
        assert found["is_whole"]
        assert (found["is_empty"], found["agreed"], found["differences"]) == (True, 2, {})
        await partner.ask("POST", f"/{one}/cancel", 409)
        history = await partner.ask("GET", "", params={"limit": 1})
        rest = await partner.ask("GET", "", params={"after": history["next"]})
        assert [row["is_whole"] for row in history["items"] + rest["items"][:1]] == [True, False]

        async def token() -> str:
            return a_token(Role.OPERATOR)

        operator = Operator({"eligibility": opened}, token)
        assert await acts.list_reconciliations(operator, "eligibility", "tester") == 0
        assert await acts.show_reconciliation(operator, UUID(one)) == 0
        printed = capsys.readouterr().out
        assert printed.count(one) == 2
        assert lines[0]["person_id"] not in printed

        owner = await asyncpg.connect(world.database.owner_dsn)
        await owner.execute("UPDATE partner_registration SET recorded_at = '2022-01-02'")
        await owner.close()
        async with worker.transaction() as tx:
            owed = [
                [entry.about for entry in await read_partners(tx, day)]
                for day in (date(2022, 7, 11), date(2022, 8, 11))
            ]
        assert owed == [[], ["roll 2022-07"]]
        await forget(worker, worker.clock)
        left = "SELECT count(*) FROM reconciliation_line_{}"
        assert [await worker.pool.fetchval(left.format(part)) for part in range(16)] == [0] * 16


async def test_what_is_another_partners_or_no_longer_covered_is_not_there(
    client: httpx.AsyncClient, worker: Database, database: ServiceDatabase
) -> None:
    bank = Bank(client)
    one = await bank.open()
    await bank.ask("POST", "", 422, json={"list": "roll", "as_of": "2022-05-31"})
    await bank.ask("POST", "", 422, json={"list": "loans", "as_of": "2022-06-02"})
    async with database.as_api() as api, api.transaction() as tx:
        await register(tx, "other", **REGISTERED, subjects=("other-core",))
    other = Bank(client, bearer(Role.BANK, subject="other-core"))
    await other.ask("GET", f"/{one}", 404)
    assert (await other.ask("GET", ""))["items"] == []
    elsewhere = Bank(client, bearer(Role.BANK, subject="bank-core", areas=[THERE]))
    await elsewhere.ask("GET", f"/{one}", 404)
    for lost in ({"programmes": ("credit.01",)}, {"event_types": ("referral.*.v1",)}):
        async with database.as_api() as api, api.transaction() as tx:
            await register(tx, **{**REGISTERED, **lost}, areas=(HERE,))
        await bank.ask("GET", f"/{one}", 404)
        await bank.ask("GET", f"/{one}/differences", 404)
        assert (await bank.ask("GET", ""))["items"] == []
    async with database.as_api() as api, api.transaction() as tx:
        await register(tx, **REGISTERED, areas=(HERE,), per_second=7)
    assert len((await bank.ask("GET", ""))["items"]) == 1
    refusal = await bank.close(one, 0, 409)
    assert refusal["errors"][0]["rule"] == "reconciliation.registration_changed"
    assert (await bank.ask("POST", f"/{one}/cancel"))["state"] == "cancelled"

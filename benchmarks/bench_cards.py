"""The insurer's answers by pages: persons answered a second, and how long a page takes.

    python -m benchmarks.bench_cards [households]

The floor inserts the same rows of answers, page by page, by plain SQL. The pages are checked, kept,
said of each household and audited, in the test's own process, without a network between.
"""

import os
import secrets
import statistics
import sys
import time
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from libs.common.clock import FixedDayClock
from libs.common.contracts.household import HouseholdData
from libs.common.ids import new_id
from libs.common.roles import run_loop
from libs.common.security.roles import Role
from libs.common.vocabulary import StatusClass
from services.eligibility.app import build
from services.eligibility.entitlements.handlers import on_household
from services.eligibility.insurance.handlers import on_entitlements
from services.eligibility.sweeps.store import set_law_day_if_absent
from tests.support.edge import bearer, open_client
from tests.support.eligibility import (
    a_household,
    a_member,
    a_status,
    an_entitlement,
    deliver,
    entitlements_of,
    received,
)
from tests.support.partners import register_tester
from tests.support.servers import ServiceDatabase, clone_database, drop_database, drop_run

DAY, PAGE, PERSONS = date(2022, 6, 1), 1_000, 4
_COLUMNS = (
    "household_id, person_id, group_code, from_day, number, commune, until, roll_version, told_at, "
    "state, reason, reference, benefit_level, valid_from, valid_until, answered_on, recorded_by, "
    "recorded_at, superseded_at"
)
_ALL = f"SELECT {_COLUMNS} FROM card_answer ORDER BY commune, person_id"
_PLACES = ", ".join(f"${place}" for place in range(1, 20))


async def enrol(database: ServiceDatabase, count: int) -> list[dict[str, Any]]:
    """Households of four on the roll; answers what the insurer says of each person."""
    households = [_poor() for _ in range(count)]
    async with database.as_worker(FixedDayClock(DAY)) as worker:
        async with worker.transaction() as tx:
            await set_law_day_if_absent(tx, DAY)
        for start in range(0, count, PAGE):
            part = households[start : start + PAGE]
            await deliver(worker, on_household, *map(received, part))
            rights = [
                entitlements_of(
                    one.household_id,
                    *(an_entitlement("insurance.HN", who.person_id) for who in one.members),
                )
                for one in part
            ]
            await deliver(worker, on_entitlements, *map(received, rights))
    return [_answer(one.household_id, who.person_id) for one in households for who in one.members]


def _poor() -> HouseholdData:
    members = tuple(a_member(date(1990, 3, 3)) for _ in range(PERSONS))
    return a_household(a_status(StatusClass.POOR), members=members)


def _answer(household: UUID, person: UUID) -> dict[str, Any]:
    return {
        "household_id": str(household),
        "person_id": str(person),
        "group": "HN",
        "from_day": "2022-01-01",
        "roll_version": 1,
        "number": 1,
        "state": "issued",
        "answered_on": DAY.isoformat(),
        "card_reference": str(new_id()),
        "benefit_level": 2,
        "valid_from": "2022-01-01",
    }


async def tell(database: ServiceDatabase, answers: list[dict[str, Any]]) -> list[float]:
    """The seconds of each page."""
    seconds, insurer = [], bearer(Role.INSURER)
    async with open_client(build(), database, clock=FixedDayClock(DAY)) as client:
        for start in range(0, len(answers), PAGE):
            lines = answers[start : start + PAGE]
            started = time.perf_counter()
            answer = await client.post(
                "/v1/insurance/cards", json={"lines": lines}, headers=insurer
            )
            seconds.append(time.perf_counter() - started)
            assert answer.is_success, answer.text[:500]
            assert answer.json()["recorded"] == len(lines), answer.text[:500]
    return seconds


async def floor(database: ServiceDatabase) -> float:
    """Rows per second of the same inserts alone."""
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        rows = [tuple(row) for row in await owner.fetch(_ALL)]
        await owner.execute("TRUNCATE card_answer")
        insert = f"INSERT INTO card_answer ({_COLUMNS}) VALUES ({_PLACES})"
        started = time.perf_counter()
        for start in range(0, len(rows), PAGE):
            await owner.executemany(insert, rows[start : start + PAGE])
        return len(rows) / (time.perf_counter() - started)
    finally:
        await owner.close()


async def measure(households: int) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    database = await clone_database("eligibility")
    try:
        await register_tester(database, "eligibility")
        answers = await enrol(database, households)
        seconds = await tell(database, answers)
        rate, bare = len(answers) / sum(seconds), await floor(database)
        print(f"{len(answers)} persons; load {os.getloadavg()[0]:.1f}")
        print(f"RESULT cards.page {rate:.0f} persons/s floor={bare:.0f} ratio={rate / bare:.2f}")
        print(
            f"RESULT cards.page.p50 {statistics.median(seconds) * 1000:.0f} ms "
            f"floor={PAGE / bare * 1000:.0f} ratio={statistics.median(seconds) * bare / PAGE:.2f}"
            f"  (slowest {max(seconds) * 1000:.0f} ms)"
        )
    finally:
        await drop_database(database)
        await drop_run()


if __name__ == "__main__":
    run_loop(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000))

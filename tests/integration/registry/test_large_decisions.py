"""Above 1,000 rows a decision is accepted durably and done by a job: all of it, once."""

import asyncio
import sys
from datetime import date
from uuid import UUID

import asyncpg
import pytest

from libs.common.clock import SystemClock
from libs.common.database import Database, Transaction
from libs.common.problems import Problem
from libs.common.vocabulary import DecisionKind, StatusClass
from services.registry.reviews import documents
from services.registry.reviews.documents import StoredDecision
from services.registry.reviews.work import run_decisions, run_next_decision
from tests.integration.registry.builders import COMMUNE, count, decide, register
from tests.support.servers import ServiceDatabase, repository

POOR, NEAR, AVERAGE, NONE = StatusClass


async def run_jobs(database: ServiceDatabase) -> None:
    async with database.as_worker() as connections:
        await run_decisions(connections, SystemClock())


async def progress(connections: Database, decision_id: UUID) -> StoredDecision:
    async with connections.transaction(COMMUNE) as tx:
        found = await documents.find_decision(tx, decision_id)
    assert found is not None
    return found


async def test_a_large_decision_is_accepted_then_done_once_by_the_job(
    registry: ServiceDatabase,
) -> None:
    ids = await register(registry, 3000)
    outcome = await decide(registry, [(household_id, POOR) for household_id in ids])
    decision_id = outcome.decision.document.decision_id
    assert (outcome.decision.state, outcome.decision.rows_done) == ("accepted", 0)
    assert await count(registry, "status_period") == 0

    await run_jobs(registry)
    await run_jobs(registry)

    assert await count(registry, "status_period") == 3000
    assert await count(registry, "event_log WHERE type = 'household.status_changed.v1'") == 3000
    assert await count(registry, "staged_row") == 0
    async with registry.as_api() as connections:
        found = await progress(connections, decision_id)
    assert (found.state, found.rows_done, found.problems) == ("done", 3000, [])


class Killed(Exception):
    """Stands for a SIGKILL: the transaction is lost with the process."""


async def test_a_job_killed_half_way_leaves_nothing_and_the_next_one_completes_it(
    registry: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await register(registry, 3000)
    outcome = await decide(registry, [(household_id, POOR) for household_id in ids])
    decision_id = outcome.decision.document.decision_id
    seen: list[tuple[str, int]] = []
    advance = documents.advance

    async with registry.as_api() as readers:

        async def advance_then_die(tx: Transaction, decision: UUID, rows_done: int) -> None:
            await advance(tx, decision, rows_done)
            if rows_done == 3000:
                found = await progress(readers, decision_id)  # what others see meanwhile
                seen.append((found.state, found.rows_done))
                raise Killed

        monkeypatch.setattr(documents, "advance", advance_then_die)
        async with registry.as_worker() as connections:
            with pytest.raises(Killed):
                await run_next_decision(connections)
        monkeypatch.undo()

    assert seen == [("running", 2000)]
    assert await count(registry, "status_period") == 0
    assert await count(registry, "decision_row") == 0
    assert await count(registry, "staged_row") == 3000

    await run_jobs(registry)
    assert await count(registry, "status_period") == 3000
    assert await count(registry, "event_log WHERE type = 'household.status_changed.v1'") == 3000


_JOB = """
import asyncio, sys
from libs.common.clock import SystemClock
from libs.common.database import Database
from services.registry.reviews.work import run_decisions

async def main():
    async with await Database.connect(sys.argv[1], SystemClock(), application="job") as database:
        await run_decisions(database, SystemClock())

asyncio.run(main())
"""
_IS_WAITING = """
SELECT EXISTS (SELECT 1 FROM pg_locks AS lock JOIN pg_database AS base ON base.oid = lock.database
  WHERE NOT granted AND datname = current_database() AND relation = 'status_period'::regclass)
"""


async def test_after_a_sigkill_in_the_midst_of_writing_the_decision_is_done_once(
    registry: ServiceDatabase,
) -> None:
    ids = await register(registry, 1100)
    await decide(registry, [(household_id, POOR) for household_id in ids])
    owner = await asyncpg.connect(registry.owner_dsn)
    try:
        async with owner.transaction():
            # The job has written its first rows when it meets this lock.
            await owner.execute("LOCK TABLE status_period IN SHARE ROW EXCLUSIVE MODE")
            job = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _JOB, registry.worker_dsn, cwd=repository()
            )
            async with asyncio.timeout(90):
                while not await owner.fetchval(_IS_WAITING):  # noqa: ASYNC110  (a server's state)
                    await asyncio.sleep(0.02)
            job.kill()
            await job.wait()
    finally:
        await owner.close()
    assert await count(registry, "decision WHERE state = 'accepted'") == 1

    async with asyncio.timeout(90):  # until the server notices that the killed job is gone
        while await count(registry, "decision WHERE state = 'done'") == 0:
            await run_jobs(registry)
    assert await count(registry, "status_period") == 1100
    assert await count(registry, "event_log WHERE type = 'household.status_changed.v1'") == 1100


async def test_two_jobs_side_by_side_do_each_decision_once(registry: ServiceDatabase) -> None:
    ids = await register(registry, 1200)
    for day in (date(2022, 1, 1), date(2022, 3, 1)):
        await decide(registry, [(one, POOR) for one in ids], effective_on=day)
    await asyncio.gather(run_jobs(registry), run_jobs(registry))
    assert await count(registry, "event_log WHERE type = 'household.status_changed.v1'") == 2400
    assert await count(registry, "decision WHERE state = 'done'") == 2


async def test_what_no_longer_holds_when_the_job_runs_is_refused_whole(
    registry: ServiceDatabase,
) -> None:
    ids = await register(registry, 1200)
    original = await decide(registry, [(one, POOR) for one in ids])
    await run_jobs(registry)
    prior = original.decision.document.decision_id
    correction = await decide(
        registry, [(one, NEAR) for one in ids], kind=DecisionKind.CORRECT, supersedes=prior
    )
    # Meanwhile somebody corrects one of the households.
    await decide(registry, [(ids[7], NONE)], kind=DecisionKind.CORRECT, supersedes=prior)
    await run_jobs(registry)

    async with registry.as_api() as connections:
        found = await progress(connections, correction.decision.document.decision_id)
    assert found.state == "refused"
    assert [(p["pointer"], p["rule"]) for p in found.problems] == [
        ("/rows/7/household_id", "row.already_superseded")
    ]
    assert await count(registry, "status_period WHERE status = 'near_poor'") == 0
    assert await count(registry, "staged_row") == 0


async def test_a_refusal_names_a_thousand_lines_and_counts_the_rest(
    registry: ServiceDatabase,
) -> None:
    ids = await register(registry, 700)
    with pytest.raises(Problem) as refusal:
        await decide(registry, [(one, POOR) for one in [*ids, *ids]])
    errors = refusal.value.errors
    assert len(errors) == 1001
    assert errors[17].pointer == "/rows/17/household_id"
    assert errors[-1].rule == "rows.more"
    assert "400" in errors[-1].message.en
    assert await count(registry, "decision") == 0


async def test_revoking_a_whole_large_decision_is_a_job_too(registry: ServiceDatabase) -> None:
    ids = await register(registry, 1100)
    original = await decide(registry, [(one, POOR) for one in ids])
    await run_jobs(registry)
    revocation = await decide(
        registry,
        [],
        kind=DecisionKind.REVOKE,
        supersedes=original.decision.document.decision_id,
    )
    assert revocation.decision.state == "accepted"
    assert revocation.decision.rows_total == 1100
    await run_jobs(registry)
    assert await count(registry, "status_period WHERE upper_inf(recorded)") == 0

"""The audit trail: written with the act, sealed below the horizon, and no fault goes unseen."""

import asyncio
from uuid import UUID

import asyncpg
import httpx
import pytest

from libs.common.clock import SystemClock
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.security.audit import (
    SEALER,
    AuditLine,
    FaultKind,
    Verdict,
    seal,
    verify,
    write_line,
)
from tests.support.notes import OFFICER, a_note
from tests.support.servers import ServiceDatabase


async def lines(database: ServiceDatabase) -> list[asyncpg.Record]:
    async with database.as_worker() as connections, connections.transaction() as tx:
        return await tx.fetch("SELECT * FROM audit_line ORDER BY line_id")


def a_line(act: str = "POST /v1/decisions") -> AuditLine:
    return AuditLine("officer-1", "officer", "write", act, None, (), None, new_id(), None)


async def write(database: Database, count: int) -> None:
    for number in range(count):
        async with database.transaction() as tx:
            await write_line(tx, a_line(f"act {number}"))


async def sealed(database: Database, lines: int) -> None:
    """Seal until the trail's first `lines` lines are in blocks.

    The horizon is the whole server's, so another test's open transaction may hold it for a while.
    """
    async with asyncio.timeout(90):
        while (await verdict(database)).lines < lines:
            await SEALER.run(database, SystemClock())
            await asyncio.sleep(0.05)


async def verdict(database: Database) -> Verdict:
    async with database.transaction() as tx:
        return await verify(tx)


async def tamper(database: ServiceDatabase, *statements: str) -> None:
    """As whoever owns the tables could."""
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        for statement in statements:
            await owner.execute(statement)
    finally:
        await owner.close()


async def test_a_write_is_on_the_trail_if_it_stands(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    headers = {**OFFICER, "X-Purpose": "review-2022"}
    answer = await client.post("/v1/notes", json=a_note(1), headers=headers)
    await client.post("/v1/notes", json=a_note(2, "then fail"), headers=headers)
    [line] = await lines(database)
    assert line["act"] == "POST /v1/notes"
    assert (line["kind"], line["caller"], line["purpose"]) == ("write", "tester", "review-2022")
    assert line["correlation_id"] == UUID(answer.headers["x-correlation-id"])


async def test_a_read_of_a_household_is_on_the_trail_and_names_it(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    household = new_id()
    await client.get("/v1/notes", headers=OFFICER)
    await client.get(f"/v1/notes/of/{household}", headers=OFFICER)
    [line] = await lines(database)
    assert (line["kind"], line["act"]) == ("read", "GET /v1/notes/of/{household_id}")
    assert (line["subject_kind"], line["subjects"]) == ("household", [household])


async def test_an_export_is_on_the_trail_once(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    for number in (1, 2):
        await client.post("/v1/notes", json=a_note(number), headers=OFFICER)
    answer = await client.get(f"/v1/notes/export/{new_id()}", headers=OFFICER)
    assert answer.text == "1\n2\n"
    assert [line["kind"] for line in await lines(database)] == ["write", "write", "read"]


async def test_nobody_who_runs_may_change_the_trail(database: ServiceDatabase) -> None:
    async with database.as_api() as api, database.as_worker() as worker:
        await write(api, 1)
        for connections in (api, worker):
            for statement in ("UPDATE audit_line SET act = ''", "DELETE FROM audit_line"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    async with connections.transaction() as tx:
                        await tx.execute(statement)


async def test_sealed_lines_verify_and_the_tail_is_counted(database: ServiceDatabase) -> None:
    async with database.as_worker() as connections:
        await write(connections, 5)
        await sealed(connections, 5)
        await write(connections, 2)
        found = await verdict(connections)
        assert (found.lines, found.faults, found.unsealed) == (5, (), 2)
        assert found.unsealed_since is not None
        await sealed(connections, 7)
        assert (await verdict(connections)).unsealed == 0


async def test_transactions_are_ordered_as_numbers_not_as_text(database: ServiceDatabase) -> None:
    async with database.as_worker() as connections:
        await write(connections, 4)
        # Lines on both sides of a change in the number of digits, long since below the horizon.
        await tamper(database, "UPDATE audit_line SET xact = (7 + line_id)::text::xid8")
        for _ in range(2):
            async with connections.transaction() as tx:
                await seal(tx, largest=2)
        found = await verdict(connections)
        assert (found.blocks, found.lines, found.faults) == (2, 4, ())


async def test_a_line_above_the_horizon_waits(database: ServiceDatabase) -> None:
    async with database.as_worker() as connections, database.as_api() as other:
        async with other.transaction() as slow:
            await write_line(slow, a_line("slow"))
            await write(connections, 3)
            async with connections.transaction() as tx:
                assert await seal(tx) == 0
        await sealed(connections, 4)
        assert (await verdict(connections)).faults == ()


async def test_blocks_are_bounded(database: ServiceDatabase) -> None:
    async with database.as_worker() as connections:
        await write(connections, 5)
        held = 0
        async with asyncio.timeout(90):
            while held < 5:
                async with connections.transaction() as tx:
                    block = await seal(tx, 2)
                assert block <= 2
                held += block
                await asyncio.sleep(0.01)
        found = await verdict(connections)
        assert found.blocks >= 3
        assert (found.lines, found.faults) == (5, ())


_SWAP = (
    "UPDATE audit_line SET line_id = -1 WHERE line_id = 2",
    "UPDATE audit_line SET line_id = 2 WHERE line_id = 3",
    "UPDATE audit_line SET line_id = 3 WHERE line_id = -1",
)


@pytest.mark.parametrize(
    ("statements", "faults"),
    [
        (["UPDATE audit_line SET act = 'x' WHERE line_id = 2"], [(FaultKind.CHANGED, 2)]),
        (["DELETE FROM audit_line WHERE line_id = 3"], [(FaultKind.MISSING, 3)]),
        (
            _SWAP,
            [(FaultKind.REORDERED, 2), (FaultKind.REORDERED, 3)],
        ),
        (
            [
                "INSERT INTO audit_line OVERRIDING SYSTEM VALUE SELECT -5, xact, recorded_at, "
                "caller, roles, kind, act, subject_kind, subjects, purpose, correlation_id, "
                "trace_id FROM audit_line WHERE line_id = 2"
            ],
            [(FaultKind.ADDED, -5)],
        ),
        (["UPDATE audit_block SET line_ids[1] = 9 WHERE block_id = 2"], None),
        (["DELETE FROM audit_block WHERE block_id = 1"], None),
    ],
)
async def test_tampering_is_found(
    database: ServiceDatabase,
    statements: list[str],
    faults: list[tuple[FaultKind, int]] | None,
) -> None:
    async with database.as_worker() as connections:
        for total in (3, 6):
            async with connections.transaction() as tx:  # one transaction is never cut in two
                for number in range(3):
                    await write_line(tx, a_line(f"act {number}"))
            await sealed(connections, total)
        await tamper(database, "ALTER TABLE audit_line ALTER line_id SET GENERATED BY DEFAULT")
        await tamper(database, *statements)
        found = (await verdict(connections)).faults
    if faults is None:
        kinds = {fault.kind for fault in found}
        assert kinds & {FaultKind.BLOCK_CHANGED, FaultKind.BLOCK_MISSING}
    else:
        assert [(fault.kind, fault.line_id) for fault in found] == faults


async def test_lines_of_a_rolled_back_act_are_not_there(database: ServiceDatabase) -> None:
    class Undo(Exception):
        pass

    async def act(tx: Transaction) -> None:
        await write_line(tx, a_line())
        raise Undo

    async with database.as_api() as connections:
        with pytest.raises(Undo):
            async with connections.transaction() as tx:
                await act(tx)
    assert await lines(database) == []

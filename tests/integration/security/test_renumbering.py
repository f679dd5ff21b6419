"""After a restore into another cluster the audit trail is still what was sealed, and goes on."""

import asyncpg
import pytest

from libs.common.database import Database
from libs.common.security.audit import FaultKind
from libs.common.security.renumbering import renumber
from tests.integration.security.test_audit import sealed, tamper, verdict, write
from tests.support.servers import ServiceDatabase

# Lines 3, 1, 2 in the order of their transactions, then as another cluster would have numbered.
_OUT_OF_ORDER = "UPDATE audit_line SET xact = ((line_id % 3) + 3)::text::xid8 WHERE line_id <= 3"
_ELSEWHERE = (
    "UPDATE audit_line SET xact = (xact::text::numeric + 1e15)::bigint::text::xid8",
    "UPDATE audit_block SET last_xact = (last_xact::text::numeric + 1e15)::bigint::text::xid8",
)


async def _renumber(database: ServiceDatabase) -> None:
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        await renumber(owner)
    finally:
        await owner.close()


async def test_sealed_lines_stay_sealed_and_new_ones_follow(database: ServiceDatabase) -> None:
    async with database.as_worker() as connections:
        await write(connections, 3)
        await tamper(database, _OUT_OF_ORDER)
        await sealed(connections, 3)
        await write(connections, 2)  # not sealed when the copy was taken
        head = (await verdict(connections)).head
        await tamper(database, *_ELSEWHERE)
        for _ in range(2):  # safe to repeat
            await _renumber(database)
        found = await verdict(connections)
        assert (found.faults, found.head, found.lines, found.unsealed) == ((), head, 3, 2)
        await write(connections, 2)
        await sealed(connections, 7)
        assert (await verdict(connections)).faults == ()


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE audit_line SET act = 'nothing' WHERE line_id = 2", FaultKind.CHANGED),
        ("DELETE FROM audit_line WHERE line_id = 2", FaultKind.MISSING),
    ],
)
async def test_what_was_tampered_with_is_still_found(
    database: ServiceDatabase, change: str, kind: FaultKind
) -> None:
    async with database.as_worker() as connections:
        await write(connections, 3)
        await tamper(database, _OUT_OF_ORDER)
        await sealed(connections, 3)
        await tamper(database, change, *_ELSEWHERE)
        await _renumber(database)
        await _is_found(connections, kind)


async def _is_found(connections: Database, kind: FaultKind) -> None:
    assert [fault.kind for fault in (await verdict(connections)).faults] == [kind]

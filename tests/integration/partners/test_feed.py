"""The change feed: complete, in order, within the registration, and known again after a restore."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest_asyncio

from libs.common.areas import store as areas
from libs.common.clock import FixedDayClock
from libs.common.database import Database
from libs.common.floor import on_common_floor
from libs.common.ids import new_id
from libs.common.messaging.restoring import forget_cluster
from libs.common.partners import horizon
from libs.common.security.roles import Role
from services.credit.app import build
from tests.conftest import MakeDatabase
from tests.support.areas import pac_nam
from tests.support.edge import bearer, open_client
from tests.support.partners import (
    BANK,
    DAY,
    FIELDS,
    HERE,
    THERE,
    a_referral,
    pages,
    read_all,
    register,
    say,
)
from tests.support.servers import ServiceDatabase

TRAIL = """
SELECT subjects FROM audit_line WHERE act = 'GET /v1/changes' AND kind = 'read' ORDER BY line_id
"""


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> ServiceDatabase:
    return await make_database("credit")


@pytest_asyncio.fixture
async def worker(database: ServiceDatabase) -> AsyncIterator[Database]:
    async with database.as_worker() as connections:
        yield connections


@pytest_asyncio.fixture
async def client(database: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with database.as_api() as api, api.transaction() as tx:
        await register(tx)
    clock = FixedDayClock(DAY)
    async with open_client(on_common_floor(build()), database, clock=clock) as opened:
        yield opened


async def test_pages_hold_everything_once_in_order_and_the_end_keeps_its_cursor(
    client: httpx.AsyncClient, worker: Database
) -> None:
    first, second = new_id(), new_id()
    async with worker.transaction() as tx:
        for _ in range(3):
            await say(tx, a_referral(referral=first), a_referral(referral=second))
    found = [page async for page in pages(client, limit=4)]
    items = [item for page in found for item in page["items"]]
    assert [len(page["items"]) for page in found] == [4, 2]
    for subject in (first, second):
        own = [int(one["sequence"]) for one in items if one["subject"] == str(subject)]
        assert own == [1, 2, 3]
    end = found[-1]["next"]
    [again] = [page async for page in pages(client, end)]
    assert again == {"items": [], "next": end, "has_more": False}
    async with worker.transaction() as tx:
        await say(tx, a_referral(referral=first))
    [new] = await read_all(client, end)
    assert (new["subject"], int(new["sequence"])) == (str(first), 4)


async def test_a_page_leaves_one_line_that_names_its_households(
    client: httpx.AsyncClient, worker: Database
) -> None:
    said = [a_referral(), a_referral()]
    async with worker.transaction() as tx:
        await say(tx, *said)
    await read_all(client)
    [line] = await worker.pool.fetch(TRAIL)
    assert line["subjects"] == [one.household_id for one in said]


async def test_an_open_writer_with_a_lower_number_is_waited_for(
    client: httpx.AsyncClient, worker: Database
) -> None:
    """Also where its transaction began later than that of a higher number: the case in which a
    row's own transaction id tells nothing."""
    early, late = a_referral(), a_referral()
    async with worker.transaction() as higher:
        await higher.fetchval("SELECT pg_current_xact_id()")  # begins first, writes last
        async with worker.transaction() as lower:
            await say(lower, early)
            await say(higher, late)
            # Ends here: what it wrote is visible with a higher number than what is still open.
            await higher.connection.execute("COMMIT")
            first = [page async for page in _one_page(client)]
            assert first == [{"items": [], "next": None, "has_more": True}]
        await higher.connection.execute("BEGIN")
    subjects = [one["subject"] for one in await read_all(client)]
    assert subjects == [str(early.referral_id), str(late.referral_id)]


async def _one_page(client: httpx.AsyncClient) -> AsyncIterator[object]:
    yield (await client.get("/v1/changes", headers=BANK)).json()


async def test_a_reader_beside_many_writers_misses_nothing(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    referrals = [new_id() for _ in range(8)]
    found: list[dict[str, Any]] = []

    async def write(mine: list[UUID]) -> None:
        async with database.as_worker() as connections:
            for _ in range(15):
                async with connections.transaction() as tx:
                    await tx.fetchval("SELECT pg_current_xact_id()")
                    await say(tx, *(a_referral(referral=one) for one in mine))
                    await tx.fetchval("SELECT count(*) FROM event_log")

    writing = asyncio.gather(*(write(referrals[place::4]) for place in range(4)))
    after: str | None = None
    while not writing.done() or len(found) < 120:
        async for page in pages(client, after, limit=50):
            found += page["items"]
            after = page["next"]
    await writing
    for referral in referrals:
        own = [int(one["sequence"]) for one in found if one["subject"] == str(referral)]
        assert own == list(range(1, 16))


async def test_a_reader_is_not_held_up_for_ever_by_writers_that_never_pause(
    worker: Database,
) -> None:
    """Each look finds a writer open; what the one before had noted is safe all the same."""
    safe = 0
    for _ in range(4):
        async with worker.transaction() as open_writer:
            await say(open_writer, a_referral())
            async with worker.transaction() as tx:
                found, _last = await horizon.look(tx)
                assert found >= safe
                safe = found
    assert safe >= 2


async def test_an_area_shows_what_it_came_from_and_not_its_neighbour(
    client: httpx.AsyncClient, database: ServiceDatabase, worker: Database
) -> None:
    """The commune that took over 01873 in 2025 is registered by its own code alone."""
    async with worker.transaction() as tx:
        await areas.keep(tx, ((1, unit) for unit in pac_nam()))
        for commune in (HERE, "01873", THERE):
            await say(tx, a_referral(commune=commune))
    async with database.as_api() as api, api.transaction() as tx:
        await register(tx, areas=(HERE,))
    clock = FixedDayClock(date(2026, 1, 1))
    async with open_client(on_common_floor(build()), database, clock=clock) as later:
        shown = {one["data"]["area"]["commune"] for one in await read_all(later)}
    assert shown == {HERE, "01873"}


async def test_a_token_of_fewer_areas_shows_fewer(
    client: httpx.AsyncClient, worker: Database
) -> None:
    async with worker.transaction() as tx:
        await say(tx, a_referral(commune=HERE), a_referral(commune=THERE))
    own = bearer(Role.BANK, subject="bank-core", areas=[HERE])
    items = (await client.get("/v1/changes", headers=own)).json()["items"]
    assert [one["data"]["area"]["commune"] for one in items] == [HERE]


async def test_a_change_of_the_registration_counts_from_the_next_page(
    client: httpx.AsyncClient, database: ServiceDatabase, worker: Database
) -> None:
    async with worker.transaction() as tx:
        await say(tx, a_referral(programme="01"), a_referral(programme="19"))
    async with database.as_api() as api, api.transaction() as tx:
        await register(tx, programmes=("credit.19",), fields=("programme",))
    assert [one["data"] for one in await read_all(client)] == [{"programme": "19"}]


async def test_a_subject_that_leaves_the_scope_is_told_once_by_its_ids(
    client: httpx.AsyncClient, database: ServiceDatabase, worker: Database
) -> None:
    referral = new_id()
    async with database.as_api() as api, api.transaction() as tx:
        await register(tx, programmes=("credit.01",))
    async with worker.transaction() as tx:
        for programme in ("01", "19", "19"):
            await say(tx, a_referral(referral=referral, programme=programme))
    opened, left = await read_all(client)
    assert opened["data"]["programme"] == "01"
    assert (left["scopeleft"], left["sequence"][-1]) == (True, "2")
    assert "data" not in left


async def test_who_is_not_registered_is_refused_and_so_is_an_ended_registration(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    stranger = await client.get("/v1/changes", headers=bearer(Role.BANK, subject="stranger"))
    assert (stranger.status_code, stranger.json()["code"]) == (403, "partner.unregistered")
    assert (await client.get("/v1/changes", headers=bearer(Role.OFFICER))).status_code == 403
    async with database.as_api() as api, api.transaction() as tx:
        await register(tx, valid_until=DAY)
    ended = await client.get("/v1/changes", headers=BANK)
    assert (ended.status_code, ended.json()["code"]) == (403, "partner.unregistered")


async def test_too_many_requests_a_second_are_asked_to_wait(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    async with database.as_api() as api, api.transaction() as tx:
        await register(tx, per_second=1)
    answers = await asyncio.gather(*(client.get("/v1/changes", headers=BANK) for _ in range(20)))
    refused = [one for one in answers if one.status_code == 429]
    assert refused
    assert refused[0].json()["code"] == "partner.rate"
    assert int(refused[0].headers["Retry-After"]) >= 1


async def test_a_cursor_of_a_lost_time_is_refused_with_what_to_do(
    client: httpx.AsyncClient, database: ServiceDatabase, worker: Database
) -> None:
    async with worker.transaction() as tx:
        await say(tx, a_referral())
    [kept] = [page async for page in pages(client)]
    async with worker.transaction() as tx:
        await say(tx, a_referral())
    [lost] = [page async for page in pages(client, kept["next"])]
    owner = await asyncpg.connect(database.owner_dsn)
    try:  # a restore to before the second act; its number is given again
        await owner.execute("DELETE FROM event_log WHERE seq = 2")
        await owner.execute("DELETE FROM outbox WHERE seq = 2")
        await owner.execute("ALTER TABLE event_log ALTER COLUMN seq RESTART WITH 2")
        await forget_cluster(owner)
    finally:
        await owner.close()
    async with worker.transaction() as tx:
        await say(tx, a_referral())
    gone = await client.get("/v1/changes", params={"after": lost["next"]}, headers=BANK)
    assert (gone.status_code, gone.json()["code"]) == (410, "feed.cursor_gone")
    assert "after" in gone.json()["errors"][0]["fix"]["en"]
    assert len(await read_all(client, kept["next"])) == 1  # a cursor of before goes on
    assert len(await read_all(client)) == 2


async def test_a_cursor_that_nobody_gave_is_refused(client: httpx.AsyncClient) -> None:
    for after in ("x", "WyJhIl0", "WyIxIiwiMiJd"):
        refused = await client.get("/v1/changes", params={"after": after}, headers=BANK)
        assert (refused.status_code, refused.json()["code"]) == (422, "page.cursor")


async def test_a_field_of_the_past_is_shown_where_its_event_has_it(
    client: httpx.AsyncClient, worker: Database
) -> None:
    async with worker.transaction() as tx:
        await say(tx, a_referral())
    [item] = await read_all(client)
    assert set(item["data"]) == {path.partition(".")[0] for path in FIELDS}
    assert item["data"]["terms"] == {"max_amount": 100_000_000}
    assert date.fromisoformat(item["time"][:10])

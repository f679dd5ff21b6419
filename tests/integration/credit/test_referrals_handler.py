"""The consumer `credit.referrals` on a real database: what entitlements do to referrals."""

import asyncio
import json
from datetime import date

import asyncpg
import pytest

from libs.common.ids import new_id
from libs.common.messaging import ledger
from services.credit.referrals import store
from services.credit.referrals.disbursement import Disbursement, disburse
from services.credit.referrals.pricing import current_price
from services.credit.sweeps.store import get_law_day
from services.credit.sweeps.sweeping import sweep_to
from tests.conftest import MakeDatabase
from tests.integration.credit.builders import START, entitled, hand_over, referrals

MOVED_ON = date(2023, 1, 1)
NEW_RATE = date(2025, 12, 1)
PRICE = current_price()
POOR = ("credit.01", START, None)
ESCAPED = (("credit.01", START, MOVED_ON), ("credit.09", MOVED_ON, None))


async def test_each_version_is_a_row_and_an_event(make_database: MakeDatabase) -> None:
    database = await make_database("credit")
    household = new_id()
    last = entitled(household, *ESCAPED, version=2, as_of=MOVED_ON)
    async with database.as_worker() as worker:
        await hand_over(worker, entitled(household, POOR))
        await hand_over(worker, last)
        async with worker.transaction() as tx:
            (row,) = await referrals(tx, household)
            versions = await store.list_versions(tx, row["referral_id"])
            events = await tx.fetch("SELECT * FROM event_log ORDER BY seq")
    assert (row["programme"], row["state"], row["version"]) == ("09", "open", 2)
    assert [(v["act"], v["programme"]) for v in versions] == [("opened", "01"), ("moved", "09")]
    assert [v["entitlement_version"] for v in versions] == [1, 2]
    assert {e["subject"] for e in events} == {row["referral_id"]}
    said = json.loads(events[1]["body"])
    assert said["type"] == "referral.changed.v1"
    assert said["source"] == "/services/credit"
    assert said["causationid"] == str(last.event_id)
    assert said["correlationid"] == str(last.correlation_id)
    assert said["data"]["act"] == "moved"
    assert said["data"]["area"]["commune"] == "01882"
    assert said["data"]["terms"]["yearly_rate_percent"] == "8.25"


async def test_stale_repeated_and_unchanged_events_say_nothing(make_database: MakeDatabase) -> None:
    """The natural keys alone: no inbox and no cursor stand before the handler here."""
    database = await make_database("credit")
    household = new_id()
    first = entitled(household, POOR)
    second = entitled(household, *ESCAPED, version=2, as_of=MOVED_ON)
    async with database.as_worker() as worker:
        await hand_over(worker, second)
        for event in (first, second, entitled(household, *ESCAPED, version=3, as_of=MOVED_ON)):
            await hand_over(worker, event)
        async with worker.transaction() as tx:
            (row,) = await referrals(tx, household)
            assert (row["programme"], row["version"]) == ("09", 1)
            assert await tx.fetchval("SELECT count(*) FROM event_log") == 1


async def test_several_versions_of_one_household_in_a_batch_count_as_the_last(
    make_database: MakeDatabase,
) -> None:
    database = await make_database("credit")
    household = new_id()
    async with database.as_worker() as worker:
        await hand_over(
            worker,
            entitled(household, *ESCAPED, version=2, as_of=MOVED_ON),
            entitled(household, POOR),
        )
        async with worker.transaction() as tx:
            (row,) = await referrals(tx, household)
    assert (row["programme"], row["version"]) == ("09", 1)


async def test_paid_out_referral_stays_and_a_new_one_opens_beside_it(
    make_database: MakeDatabase,
) -> None:
    database = await make_database("credit")
    household = new_id()
    async with database.as_worker() as worker:
        await hand_over(worker, entitled(household, POOR))
        async with worker.transaction() as tx:
            await tx.execute("UPDATE referral SET state = 'disbursed'")
        await hand_over(worker, entitled(household, *ESCAPED, version=2, as_of=MOVED_ON))
        async with worker.transaction() as tx:
            paid, opened = await referrals(tx, household)
    assert (paid["programme"], paid["state"], paid["is_flagged"]) == ("01", "disbursed", True)
    assert (opened["programme"], opened["state"], opened["is_flagged"]) == ("09", "open", False)


async def test_revoked_decision_withdraws_and_a_new_one_refers_again(
    make_database: MakeDatabase,
) -> None:
    database = await make_database("credit")
    household = new_id()
    async with database.as_worker() as worker:
        await hand_over(worker, entitled(household, POOR))
        await hand_over(worker, entitled(household, version=2, as_of=MOVED_ON))
        await hand_over(worker, entitled(household, POOR, version=3, as_of=MOVED_ON))
        async with worker.transaction() as tx:
            states = [row["state"] for row in await referrals(tx, household)]
    assert states == ["withdrawn", "open"]


async def test_database_itself_refuses_a_second_open_referral(make_database: MakeDatabase) -> None:
    database = await make_database("credit")
    household = new_id()
    async with database.as_worker() as worker:
        await hand_over(worker, entitled(household, POOR))
        async with worker.transaction() as tx:
            (row,) = await referrals(tx)
        columns = ", ".join(name for name, _ in row.items() if name != "referral_id")
        with pytest.raises(asyncpg.UniqueViolationError, match="referral_one_open"):
            async with worker.transaction() as tx:
                await tx.execute(
                    f"INSERT INTO referral (referral_id, {columns})"
                    f" SELECT $1, {columns} FROM referral",
                    new_id(),
                )


async def test_two_consumers_deciding_one_household_at_once_refer_it_once(
    make_database: MakeDatabase,
) -> None:
    database = await make_database("credit")
    households = [new_id() for _ in range(50)]
    async with database.as_worker() as worker:
        first = [entitled(household, POOR) for household in households]
        second = [
            entitled(household, *ESCAPED, version=2, as_of=MOVED_ON) for household in households
        ]
        await asyncio.gather(
            hand_over(worker, *first),
            hand_over(worker, *reversed(second)),
            hand_over(worker, *first),
        )
        async with worker.transaction() as tx:
            rows = await referrals(tx)
    assert {(row["household_id"], row["programme"]) for row in rows} == {
        (household, "09") for household in households
    }
    assert len(rows) == len(households)


async def test_payment_and_change_of_class_at_once_end_the_same_way_as_one_after_the_other(
    make_database: MakeDatabase,
) -> None:
    """The payment holds the referral's head; the handler waits for it and then sees it paid."""
    database = await make_database("credit")
    household = new_id()
    async with database.as_worker() as worker:
        await hand_over(worker, entitled(household, POOR))
        async with worker.transaction() as paying:
            (row,) = await referrals(paying)
            referral_id = row["referral_id"]
            heads = await ledger.lock_heads(paying, store.STREAM, [referral_id])
            moving = asyncio.create_task(
                hand_over(worker, entitled(household, *ESCAPED, version=2, as_of=MOVED_ON))
            )
            await _until_someone_waits(worker.dsn)
            stored = (await store.read_referrals(paying, [referral_id]))[referral_id]
            change = disburse(stored.referral, Disbursement(START, 1, "HD-1"), MOVED_ON, PRICE)
            cause = store.Cause(None, new_id())
            await store.save_changes(paying, [change], [cause], {})
            await paying.execute(
                "UPDATE stream_head SET version = $2 WHERE subject = $1",
                referral_id,
                heads[referral_id] + 1,
            )
        await moving
        async with worker.transaction() as tx:
            paid, opened = await referrals(tx, household)
    assert (paid["programme"], paid["state"], paid["is_flagged"]) == ("01", "disbursed", True)
    assert (opened["programme"], opened["state"]) == ("09", "open")


async def _until_someone_waits(dsn: str) -> None:
    watching = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(90):
            while True:
                if await watching.fetchval(
                    "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)"
                    " WHERE NOT granted AND datname = current_database()"
                ):
                    return
                await asyncio.sleep(0.01)
    finally:
        await watching.close()


async def test_sweep_reprices_open_referrals_once(make_database: MakeDatabase) -> None:
    database = await make_database("credit")
    open_one, paid_one, future_one = new_id(), new_id(), new_id()
    late = date(2026, 2, 1)
    async with database.as_worker() as worker:
        await hand_over(
            worker,
            entitled(open_one, POOR),
            entitled(paid_one, POOR),
            entitled(future_one, ("credit.19", late, None), as_of=late),
        )
        async with worker.transaction() as tx:
            await tx.execute(
                "UPDATE referral SET state = 'disbursed' WHERE household_id = $1", paid_one
            )
        assert await sweep_to(worker, date(2025, 11, 30), PRICE) == 0
        assert await sweep_to(worker, date(2025, 12, 9), PRICE) == 1
        assert await sweep_to(worker, date(2025, 12, 9), PRICE) == 0
        assert await sweep_to(worker, date(2024, 1, 1), PRICE) == 0
        async with worker.transaction() as tx:
            (row,) = await referrals(tx, open_one)
            acts = [v["act"] for v in await store.list_versions(tx, row["referral_id"])]
            said = await tx.fetchval("SELECT body FROM event_log ORDER BY seq DESC LIMIT 1")
            assert await get_law_day(tx) == date(2025, 12, 9)
    assert acts == ["opened", "repriced"]
    assert (row["terms_on"], str(row["yearly_rate"])) == (NEW_RATE, "6.24")
    assert json.loads(said)["data"]["act"] == "repriced"
    assert json.loads(said)["data"]["area"]["district"] == "060"


async def test_each_referral_that_a_sweep_changes_is_an_act_of_its_own(
    make_database: MakeDatabase,
) -> None:
    database = await make_database("credit")
    async with database.as_worker() as worker:
        await hand_over(worker, entitled(new_id(), POOR), entitled(new_id(), POOR))
        assert await sweep_to(worker, NEW_RATE, PRICE) == 2
        async with worker.transaction() as tx:
            acts = await tx.fetchval("SELECT count(DISTINCT correlation_id) FROM event_log")
            kept = await tx.fetchval("SELECT count(DISTINCT correlation_id) FROM referral_version")
    assert (acts, kept) == (4, 4)  # two opened, two repriced


async def test_event_after_the_sweep_is_priced_by_the_day_of_the_law(
    make_database: MakeDatabase,
) -> None:
    database = await make_database("credit")
    async with database.as_worker() as worker:
        await sweep_to(worker, NEW_RATE, PRICE)
        await hand_over(worker, entitled(new_id(), POOR))
        async with worker.transaction() as tx:
            (row,) = await referrals(tx)
    assert (row["opened_on"], row["terms_on"]) == (START, NEW_RATE)
    assert str(row["yearly_rate"]) == "6.24"


async def test_api_role_sees_only_referrals_of_its_communes(make_database: MakeDatabase) -> None:
    database = await make_database("credit")
    async with database.as_worker() as worker:
        await hand_over(worker, entitled(new_id(), POOR), entitled(new_id(), POOR, commune="01873"))
    async with database.as_api() as api:
        for scope, communes in (("01882", ["01882"]), ("", []), ("*", ["01873", "01882"])):
            async with api.transaction(scope) as tx:
                assert sorted(row["commune"] for row in await referrals(tx)) == communes

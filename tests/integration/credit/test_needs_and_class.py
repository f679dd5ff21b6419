"""What a change of class does to a need that is on its way, as the events of eligibility arrive."""

import asyncio
from datetime import UTC, date, datetime
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from libs.common.ids import new_id
from services.credit.referrals.restoring import follow_heads
from tests.integration.credit.builders import entitled, hand_over, refer, referrals
from tests.integration.credit.needs import OFFICER, PAID_ON, Road, rules, said
from tests.support.servers import ServiceDatabase

MOVED_ON = date(2022, 5, 16)


async def change_class(
    database: ServiceDatabase, referral_id: UUID, programme: str | None, version: int = 2
) -> None:
    """The household of a referral is entitled to another programme, or to none."""
    async with database.as_worker() as worker:
        async with worker.transaction() as tx:
            rows = {row["referral_id"]: row for row in await referrals(tx)}
        household = rows[referral_id]["household_id"]
        periods = [] if programme is None else [(f"credit.{programme}", MOVED_ON, None)]
        await hand_over(worker, entitled(household, *periods, version=version, as_of=MOVED_ON))


async def test_class_change_sends_a_need_back_to_be_confirmed_again(
    road: Road, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    need_id, list_id = new_id(), new_id()
    await road.send(referral_id, need_id, list_id)
    assert await states_of_lists(road) == ["settled"]
    await change_class(database, referral_id, "19")

    need = (await road.need(need_id))["need"]
    assert (need["stage"], need["changed_on"]) == ("listed", str(MOVED_ON))
    event = (await said(database))[-1]
    assert (event["act"], event["programme"]) == ("moved", "19")
    assert event["need"]["stage"] == "listed"
    assert await states_of_lists(road) == ["waiting"]

    answer = await road.receive(referral_id, received_on=str(PAID_ON))
    assert (answer.status_code, rules(answer)) == (409, [("/stage", "need.is_listed")])
    count = len(await said(database))
    assert (await road.confirm(list_id, need_id)).status_code == 200  # the old one, sent again
    assert len(await said(database)) == count
    await road.confirm(list_id, need_id, confirmed_on=str(MOVED_ON))
    assert (await road.need(need_id))["need"]["stage"] == "sent"
    assert await states_of_lists(road) == ["settled"]


async def states_of_lists(road: Road) -> list[str]:
    answer = await road.client.get("/v1/lists", headers=OFFICER)
    return [item["state"] for item in answer.json()["items"]]


async def test_lost_class_withdraws_the_need_and_a_new_one_may_follow(
    road: Road, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    need_id, list_id = new_id(), new_id()
    await road.apply(need_id, referral_id)
    await road.vote(list_id, need_id)
    await change_class(database, referral_id, None)
    need = (await road.need(need_id))["need"]
    assert (need["stage"], need["reason"]) == ("withdrawn", "class_lost")
    answer = await road.confirm(list_id, need_id)
    assert (answer.status_code, rules(answer)) == (
        409,
        [("/entries/0/need_id", "need.is_withdrawn")],
    )
    answer = await road.apply(new_id(), referral_id)
    assert (answer.status_code, rules(answer)) == (409, [("/referral_id", "referral.not_open")])
    await change_class(database, referral_id, "01", version=3)
    async with database.as_worker() as worker, worker.transaction() as tx:
        opened = [row["referral_id"] for row in await referrals(tx) if row["state"] == "open"]
    assert (await road.apply(new_id(), opened[0], applied_on=str(PAID_ON))).is_success


async def test_confirmation_and_change_of_class_race_to_one_of_two_right_ends(
    road: Road, database: ServiceDatabase
) -> None:
    """Whoever is first: under the new programme nothing is with the bank unconfirmed."""
    (referral_id,) = await refer(database, "01")
    need_id, list_id = new_id(), new_id()
    await road.apply(need_id, referral_id)
    await road.vote(list_id, need_id)
    answer, _ = await asyncio.gather(
        road.confirm(list_id, need_id, confirmed_on=str(MOVED_ON)),
        change_class(database, referral_id, "19"),
    )
    assert answer.is_success
    ended = [(event["act"], event["need"]["stage"]) for event in (await said(database))[3:]]
    assert ended in (
        [("need_sent", "sent"), ("moved", "listed")],  # confirmed as poor, to be confirmed again
        [("moved", "listed"), ("need_sent", "sent")],  # confirmed after the change
    )


async def test_after_a_restore_a_need_goes_on_under_the_raised_versions(
    road: Road, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    need_id, list_id = new_id(), new_id()
    await road.apply(need_id, referral_id)
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        async with owner.transaction():
            await owner.execute("UPDATE stream_head SET version = version + 1000000")
            await follow_heads(Transaction(owner, datetime.now(UTC)))
    finally:
        await owner.close()
    assert (await road.need(need_id))["need"]["stage"] == "applied"
    await road.vote(list_id, need_id)
    history = (await road.need(need_id))["history"]
    assert [(step["version"], step["stage"]) for step in history] == [
        (2, "applied"),
        (1_000_003, "listed"),
    ]
    await change_class(database, referral_id, None)
    assert (await road.need(need_id))["need"]["stage"] == "withdrawn"

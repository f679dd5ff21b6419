"""Where needs meet groups, loans and plans: who may vote, what is still owed, what is opened."""

from typing import Any
from uuid import UUID

from libs.common.database import EVERY_AREA
from libs.common.ids import new_id
from services.credit.groups import store as groups
from services.credit.groups.domain import Group, Member, Union
from services.credit.loans.opening import open_loans
from tests.integration.credit.builders import START, a_loan, a_plan, refer, referrals
from tests.integration.credit.needs import BANK, PAID_ON, VOTED_ON, Road, rules
from tests.support.servers import ServiceDatabase


async def households(database: ServiceDatabase, *referral_ids: UUID) -> list[UUID]:
    async with database.as_worker() as worker, worker.transaction() as tx:
        rows = {row["referral_id"]: row["household_id"] for row in await referrals(tx)}
    return [rows[referral_id] for referral_id in referral_ids]


async def a_group_of(database: ServiceDatabase, *members: UUID, commune: str = "01882") -> UUID:
    """A group of these households since the start of the year."""
    group = Group(new_id(), commune, "Thôn 1", Union.WOMEN, START, members=0)
    async with database.as_api() as api, api.transaction(EVERY_AREA) as tx:
        await groups.insert_group(tx, group, "tester")
        for household_id in members:
            member = Member(household_id, None, START, None)
            assert await groups.insert_member(tx, group, member, "tester")
    return group.group_id


async def approved(road: Road, referral_id: UUID, **changed: Any) -> UUID:
    """A need that the bank has approved."""
    need_id, list_id = new_id(), new_id()
    for answer in (
        await road.apply(need_id, referral_id, **changed),
        await road.vote(list_id, need_id),
        await road.confirm(list_id, need_id),
        await road.receive(referral_id),
        await road.answer(referral_id),
    ):
        assert answer.is_success, answer.text
    return need_id


# --- groups ---------------------------------------------------------------------------------------


async def test_household_applies_through_its_own_group(
    road: Road, database: ServiceDatabase
) -> None:
    mine, other = await refer(database, "01", "01")
    (household,) = await households(database, mine)
    group_id = await a_group_of(database, household)
    assert (await road.apply(new_id(), mine, group_id=str(group_id))).is_success
    answer = await road.apply(new_id(), other, group_id=str(group_id))
    assert (answer.status_code, rules(answer)) == (422, [("/group_id", "group.not_member")])


async def test_a_complete_group_votes_and_a_smaller_one_does_not(
    road: Road, database: ServiceDatabase
) -> None:
    ids = await refer(database, *["01"] * 9)
    members = await households(database, *ids)
    large = await a_group_of(database, *members[:5])
    small = await a_group_of(database, *members[5:])
    first, second = new_id(), new_id()
    assert (await road.apply(first, ids[0], group_id=str(large))).is_success
    assert (await road.apply(second, ids[5], group_id=str(small))).is_success
    answer = await road.vote(new_id(), second, group_id=str(small))
    assert (answer.status_code, rules(answer)) == (422, [("/group_id", "group.incomplete")])
    answer = await road.vote(new_id(), first, second, group_id=str(large))
    assert rules(answer) == [("/entries/1/need_id", "need.other_group")]
    answer = await road.vote(new_id(), first, group_id=str(new_id()))
    assert rules(answer) == [
        ("/group_id", "group.unknown"),
        ("/entries/0/need_id", "need.other_group"),
    ]
    assert (await road.vote(new_id(), first, group_id=str(large))).status_code == 201


async def test_household_that_has_left_is_not_voted_on(
    road: Road, database: ServiceDatabase
) -> None:
    ids = await refer(database, *["01"] * 6)
    members = await households(database, *ids)
    group_id = await a_group_of(database, *members)
    need_id = new_id()
    await road.apply(need_id, ids[0], group_id=str(group_id))
    async with database.as_api() as api, api.transaction(EVERY_AREA) as tx:
        member = Member(members[0], None, START, None)
        await groups.end_member(tx, group_id, member, VOTED_ON)
    answer = await road.vote(new_id(), need_id, group_id=str(group_id))
    assert rules(answer) == [("/entries/0/need_id", "group.not_member")]


# --- what is owed ---------------------------------------------------------------------------------


async def test_what_is_still_owed_under_the_programme_counts_against_the_limit(
    road: Road, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    (household,) = await households(database, referral_id)
    async with database.as_worker() as worker, worker.transaction() as tx:
        await open_loans(
            tx,
            [
                a_loan(household, principal=70_000_000),
                a_loan(household, principal=90_000_000, programme="19"),  # of another programme
            ],
        )
    answer = await road.apply(new_id(), referral_id, amount=30_000_001)
    assert (answer.status_code, rules(answer)) == (422, [("/amount", "need.over_limit")])
    assert "30000000" in answer.json()["errors"][0]["message"]["en"]
    need_id = await approved(road, referral_id, amount=30_000_000)
    async with database.as_worker() as worker, worker.transaction() as tx:
        await open_loans(tx, [a_loan(household, principal=1)])
    answer = await road.pay(referral_id, amount=30_000_000)
    assert (answer.status_code, rules(answer)) == (422, [("/amount", "disbursement.over_limit")])
    assert (await road.need(need_id))["need"]["stage"] == "approved"


# --- the loan -------------------------------------------------------------------------------------


async def test_payment_opens_the_loan_that_was_approved(
    road: Road, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    need_id = await approved(road, referral_id, months=48, source="local")
    for wrong, expected in (
        ({"months": 49}, ("/months", "disbursement.longer_than_approved")),
        ({"source": "central"}, ("/source", "disbursement.other_source")),
    ):
        answer = await road.pay(referral_id, **wrong)
        assert (answer.status_code, rules(answer)) == (422, [expected])
    assert (await road.pay(referral_id)).is_success
    assert (await road.pay(referral_id, months=48, source="local")).status_code == 200
    async with database.as_worker() as worker, worker.transaction() as tx:
        loan = await tx.fetchrow("SELECT * FROM loan WHERE referral_id = $1", referral_id)
    assert loan is not None
    assert (loan["need_id"], loan["months"], loan["source"]) == (need_id, 48, "local")
    assert (loan["principal"], loan["paid_on"]) == (40_000_000, PAID_ON)


async def test_payment_without_a_need_opens_a_loan_as_before(
    road: Road, database: ServiceDatabase
) -> None:
    never, withdrawn = await refer(database, "01", "01")
    need_id = await approved(road, withdrawn, source="local")
    await road.withdraw(need_id)
    for number, referral_id in enumerate((never, withdrawn)):
        paid = await road.pay(referral_id, contract_number=f"HD-{number}")
        assert paid.is_success, paid.text
    async with database.as_worker() as worker, worker.transaction() as tx:
        rows = await tx.fetch("SELECT need_id, months, source FROM loan")
    assert [tuple(row) for row in rows] == [(None, 120, "central")] * 2


async def test_payment_over_the_plan_leaves_the_need_approved(
    road: Road, database: ServiceDatabase
) -> None:
    (referral_id,) = await refer(database, "01")
    need_id = await approved(road, referral_id)
    async with database.as_api() as api, api.transaction(EVERY_AREA) as tx:
        await a_plan(tx, amount=39_999_999)
    answer = await road.pay(referral_id)
    assert (answer.status_code, answer.json()["code"]) == (422, "plan.exceeded")
    assert (await road.need(need_id))["need"]["stage"] == "approved"
    assert (await road.pay(referral_id, amount=39_999_999)).is_success
    found = await road.client.get(f"/v1/referrals/{referral_id}", headers=BANK)
    assert found.json()["need"]["stage"] == "disbursed"

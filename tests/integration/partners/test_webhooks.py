"""Webhooks to a real server: each change arrives, in order per subject, whatever it does."""

import asyncio
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from libs.common.floor import on_common_floor
from libs.common.ids import new_id
from libs.common.messaging.settings import BackoffSettings
from libs.common.partners.webhooks import store
from libs.common.partners.webhooks.addresses import Networks
from libs.common.partners.webhooks.cargo import WebhookCargo
from libs.common.partners.webhooks.lane import Lane
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.partners.webhooks.signing import sign
from services.credit.app import build
from tests.integration.partners.conftest import IMPATIENT, PARTNERS, QUICK, Credit
from tests.support.bus import eventually
from tests.support.edge import open_client
from tests.support.partners import KEYS, OPERATOR, a_referral, read_all, register, say
from tests.support.receiver import OK, Receiver, Reply, Sent, receiving

BROKEN = Reply(500)


async def say_all(credit: Credit, count: int = 1, versions: int = 1) -> list[str]:
    """New referrals, each with so many versions; answers their ids."""
    subjects = [new_id() for _ in range(count)]
    for _ in range(versions):
        async with credit.worker.transaction() as tx:
            await say(tx, *(a_referral(referral=one) for one in subjects))
    return [str(one) for one in subjects]


def in_order(sent: list[Sent]) -> bool:
    """Whether the versions of each subject arrived from 1 on without gap or repeat."""
    seen = defaultdict(list)
    for one in sent:
        seen[one.event["subject"]].append(int(one.event["sequence"]))
    return all(found == list(range(1, len(found) + 1)) for found in seen.values())


async def test_every_change_arrives_once_signed_and_in_order(credit: Credit) -> None:
    async with receiving() as bank, credit.sending():
        endpoint = await credit.add_endpoint(bank.url)
        await say_all(credit, count=5, versions=3)
        await credit.reaches(endpoint, delivered=15)
        known = await credit.endpoint(endpoint)
    assert in_order(bank.sent)
    assert len({one.id for one in bank.sent}) == len(bank.sent) == 15
    secrets = KEYS.in_force(endpoint, known.secrets, datetime.now(UTC))
    for one in bank.sent:
        stamp = int(one.headers["webhook-timestamp"])
        assert one.headers["webhook-signature"] == sign(secrets, one.id, stamp, one.body)
        assert one.id == one.event["id"]
        assert one.headers["content-type"].startswith("application/cloudevents+json")
        assert set(one.event["data"]) == {
            "referral_id", "household_id", "area", "programme", "state", "terms",
        }  # fmt: skip


async def test_the_feed_and_the_webhooks_show_the_very_same(credit: Credit) -> None:
    async with credit.api.transaction() as tx:
        await register(tx, programmes=("credit.01",))
    moving = new_id()
    for programme in ("01", "19", "01"):
        async with credit.worker.transaction() as tx:
            await say(tx, a_referral(referral=moving, programme=programme), a_referral())
    async with receiving() as bank, credit.sending():
        endpoint = await credit.add_endpoint(bank.url)
        await credit.reaches(endpoint, delivered=6)
    async with open_client(on_common_floor(build()), credit.database) as client:
        shown = await read_all(client, limit=4)
        asked = {"subject": str(moving)}
        trace = (await client.get("/internal/v1/trace", params=asked, headers=OPERATOR)).json()
    assert {(one["event_id"], one["road"], one["state"]) for one in trace["told"] if one["at"]} == {
        (one["event_id"], road, state)
        for one in trace["said"]
        for road, state in (("feed", "read"), (str(endpoint), "delivered"))
    }
    told = sorted((one.event for one in bank.sent), key=lambda event: event["id"])
    assert told == sorted(shown, key=lambda event: event["id"])
    assert [one["scopeleft"] for one in shown if "data" not in one] == [True]


async def test_what_was_said_before_an_endpoint_is_told_only_where_asked_for(
    credit: Credit,
) -> None:
    await say_all(credit, count=2)
    async with receiving() as bank, credit.sending():
        old = await credit.add_endpoint(f"{bank.url}/old")
        new = await credit.add_endpoint(f"{bank.url}/new", from_beginning=False)
        await credit.reaches(old, delivered=2)
        await say_all(credit)
        await credit.reaches(new, delivered=1)


async def test_a_refused_delivery_is_tried_again_and_holds_up_its_own_subject_alone(
    credit: Credit,
) -> None:
    times: dict[str, int] = defaultdict(int)
    sick, well = await say_all(credit, count=2, versions=2)

    def behave(sent: Sent) -> Reply:
        times[sent.id] += 1
        is_first = sent.event["subject"] == sick and sent.event["sequence"].endswith("1")
        return BROKEN if is_first and times[sent.id] < 4 else OK

    async with receiving(behave) as bank, credit.sending():
        endpoint = await credit.add_endpoint(bank.url)
        await credit.reaches(endpoint, delivered=4)
    assert in_order(bank.accepted)
    assert max(times.values()) == 4
    accepted = [one.event["subject"] for one in bank.accepted]
    assert accepted[-1] == sick
    assert accepted.index(well) < accepted.index(sick)


async def test_a_partner_that_is_down_is_only_probed_and_gets_everything_when_it_is_back(
    credit: Credit,
) -> None:
    async with receiving(lambda sent: BROKEN) as bank, credit.sending():
        endpoint = await credit.add_endpoint(bank.url)
        await say_all(credit, count=30)
        await credit.is_paused(endpoint, "failing")
        seen = len(bank.sent)
        await say_all(credit, count=30, versions=2)
        await eventually(lambda: _more(bank, seen + 3))  # probing goes on
        assert len(bank.sent) < 60
        bank.behaviour = lambda sent: OK
        await credit.reaches(endpoint, delivered=90)
        await credit.is_paused(endpoint, None)
    assert in_order(bank.accepted)


async def _more(bank: Receiver, count: int) -> bool:
    return len(bank.sent) >= count


async def test_a_partner_that_says_gone_is_paused_until_somebody_resumes(credit: Credit) -> None:
    async with receiving(lambda sent: Reply(410)) as bank, credit.sending():
        endpoint = await credit.add_endpoint(bank.url)
        await say_all(credit, count=3)
        await credit.is_paused(endpoint, "gone")
        bank.behaviour = lambda sent: OK
        async with credit.api.transaction() as tx:
            await store.resume(tx, endpoint, tx.recorded_at)
            tx.wakes.add("outbox")
        await credit.reaches(endpoint, delivered=3)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(302, (("Location", "{elsewhere}"),)), "redirect"),
        (Reply(200, (("Location", "{elsewhere}"),)), "redirect"),
        (Reply(200, (("Content-Type", "text/html"),), b"<html>log in</html>"), "page"),
        (Reply(hangs=True), "timeout"),
    ],
    ids=["redirect", "hidden redirect", "page", "hangs"],
)
async def test_an_answer_that_accepts_nothing_is_a_failure_and_leads_nowhere(
    credit: Credit, reply: Reply, error: str
) -> None:
    async with receiving() as elsewhere, receiving() as bank, credit.sending(IMPATIENT):
        headers = tuple((n, v.format(elsewhere=elsewhere.url)) for n, v in reply.headers)
        bank.behaviour = lambda sent: Reply(reply.status, headers, reply.body, reply.hangs)
        endpoint = await credit.add_endpoint(bank.url)
        await say_all(credit)

        async def is_told() -> bool:
            return (await credit.endpoint(endpoint)).last_error == error

        await eventually(is_told)
        assert await credit.states(endpoint) == {"pending": 1}
        assert elsewhere.sent == []


async def test_an_endless_answer_is_read_to_its_bound(credit: Credit) -> None:
    async with receiving(lambda sent: Reply(200, (), b"x" * 5_000_000)) as bank, credit.sending():
        endpoint = await credit.add_endpoint(bank.url)
        await say_all(credit, count=2)
        await credit.reaches(endpoint, delivered=2)


async def test_a_slow_partner_delays_nobody_else(credit: Credit) -> None:
    async with AsyncExitStack() as stack:
        slow = await stack.enter_async_context(receiving(lambda sent: Reply(hangs=True)))
        quick = await stack.enter_async_context(receiving())
        await stack.enter_async_context(credit.sending(IMPATIENT))
        held_up = await credit.add_endpoint(slow.url)
        await say_all(credit, count=40)
        await eventually(lambda: _more(slow, 1))
        other = await credit.add_endpoint(quick.url)
        await credit.reaches(other, delivered=40)
        assert await credit.states(held_up) == {"pending": 40}


async def test_what_fails_for_days_while_others_arrive_is_given_up_and_can_be_replayed(
    credit: Credit,
) -> None:
    [sick] = await say_all(credit)
    async with receiving() as bank, credit.sending():
        bank.behaviour = lambda sent: BROKEN if sent.event["subject"] == sick else OK
        endpoint = await credit.add_endpoint(bank.url)
        await eventually(lambda: _more(bank, 1))
        await credit.worker.pool.execute(
            "UPDATE webhook_delivery SET first_attempt_at = now() - interval '73 hours'"
        )
        await say_all(credit)
        await credit.reaches(endpoint, delivered=1, failed=1)
        async with credit.api.transaction() as tx:
            [failed] = await store.list_failed(tx, endpoint, 0, 10)
        assert (str(failed["subject"]), failed["last_status"]) == (sick, 500)
        bank.behaviour = lambda sent: OK
        async with credit.api.transaction() as tx:
            assert await store.retry_failed(tx, endpoint) == 1
            tx.wakes.add("outbox")
        await credit.reaches(endpoint, delivered=2)


async def test_a_replay_tells_again_under_the_same_ids(credit: Credit) -> None:
    async with receiving() as bank, credit.sending():
        endpoint = await credit.add_endpoint(bank.url)
        await say_all(credit, count=3)
        await credit.reaches(endpoint, delivered=3)
        since = datetime.now(UTC)
        await say_all(credit, count=2, versions=2)
        await credit.reaches(endpoint, delivered=7)
        first = [one.id for one in bank.sent]
        async with credit.api.transaction() as tx:
            await store.rewind(tx, endpoint, since)
            tx.wakes.add("outbox")
        await eventually(lambda: _more(bank, 11))
        await credit.reaches(endpoint, delivered=7)
    assert sorted(one.id for one in bank.sent[7:]) == sorted(first[3:])


async def test_a_rotation_signs_with_both_secrets_and_loses_nothing(credit: Credit) -> None:
    async with receiving() as bank, credit.sending():
        endpoint = await credit.add_endpoint(bank.url)
        await say_all(credit)
        await credit.reaches(endpoint, delivered=1)
        known = await credit.endpoint(endpoint)
        before = KEYS.in_force(endpoint, known.secrets, datetime.now(UTC))
        async with credit.api.transaction() as tx:
            new = KEYS.rotate(known.secrets, datetime.now(UTC), timedelta(hours=24))
            await store.keep_secrets(tx, endpoint, new)
        await say_all(credit)
        await credit.reaches(endpoint, delivered=2)
    last = bank.sent[-1]
    old = sign(before, last.id, int(last.headers["webhook-timestamp"]), last.body)
    signatures = last.headers["webhook-signature"].split(" ")
    assert len(signatures) == 2
    assert signatures[1] == old


async def test_an_internal_address_is_refused_at_the_moment_of_connecting(credit: Credit) -> None:
    """Also where the endpoint was registered when the name still led outside."""
    public_only = PartnerSettings(KEYS, Networks(), QUICK)
    async with receiving() as bank, credit.sending(public_only):
        endpoint = await credit.add_endpoint(bank.url)
        await say_all(credit, count=2)
        await credit.is_paused(endpoint, "failing")
        assert (await credit.endpoint(endpoint)).last_error == "address.internal"
        assert bank.sent == []
    assert await credit.worker.pool.fetchval("SELECT count(*) FROM audit_line") == 0


async def test_what_a_dead_sender_had_claimed_is_sent_by_the_next(credit: Credit) -> None:
    async with receiving() as bank:
        endpoint = await credit.add_endpoint(bank.url)
        await say_all(credit, count=3)
        lane = Lane(
            credit.worker,
            "credit",
            await credit.endpoint(endpoint),
            PARTNERS,
            WebhookCargo(KEYS),
        )
        async with credit.worker.transaction() as tx:
            await lane._plan(tx, await lane._scope(tx, "nhcsxh"))  # type: ignore[arg-type]
            claimed = await store.claim(tx, endpoint, timedelta(seconds=0.3), 10, is_probe=False)
        await lane.aclose()
        assert len(claimed) == 3
        async with credit.sending():
            await credit.reaches(endpoint, delivered=3)
    assert len(bank.sent) == 3


async def test_a_lane_waits_for_the_first_of_a_subject_whatever_is_due_behind_it(
    credit: Credit,
) -> None:
    async with receiving(lambda sent: BROKEN) as bank:
        endpoint = await credit.add_endpoint(bank.url)
        await say_all(credit, count=1, versions=3)
        patient = replace(PARTNERS.webhooks, retry=BackoffSettings(600.0, 600.0))
        partners = replace(PARTNERS, webhooks=patient)
        cargo = WebhookCargo(KEYS)
        lane = Lane(credit.worker, "credit", await credit.endpoint(endpoint), partners, cargo)
        assert await lane.work() == timedelta(0)
        assert await lane.work() == timedelta(seconds=patient.poll_seconds)
        await lane.aclose()
    assert len(bank.sent) == 1


async def test_what_another_sender_has_just_planned_is_due_now(credit: Credit) -> None:
    """A new delivery's instant is minus infinity, which is no instant to count from."""
    endpoint = await credit.add_endpoint("http://127.0.0.1:9/hook")
    async with credit.worker.transaction() as tx:
        assert await store.next_attempt_at(tx, endpoint) is None
        planned = (1, new_id(), "referral", new_id(), tx.recorded_at)
        await store.plan(tx, endpoint, 1, [planned])
        assert await store.next_attempt_at(tx, endpoint) == tx.recorded_at


async def test_two_senders_share_the_work(credit: Credit) -> None:
    async with receiving() as bank, credit.sending(), credit.sending():
        endpoint = await credit.add_endpoint(bank.url)
        await say_all(credit, count=60, versions=3)
        await credit.reaches(endpoint, delivered=180)
    assert in_order(bank.accepted)
    assert len(bank.sent) == 180


async def test_the_registration_of_the_moment_decides_what_leaves(credit: Credit) -> None:
    async with receiving(lambda sent: BROKEN) as bank, credit.sending():
        endpoint = await credit.add_endpoint(bank.url)
        await say_all(credit)
        await eventually(lambda: _more(bank, 1))
        async with credit.api.transaction() as tx:
            await register(tx, programmes=("credit.19",))
        await credit.reaches(endpoint, withheld=1)
        seen = len(bank.sent)
        async with credit.api.transaction() as tx:
            await register(tx, valid_until=datetime.now(UTC).date() - timedelta(days=1))
        bank.behaviour = lambda sent: OK
        await say_all(credit, count=2)
        async with credit.api.transaction() as tx:
            await register(tx)
            tx.wakes.add("outbox")
        await credit.reaches(endpoint, withheld=1, delivered=2)
        assert len(bank.accepted) == 2
        assert seen >= 1


async def test_whose_data_left_is_on_the_trail(credit: Credit) -> None:
    said = [a_referral() for _ in range(3)]
    async with receiving() as bank, credit.sending():
        async with credit.worker.transaction() as tx:
            await say(tx, *said)
        endpoint = await credit.add_endpoint(bank.url)
        await credit.reaches(endpoint, delivered=3)
    lines = await credit.worker.pool.fetch("SELECT caller, act, subjects FROM audit_line")
    assert {one["caller"] for one in lines} == {"partner:nhcsxh"}
    assert {one["act"] for one in lines} == {f"webhook {endpoint}"}
    noted = {subject for one in lines for subject in one["subjects"]}
    assert noted == {one.household_id for one in said}


async def test_a_removed_endpoint_is_told_nothing_more(credit: Credit) -> None:
    async with receiving() as bank, credit.sending():
        endpoint = await credit.add_endpoint(bank.url)
        other = await credit.add_endpoint(f"{bank.url}/other")
        async with credit.api.transaction() as tx:
            await store.remove(tx, endpoint)
        await say_all(credit)
        await credit.reaches(other, delivered=1)
        await asyncio.gather(*(credit.reaches(one, **{}) for one in (endpoint,)))
    assert [one.path for one in bank.sent] == ["/hook/other"]

"""What a resume leaves alone, and what of deliveries is forgotten."""

from datetime import timedelta

from libs.common.ids import new_id
from libs.common.partners.webhooks import store
from libs.common.partners.webhooks.ticks import forget
from tests.integration.partners.conftest import Credit


async def test_resuming_hurries_what_waits_and_leaves_what_is_on_the_road(credit: Credit) -> None:
    """Two senders with one delivery would cross: the later version could come first."""
    endpoint, lease = await credit.add_endpoint("http://127.0.0.1:9/hook"), timedelta(seconds=90)
    async with credit.worker.transaction() as tx:
        rows = [(seq, new_id(), "referral", new_id(), tx.recorded_at) for seq in (1, 2)]
        await store.plan(tx, endpoint, 2, rows)
        waiting, _ = await store.claim(tx, endpoint, lease, 2, is_probe=False)
        later = tx.recorded_at + timedelta(hours=1)
        failed = store.Settled(waiting.seq, waiting.attempts, "pending", later, 500, "status")
        await store.settle(tx, endpoint, [failed])
        await store.pause(tx, endpoint, "failing", tx.recorded_at, tx.recorded_at)
        await store.resume(tx, endpoint, tx.recorded_at)
        found = await store.claim(tx, endpoint, lease, 2, is_probe=False)
    assert [one.seq for one in found] == [waiting.seq]
    credit.clock.ahead = timedelta(seconds=91)
    async with credit.worker.transaction() as tx:
        assert len(await store.claim(tx, endpoint, lease, 2, is_probe=False)) == 2


async def test_what_nobody_will_be_told_is_forgotten_and_what_was_given_up_at_a_word(
    credit: Credit,
) -> None:
    live, gone = [await credit.add_endpoint("http://127.0.0.1:9/hook") for _ in range(2)]
    async with credit.worker.transaction() as tx:
        for endpoint in (live, gone):
            rows = [(seq, new_id(), "referral", new_id(), tx.recorded_at) for seq in (1, 2)]
            await store.plan(tx, endpoint, 2, rows)
            one, _ = await store.claim(tx, endpoint, timedelta(0), 2, is_probe=False)
            given_up = store.Settled(one.seq, one.attempts, "failed", tx.recorded_at, 400)
            await store.settle(tx, endpoint, [given_up])
    async with credit.api.transaction() as tx:
        await store.remove(tx, gone)
    await forget(credit.worker, credit.clock)
    assert await credit.states(gone) == {"failed": 1, "pending": 1}
    credit.clock.ahead = timedelta(days=31)
    await forget(credit.worker, credit.clock)
    assert await credit.states(gone) == {}
    assert await credit.states(live) == {"failed": 1, "pending": 1}
    async with credit.api.transaction() as tx:
        assert len(await store.give_up_for_good(tx, live)) == 1
    await forget(credit.worker, credit.clock)
    assert await credit.states(live) == {"pending": 1}

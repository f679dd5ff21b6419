"""A partner is away for a week: what waits for it, who notices, and how it catches up.

The days pass on the database's clock; every duration but the polls is the one that runs in service.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from ansinh.ops.reasons import Finding, Kind, find
from libs.common.floor import on_common_floor
from libs.common.ids import new_id
from libs.common.messaging.operations.schemas import ProgressOut
from libs.common.partners.webhooks import store
from libs.common.partners.webhooks.settings import PartnerSettings, WebhookSettings
from services.credit.app import build
from tests.integration.partners.conftest import PARTNERS, Credit
from tests.support.bus import eventually
from tests.support.edge import open_client
from tests.support.partners import OPERATOR, a_referral, pages, read_all, register, say
from tests.support.receiver import OK, Receiver, Reply, Sent, receiving

WINDOW = 40
SETTINGS = WebhookSettings(poll_seconds=0.05, wait_seconds=0.02, planned=WINDOW)
WEEK: PartnerSettings = replace(PARTNERS, webhooks=SETTINGS)
ROUNDS, STEP = 8, timedelta(hours=21)  # a week
BROKEN = Reply(503)


class Story:
    """Ten referrals that change round by round, a bank that is away, and another that is not."""

    def __init__(self, credit: Credit, client: httpx.AsyncClient) -> None:
        self.credit, self.client = credit, client
        self.referrals = [new_id() for _ in range(10)]
        self.said = 0

    async def change(self) -> None:
        """The next version of each referral."""
        async with self.credit.worker.transaction() as tx:
            await say(tx, *(a_referral(referral=one) for one in self.referrals))
        self.said += len(self.referrals)

    def pass_by(self, time: timedelta) -> None:
        self.credit.clock.ahead += time

    async def findings(self) -> list[Finding]:
        """What `ansinh ops status` says about partners."""
        answer = await self.client.get("/internal/v1/progress", headers=OPERATOR)
        own = ProgressOut.model_validate(answer.json())
        return [one for one in find({"credit": own}) if one.kind is Kind.PARTNER]

    async def first_said_at(self) -> datetime:
        found: datetime = await self.credit.worker.pool.fetchval(
            "SELECT min(recorded_at) FROM event_log"
        )
        return found


async def test_a_partner_that_is_down_for_a_week_costs_a_window_and_gets_everything(
    credit: Credit, caplog: pytest.LogCaptureFixture
) -> None:
    async with credit.api.transaction() as tx:
        await register(tx, "other", subjects=("other-core",))
    app = on_common_floor(build())
    async with (
        open_client(app, credit.database, clock=credit.clock) as client,
        receiving(lambda sent: BROKEN) as bank,
        receiving() as other,
    ):
        story = Story(credit, client)
        away = await credit.add_endpoint(bank.url)
        well = await credit.add_endpoint(other.url, "other")
        async with credit.sending(WEEK):
            cursor = await _everybody_else_goes_on(story, bank, away, well)
            assert versions_in_order(other.accepted) == set(story.referrals)
            await _an_operator_sees_it(story, away)
        await _the_feed_waits_at_its_cursor(story, cursor)
        stubborn = str(story.referrals[0])
        async with credit.sending(WEEK):  # another process, as after a release
            bank.behaviour = lambda sent: BROKEN if is_first_of(stubborn, sent) else OK
            await _it_comes_back(story, bank, away, stubborn)
            await _what_alone_fails_is_given_up_after_days_beside_others(story, away)
            bank.behaviour = lambda sent: OK
            async with credit.api.transaction() as tx:
                assert await store.retry_failed(tx, away) == 1
                tx.wakes.add("outbox")
            await credit.reaches(away, delivered=story.said)
        rest = [one for one in bank.accepted if not is_first_of(stubborn, one)]
        assert versions_in_order(rest, first={stubborn: 2}) == set(story.referrals)
        assert len({one.id for one in bank.accepted}) == len(bank.accepted) == story.said
        assert await story.findings() == []
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []


async def _everybody_else_goes_on(
    story: Story, bank: Receiver, away: UUID, well: UUID
) -> str | None:
    """A week of failure; answers the feed's cursor on the first day."""
    cursor = None
    for number in range(1, ROUNDS + 1):
        seen = len(bank.sent)
        await story.change()
        await story.credit.reaches(well, delivered=story.said)

        async def is_probed(seen: int = seen) -> bool:
            return len(bank.sent) > seen

        await eventually(is_probed)
        if number == 1:
            await story.credit.is_paused(away, "failing")
            [page] = [page async for page in pages(story.client)]
            cursor = page["next"]
        story.pass_by(STEP)
    states = await story.credit.states(away)
    assert set(states) == {"pending"}, "nothing is given up"
    assert states["pending"] <= WINDOW < story.said, "the rest stays in the ledger"
    assert len(bank.sent) < 10 + 3 * ROUNDS, "it is probed, not flooded"
    return cursor


async def _an_operator_sees_it(story: Story, away: UUID) -> None:
    [finding] = await story.findings()
    assert (finding.who, finding.count, finding.needs_person) == ("nhcsxh", story.said, True)
    assert finding.since == await story.first_said_at()
    assert "status 503" in finding.why.en
    known = await story.credit.endpoint(away)
    assert known.paused_at is not None
    assert story.credit.clock.now() - known.paused_at > timedelta(days=6)


async def _the_feed_waits_at_its_cursor(story: Story, cursor: str | None) -> None:
    assert cursor is not None
    items = await read_all(story.client, cursor)
    assert len(items) == story.said - len(story.referrals)
    assert versions_in_order(items, first=defaultdict(lambda: 2)) == set(story.referrals)


async def _it_comes_back(story: Story, bank: Receiver, away: UUID, stubborn: str) -> None:
    """One delivery is still refused, the first of all: it neither keeps the endpoint paused nor is
    given up for what was the whole endpoint's failing."""
    answered = len(bank.sent)

    async def is_back() -> bool:
        story.pass_by(timedelta(minutes=5))  # to the next probe
        return (await story.credit.endpoint(away)).pause is None

    await eventually(is_back)
    await story.credit.reaches(away, delivered=story.said - ROUNDS, pending=ROUNDS)

    async def is_refused() -> bool:
        return any(is_first_of(stubborn, one) for one in bank.sent[answered:])

    await eventually(is_refused)
    assert await story.credit.states(away) == {"delivered": story.said - ROUNDS, "pending": ROUNDS}


async def _what_alone_fails_is_given_up_after_days_beside_others(story: Story, away: UUID) -> None:
    story.pass_by(timedelta(hours=70))
    tried = await _attempts(story, away)

    async def is_tried_again() -> bool:
        return await _attempts(story, away) > tried

    await eventually(is_tried_again)
    assert (await story.credit.states(away))["pending"] == ROUNDS
    [finding] = await story.findings()
    assert (finding.count, finding.why.en) == (ROUNDS, "Some it does not take: status 503.")
    story.pass_by(timedelta(hours=3))
    await story.credit.reaches(away, delivered=story.said - 1, failed=1)
    [finding] = await story.findings()
    assert (finding.who, finding.count) == ("nhcsxh", 1)
    assert finding.why.en == "Not taken in 72 hours (status 503), while others arrive."


async def _attempts(story: Story, away: UUID) -> int:
    """Of the first delivery."""
    found: int = await story.credit.worker.pool.fetchval(
        "SELECT attempts FROM webhook_delivery WHERE endpoint_id = $1 ORDER BY seq LIMIT 1", away
    )
    return found


def is_first_of(subject: str, sent: Sent) -> bool:
    event = sent.event
    return bool(event["subject"] == subject and int(event["sequence"]) == 1)


def versions_in_order(
    told: Sequence[Sent] | Sequence[dict[str, Any]], first: dict[str, int] | None = None
) -> set[UUID]:
    """Whose versions came one after the other, from 1 (or `first`) to the last; fails if any did
    not."""
    seen: dict[str, list[int]] = defaultdict(list)
    for one in told:
        event = one.event if isinstance(one, Sent) else one
        seen[event["subject"]].append(int(event["sequence"]))
    begin = first if first is not None else {}
    for subject, found in seen.items():
        start = begin[subject] if subject in begin or isinstance(begin, defaultdict) else 1
        assert found == list(range(start, ROUNDS + 1)), subject
    return {UUID(subject) for subject in seen}

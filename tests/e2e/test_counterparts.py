"""Bank and insurer are killed wherever it hurts, and behave badly; still their books are An Sinh's.

One is told by the change feed, the other by webhooks.
"""

from collections import Counter
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ansinh.demo.bank.reading import read_accounts, read_counts
from ansinh.demo.client import Client
from ansinh.demo.counterpart.books import read_problems
from ansinh.demo.counterpart.modes import Mode
from ansinh.demo.counterpart.process import (
    CounterpartDied,
    CounterpartProcess,
    bank_process,
    insurer_process,
)
from ansinh.demo.insurer.books import read_counts as read_insurer
from ansinh.demo.insuring import compare, in_step, register_insurer
from ansinh.demo.lending import (
    BADLY,
    CONFIRMED,
    lend,
    reconcile,
    register_bank,
)
from ansinh.demo.load import communes_of_province, decision_request, review
from ansinh.demo.partners import Endpoint
from ansinh.demo.population import ReviewedHousehold, generate
from ansinh.demo.settings import DemoClock
from ansinh.demo.stage import Effects, Stage
from ansinh.demo.village import Village, choose, confirm_waiting, meet
from ansinh.ops.client import Operator
from ansinh.trace import draw, read_trace
from ansinh.watch import wait_for_effects, wait_until_told
from libs.common.ids import new_id
from libs.common.security.roles import Role
from libs.common.vocabulary import NeedStage, StatusClass
from tests.support.bus import eventually
from tests.support.platforms import a_platform
from tests.support.settled import DAY

SEED, HOUSEHOLDS = 5, 16
COMMUNES = ("01882", "01864")
NEXT_MONTH = date(2022, 9, 1)
SIGKILLED = -9
POINTS = (
    "after_receipt_call=kill:3",
    "before_answer_call=kill:2",
    "after_answer_call=kill:2",
    "before_disbursement_call=kill:2",
    "after_disbursement_call=kill:2",
)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_both_keep_the_same_books_as_an_sinh_whatever_happens_to_them(
    tmp_path: Path,
) -> None:
    clock = DemoClock(DAY)
    async with a_platform(tmp_path, None, clock) as (platform, client):
        effects = partial(wait_for_effects, platform.workers)
        households = await _reviewed(client, effects)
        told, other = choose(households, await communes_of_province(client), SEED)
        clock.day = CONFIRMED
        await register_bank(client, COMMUNES)
        owed = partial(wait_until_told, platform.workers)
        stage = Stage(client, platform.url, tmp_path, effects, owed, clock, print)
        await _tell_lending(stage, told)

        await meet(client, other)
        await confirm_waiting(client, other, clock.day)
        bank = bank_process(tmp_path / "bank", platform.url, COMMUNES)
        await _kill_everywhere(bank, clock)

        async with bank.running():
            reconciled = await reconcile(bank, clock.day)
        assert reconciled.differences == []
        assert reconciled.agreed == reconciled.ours == len(read_accounts(bank.books)) > 5
        await _check_each_was_done_once(client, bank)

        await _check_insurer(stage, next(h for h in households if h.status is StatusClass.POOR))


async def _tell_lending(stage: Stage, village: Village) -> None:
    """As in the demo; telling it again, as the next run does, doubles nothing."""
    lines: list[str] = []
    stage = replace(stage, say=lines.append)
    assert await lend(stage, [village]) == []
    story = "\n".join(lines)
    assert "its need: listed" in story
    assert "1 void" in story
    assert len(story.splitlines()) <= 20
    loans = await _loans(stage.client)
    assert loans

    stage.clock.day = CONFIRMED
    assert await lend(stage, [village]) == []
    assert await _loans(stage.client) == loans


async def _kill_everywhere(bank: CounterpartProcess, clock: DemoClock) -> None:
    """Before and after each kind of call, badly behaved all the time; then the month's end."""
    for point in POINTS:
        await _die_at(bank, clock, point)
    await _work(bank, clock, BADLY)
    clock.day = NEXT_MONTH
    await _die_at(bank, clock, "after_statements_call=kill")
    await _work(bank, clock, BADLY | {Mode.SLOW})


async def _check_each_was_done_once(client: Client, bank: CounterpartProcess) -> None:
    counts, needs = read_counts(bank.books), await _needs(client)
    assert counts.paid == needs[NeedStage.DISBURSED] > 5
    assert counts.refused == needs[NeedStage.REFUSED] > 0
    assert {NeedStage.SENT, NeedStage.RECEIVED, NeedStage.APPROVED}.isdisjoint(needs)
    assert (counts.promised, counts.void) == (0, 1)  # void: whose class changed
    # That one household was with the bank twice; nothing else was done twice.
    assert await _acts_of_paid(client) == {
        "need_received": counts.paid + 1,
        "need_approved": counts.paid + 1,
        "disbursed": counts.paid,
    }
    refused = read_problems(bank.books)
    assert refused["disbursement.refused"]  # a zero too many, then put right
    assert refused["need.wrong_stage"]  # an answer that overtook its receipt


async def _check_insurer(stage: Stage, poor: ReviewedHousehold) -> None:
    """Killed before and after each kind of call; down and found again by the probe; in step."""
    endpoint = await register_insurer(stage.client, COMMUNES)
    insurer = insurer_process(stage.home / "insurer", stage.url, COMMUNES, endpoint)
    for point in ("before_cards_call=kill:2", "after_cards_call=kill:3"):
        insurer.tell(stage.clock.day, BADLY | {Mode.SLOW})
        async with insurer.running(point):
            with pytest.raises(CounterpartDied) as died:
                await in_step(stage, insurer, endpoint)
        assert died.value.code == SIGKILLED, (point, str(died.value))
    insurer.tell(stage.clock.day, BADLY)
    async with insurer.running():
        await in_step(stage, insurer, endpoint)
        assert await compare(stage, insurer, COMMUNES) == []

        insurer.tell(stage.clock.day, frozenset({Mode.DOWN}))
        await insurer.settle()
        seen = read_insurer(insurer.books)
        await _change_class(stage, poor)
        await eventually(lambda: _has_failed(stage, endpoint))
        assert len(await compare(stage, insurer, COMMUNES)) > 1
        insurer.tell(stage.clock.day)
        await stage.told()  # nobody resumes the endpoint: it is tried again by itself
        insurer.tell_again()
        await insurer.settle()
        assert await compare(stage, insurer, COMMUNES) == []
    now = read_insurer(insurer.books)
    assert now.webhooks == seen.webhooks + 1
    assert now.issued > seen.issued
    assert now.rejected > 0
    assert read_problems(insurer.books)["card.refused"]  # a card without a name, then put right
    await stage.effects()
    await _check_signature_leads_to_card(stage, poor)


async def _change_class(stage: Stage, poor: ReviewedHousehold) -> None:
    """A poor household becomes near-poor: for the insurer its members change groups."""
    body = decision_request(
        new_id(),
        poor.commune,
        number="77/QĐ-UBND",
        signed_on=stage.clock.day,
        effective_on=DAY,
        rows=[{"household_id": str(poor.household_id), "status": "near_poor"}],
    )
    await stage.client.post(Role.CHAIRMAN, "/registry/v1/decisions", body)
    await stage.effects()


async def _has_failed(stage: Stage, endpoint: Endpoint) -> bool:
    path = f"/eligibility/internal/v1/webhooks/{endpoint.endpoint_id}"
    return bool((await stage.client.get(Role.OPERATOR, path))["failures"])


async def _check_signature_leads_to_card(stage: Stage, poor: ReviewedHousehold) -> None:
    """One act, from the chairman's signature to the insurer's answer, and readable by officers."""
    async with Operator.at(stage.url) as operator:
        trace = await read_trace(operator, poor.household_id)
    said = trace.said
    (act,) = (e for e in said if e["type"] == "card.changed.v1" and e["version"] == 2)
    alone = [e for e in said if e["correlation_id"] == act["correlation_id"]]
    tree = list(draw(replace(trace, said=alone)))
    depths = [
        (len(line) - len(line.lstrip()), line.split()[1]) for line in tree if "changed.v1" in line
    ]
    assert (0, "household.status_changed.v1") in depths
    assert (6, "card.changed.v1") in depths
    page = await stage.client.get(
        Role.OFFICER, f"/reporting/v1/households/{poor.household_id}/timeline", limit=200
    )
    entries = [one["summary"]["en"] for one in page["items"] if one["stream"] == "card"]
    assert "issued" in entries[-1]


async def _reviewed(client: Client, effects: Effects) -> list[ReviewedHousehold]:
    """Two communes' households are poor and near-poor."""
    households = list(generate(COMMUNES, SEED, HOUSEHOLDS))
    await review(client, households, SEED, lambda done, total: None)
    await effects()
    return households


async def _die_at(bank: CounterpartProcess, clock: DemoClock, point: str) -> None:
    """A life that is ended by SIGKILL at a point."""
    with pytest.raises(CounterpartDied) as died:
        await _work(bank, clock, BADLY, point)
    assert died.value.code == SIGKILLED, (point, str(died.value))


async def _work(
    bank: CounterpartProcess, clock: DemoClock, modes: frozenset[Mode], faults: str = ""
) -> None:
    bank.tell(clock.day, modes)
    async with bank.running(faults):
        await bank.settle()


async def _loans(client: Client) -> list[Any]:
    loans = client.items(Role.PROVINCE, "/credit/v1/loans")
    return [loan async for loan in loans if loan["commune"] in COMMUNES]


async def _needs(client: Client) -> Counter[str]:
    page = await client.get(Role.PROVINCE, "/credit/v1/needs", limit=200)
    return Counter(need["stage"] for need in page["items"])


async def _acts_of_paid(client: Client) -> Counter[str]:
    """How often the bank's acts stand in the history of what it paid out."""
    page = await client.get(
        Role.PROVINCE, "/credit/v1/referrals", stage=NeedStage.DISBURSED, limit=200
    )
    acts: Counter[str] = Counter()
    for one in page["items"]:
        path = f"/credit/v1/referrals/{one['referral_id']}"
        detail = await client.get(Role.PROVINCE, path)
        acts.update(version["act"] for version in detail["history"])
    return Counter({act: acts[act] for act in ("need_received", "need_approved", "disbursed")})

"""The bank is killed wherever it hurts and behaves badly; still its books are An Sinh's loans."""

from collections import Counter
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ansinh.demo.bank.comparing import differences
from ansinh.demo.bank.reading import read_accounts, read_counts
from ansinh.demo.client import Client
from ansinh.demo.counterpart.books import read_problems
from ansinh.demo.counterpart.modes import Mode
from ansinh.demo.counterpart.process import (
    CounterpartDied,
    CounterpartProcess,
    bank_process,
)
from ansinh.demo.lending import (
    BADLY,
    CONFIRMED,
    lend,
    read_loans,
    register_bank,
)
from ansinh.demo.load import communes_of_province, review
from ansinh.demo.population import generate
from ansinh.demo.settings import DemoClock
from ansinh.demo.stage import Effects, Stage
from ansinh.demo.village import Village, choose, confirm_waiting, meet
from ansinh.watch import wait_for_effects
from libs.common.security.roles import Role
from libs.common.vocabulary import NeedStage
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


@pytest.mark.timeout(120)
async def test_the_bank_and_an_sinh_keep_the_same_books_whatever_happens_to_the_bank(
    tmp_path: Path,
) -> None:
    clock = DemoClock(DAY)
    async with a_platform(tmp_path, None, clock) as (platform, client):
        effects = partial(wait_for_effects, platform.workers)
        told, other = await _reviewed(client, effects)
        clock.day = CONFIRMED
        await register_bank(client, COMMUNES)
        await _tell_lending(
            Stage(client, platform.url, tmp_path, effects, effects, clock, print), told
        )

        await meet(client, other)
        await confirm_waiting(client, other, clock.day)
        bank = bank_process(tmp_path / "bank", platform.url, COMMUNES)
        await _kill_everywhere(bank, clock)

        accounts = read_accounts(bank.books)
        assert differences(accounts, await _loans(client)) == []
        await _check_each_was_done_once(client, bank)


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


async def _reviewed(client: Client, effects: Effects) -> list[Village]:
    """Two communes' households are poor and near-poor; a group of each."""
    names = await communes_of_province(client)
    households = list(generate(COMMUNES, SEED, HOUSEHOLDS))
    await review(client, households, SEED, lambda done, total: None)
    await effects()
    return choose(households, names, SEED)


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
    return [loan for area in COMMUNES for loan in await read_loans(client, area)]


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

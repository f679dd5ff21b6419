"""The bank is killed wherever it hurts and behaves badly; still its books are An Sinh's loans."""

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ansinh.demo.bank.comparing import differences
from ansinh.demo.bank.modes import Mode
from ansinh.demo.bank.reading import read_accounts, read_counts, read_problems
from ansinh.demo.bank_process import BankDied, BankProcess
from ansinh.demo.client import Client
from ansinh.demo.lending import (
    BADLY,
    CONFIRMED,
    MONTH_IS_OVER,
    PAYS,
    Stage,
    lend,
    read_loans,
    register_bank,
)
from ansinh.demo.load import communes_of_province, review
from ansinh.demo.population import generate
from ansinh.demo.settings import DemoClock
from ansinh.demo.village import Village, choose, confirm_waiting, meet
from ansinh.watch import wait_for_effects
from libs.common.security.roles import Role
from libs.common.vocabulary import NeedStage
from tests.support.platforms import a_platform
from tests.support.settled import DAY

SEED, HOUSEHOLDS = 5, 20
COMMUNES = ("01882", "01864")
SIGKILLED = -9
POINTS = (
    "after_receipt_call=kill:3",
    "before_answer_call=kill:3",
    "after_answer_call=kill:3",
    "before_disbursement_call=kill:2",
    "after_disbursement_call=kill:2",
)


@pytest.mark.timeout(120)
async def test_killed_at_every_point_it_pays_each_household_once(tmp_path: Path) -> None:
    clock = DemoClock(DAY)
    async with a_platform(tmp_path, None, clock) as (platform, client):
        villages = await _reviewed(client, clock, partial(wait_for_effects, platform.workers))
        for village in villages:
            await meet(client, village)
            await confirm_waiting(client, village, clock.day)
        clock.day = PAYS
        bank = BankProcess(tmp_path / "bank", platform.url, COMMUNES)
        await register_bank(client, COMMUNES)

        for point in POINTS:
            await _die_at(bank, clock, point)
        await _work(bank, clock, BADLY)
        clock.day = MONTH_IS_OVER
        await _die_at(bank, clock, "after_statements_call=kill")
        await _work(bank, clock, BADLY | {Mode.SLOW})

        accounts = read_accounts(bank.books)
        assert differences(accounts, await _loans(client)) == []
        counts, needs = read_counts(bank.books), await _needs(client)
        assert counts.paid == counts.approved == counts.stated == needs[NeedStage.DISBURSED] > 5
        assert counts.refused == needs[NeedStage.REFUSED] > 0
        assert (counts.promised, counts.void) == (0, 0)
        assert await _acts_of_paid(client) == {
            "need_received": counts.paid,
            "need_approved": counts.paid,
            "disbursed": counts.paid,
        }
        refused = read_problems(bank.books)
        assert refused["disbursement.refused"]  # a zero too many, then put right
        assert refused["need.wrong_stage"]  # an answer that overtook its receipt


@pytest.mark.timeout(120)
async def test_lending_is_told_and_telling_it_again_doubles_nothing(tmp_path: Path) -> None:
    clock = DemoClock(DAY)
    told: list[str] = []
    async with a_platform(tmp_path, None, clock) as (platform, client):
        effects = partial(wait_for_effects, platform.workers)
        villages = await _reviewed(client, clock, effects)
        stage = Stage(client, platform.url, tmp_path, effects, clock, told.append)
        assert await lend(stage, villages) == []
        story = "\n".join(told)
        print(story)
        assert "hồ sơ / its need: listed" in story
        assert len(story.splitlines()) <= 20
        loans = await _loans(client)
        assert {loan.paid_on for loan in loans} >= {PAYS}

        clock.day = CONFIRMED  # as the next run begins
        assert await lend(stage, villages) == []
        assert await _loans(client) == loans


async def _reviewed(client: Client, clock: DemoClock, effects: Any) -> list[Village]:
    """Two communes' households are poor and near-poor; their groups."""
    names = await communes_of_province(client)
    households = list(generate(COMMUNES, SEED, HOUSEHOLDS))
    await review(client, households, SEED, lambda done, total: None)
    await effects()
    clock.day = CONFIRMED
    return choose(households, names, SEED)


async def _die_at(bank: BankProcess, clock: DemoClock, point: str) -> None:
    """A life that is ended by SIGKILL at a point."""
    with pytest.raises(BankDied) as died:
        await _work(bank, clock, BADLY, point)
    assert died.value.code == SIGKILLED, (point, str(died.value))


async def _work(
    bank: BankProcess, clock: DemoClock, modes: frozenset[Mode], faults: str = ""
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

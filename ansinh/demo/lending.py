"""Lending, told: three groups, a bank that is killed in the middle, both books beside each other.

The bank (`ansinh.demo.bank`) is a process of its own with its own books. It is killed by SIGKILL
after An Sinh has taken its first payment and before it could write that down; while it is away, one
household's class changes. Then it runs again, and in the end it lays its list of loans beside An
Sinh's by the public road (đối chiếu): the two must be the same, line by line.
"""

import asyncio
from collections.abc import Sequence
from datetime import date

from ansinh.demo.bank.reading import read_accounts, read_counts
from ansinh.demo.bank.reconciling import Reconciled, read_reconciled
from ansinh.demo.client import Client
from ansinh.demo.counterpart.books import read_problems
from ansinh.demo.counterpart.control import read_control
from ansinh.demo.counterpart.modes import Mode
from ansinh.demo.counterpart.process import (
    CounterpartDied,
    CounterpartProcess,
    bank_process,
)
from ansinh.demo.days import sweep_to
from ansinh.demo.load import decision_request
from ansinh.demo.partners import BANK, register
from ansinh.demo.stage import Stage
from ansinh.demo.village import VOTED, Ask, Village, confirm_waiting, meet, who_loses_class
from libs.common.ids import derived_id
from libs.common.security.roles import Role
from libs.common.vocabulary import NeedStage

CONFIRMED, PAYS, CLASS_CHANGES = date(2022, 7, 14), date(2022, 7, 15), date(2022, 7, 18)
CONFIRMED_AGAIN, MONTH_IS_OVER = date(2022, 7, 20), date(2022, 8, 1)
KILLED_AT = "after_disbursement_call"
BADLY = frozenset({Mode.DUPLICATING, Mode.OUT_OF_ORDER, Mode.WRONG})


async def lend(stage: Stage, villages: Sequence[Village]) -> list[str]:
    """Play it; answers what the bank's books and An Sinh's loans do not say alike.

    Playing it again carries on where it was interrupted, and doubles nothing.
    """
    stage.say("\nVay vốn / lending")
    for village in villages:
        if not village.is_complete:
            few = f"{len(village.asks)} hộ, chưa đủ một tổ / households, too few for a group"
            stage.say(f"    {village.name}: {few}")
    villages = [village for village in villages if village.is_complete]
    if not villages:
        return []
    areas = tuple(village.commune for village in villages)
    bank = bank_process(stage.home / "bank", stage.url, areas)
    await register_bank(stage.client, areas)
    stage.clock.day = max(stage.clock.day, bank.last_day or VOTED)
    await _meet(stage, villages)
    await _killed_while_paying(stage, bank)
    changed = who_loses_class(villages)
    if changed is not None:
        await _change_class(stage, changed)
    reconciled = await _work_again(stage, bank, villages)
    bank.tell(stage.clock.day)  # whoever starts it by hand chooses how it behaves
    return await _report(stage, bank, areas, reconciled)


async def register_bank(client: Client, areas: Sequence[str]) -> None:
    """The bank's office for these communes becomes a partner, where it is none yet."""
    terms = {"areas": list(areas), "fields": _FIELDS, "per_second": 200, "is_confirmed": False}
    await register(client, "credit", {**BANK, **terms})


_FIELDS = (
    "referral_id household_id area.commune programme state terms need act loan_id source principal "
    "paid_on due_on balances interest balance_on yearly_rate_percent"
).split()


async def _meet(stage: Stage, villages: Sequence[Village]) -> None:
    carried = sum(await asyncio.gather(*(meet(stage.client, village) for village in villages)))
    stage.come(CONFIRMED)
    sent = await _confirm(stage, villages)
    names = ", ".join(village.name for village in villages)
    asks = sum(len(village.asks) for village in villages)
    stage.tell(
        CONFIRMED,
        f"{names}: {len(villages)} tổ, {asks} nhu cầu vay (01/TD); bình xét {carried}, xã xác nhận "
        f"{sent}",
        f"{len(villages)} groups, {asks} needs; {carried} carried by the vote, {sent} confirmed",
    )


async def _confirm(stage: Stage, villages: Sequence[Village]) -> int:
    day = stage.clock.day
    confirmed = (confirm_waiting(stage.client, village, day) for village in villages)
    return sum(await asyncio.gather(*confirmed))


async def _killed_while_paying(stage: Stage, bank: CounterpartProcess) -> None:
    stage.come(PAYS)
    bank.tell(stage.clock.day)
    async with bank.running(f"{KILLED_AT}=kill"):
        try:
            await bank.settle()
        except CounterpartDied:
            seen = read_counts(bank.books)
            stage.tell(
                PAYS,
                f"Ngân hàng duyệt {seen.approved}, từ chối {seen.refused}; bị SIGKILL khi An Sinh "
                f"vừa nhận một khoản giải ngân, sổ chưa kịp ghi: {seen.promised} hợp đồng, "
                f"{seen.paid} đã chi",
                f"the bank approved {seen.approved}, refused {seen.refused}; SIGKILL after An Sinh "
                f"took a payment, before its own record: {seen.promised} contracts, {seen.paid} "
                "paid",
            )
        else:
            stage.say("    Ngân hàng không còn gì để chi / the bank has nothing left to pay")


async def _change_class(stage: Stage, ask: Ask) -> None:
    """By a decision of the commune, while the bank is away."""
    stage.come(CLASS_CHANGES)
    # Before the law's day has come, a decision of that day changes nothing yet.
    await sweep_to(stage.client, stage.clock.day)
    household = ask.household
    body = decision_request(
        derived_id("demo-lending", "decision", household.household_id),
        household.commune,
        number="58/QĐ-UBND",
        signed_on=CLASS_CHANGES,
        effective_on=CLASS_CHANGES,
        rows=[{"household_id": str(household.household_id), "status": "near_poor"}],
    )
    await stage.client.post(Role.CHAIRMAN, "/registry/v1/decisions", body)
    await stage.effects()
    need = (await stage.client.get(Role.OFFICER, f"/credit/v1/needs/{ask.need_id}"))["need"]
    stage.tell(
        CLASS_CHANGES,
        f"Trong lúc đó hộ {household.household_id} thành cận nghèo; hồ sơ: {need['stage']}",
        f"meanwhile that household becomes near-poor; its need: {need['stage']}",
    )


async def _work_again(
    stage: Stage, bank: CounterpartProcess, villages: Sequence[Village]
) -> Reconciled:
    """The bank goes on where it was, badly behaved, to the end of the month and its list."""
    bank.tell(stage.clock.day, BADLY)
    async with bank.running():
        await bank.settle()
        seen = read_counts(bank.books)
        stage.tell(
            CLASS_CHANGES,
            f"Ngân hàng chạy lại, gửi lặp, sai thứ tự, có lúc sai số: {seen.paid} đã chi, "
            f"{seen.void} hủy",
            f"it runs again, doubling, out of order, at times wrong: {seen.paid} paid, "
            f"{seen.void} void",
        )
        stage.come(CONFIRMED_AGAIN)
        again = await _confirm(stage, villages)
        bank.tell(stage.clock.day, BADLY)
        await bank.settle()
        paid = read_counts(bank.books).paid
        stage.tell(
            CONFIRMED_AGAIN,
            f"Xã xác nhận lại {again}; {paid} đã chi",
            f"the commune confirms {again} again; {paid} paid",
        )
        stage.come(MONTH_IS_OVER)
        return await reconcile(bank, stage.clock.day)


async def _report(
    stage: Stage, bank: CounterpartProcess, areas: Sequence[str], reconciled: Reconciled
) -> list[str]:
    accounts, counts = read_accounts(bank.books), read_counts(bank.books)
    wrong = reconciled.differences + await _waiting(stage.client, areas)
    if not len(accounts) == reconciled.agreed == reconciled.ours:
        wrong.append(f"{len(accounts)} ≠ {reconciled.agreed} ≠ {reconciled.ours}")
    refused = ", ".join(f"{code} {many}" for code, many in read_problems(bank.books).items())
    stage.tell(
        MONTH_IS_OVER,
        f"Sao kê tháng: {counts.stated}; An Sinh từ chối, ngân hàng đã sửa: {refused or 'không'}",
        f"monthly statements: {counts.stated}; refused and put right: {refused or 'none'}",
    )
    paid = sum(account.principal for account in accounts)
    owed = sum(account.owed for account in accounts)
    stage.tell(
        MONTH_IS_OVER,
        f"Đối chiếu (ansinh partners reconciliations): {len(accounts)} hợp đồng, cho vay {paid:,} "
        f"đ, còn nợ {owed:,} đ; {reconciled.agreed} khớp, {len(reconciled.differences)} khác nhau",
        f"the bank's list beside An Sinh's: {len(accounts)} contracts, {paid:,} VND lent, "
        f"{owed:,} VND owed; {reconciled.agreed} agree, {len(reconciled.differences)} differ",
    )
    for line in wrong:
        stage.say(f"    KHÁC / differs: {line}")
    return wrong


async def _waiting(client: Client, areas: Sequence[str]) -> list[str]:
    """What is still with the bank at An Sinh, though the bank has nothing left to do."""
    found = []
    for area in areas:
        for stage in (NeedStage.SENT, NeedStage.RECEIVED, NeedStage.APPROVED):
            needs = client.items(Role.PROVINCE, "/credit/v1/needs", area=area, stage=stage)
            found += [f"{need['need_id']}: {stage}" async for need in needs]
    return found


async def reconcile(bank: CounterpartProcess, day: date) -> Reconciled:
    """Let the bank, badly behaved, finish its work and lay its list beside An Sinh's.

    Raises:
        CounterpartDied: its process ended before.
    """
    bank.tell(day, BADLY, reconciles=True)
    await bank.settle()
    found = read_reconciled(bank.folder, read_control(bank.folder).serial)
    assert found is not None  # noqa: S101  (it was told to, and is idle)
    return found

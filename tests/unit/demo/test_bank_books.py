"""The bank's books: promises are kept over any end of the process, and nobody is paid twice."""

import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from ansinh.demo.bank.reading import read_accounts, read_counts
from ansinh.demo.counterpart.books import MOST_REFUSALS, read_problems
from ansinh.demo.counterpart.client import Unreachable
from ansinh.demo.counterpart.modes import Mode
from libs.common import faults
from tests.unit.demo.bank import DAY, Desk, PlayedAnSinh, Written, a_need_id, a_problem, a_view


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def _rows(desk: Desk, statement: str) -> list[Any]:
    db = sqlite3.connect(desk.path)
    try:
        return db.execute(statement).fetchall()
    finally:
        db.close()


async def test_a_need_is_received_answered_and_paid(desk: Desk) -> None:
    desk.ansinh.say(a_view())
    await desk.work()
    kinds = [one.path.rpartition("/")[2] for one in desk.ansinh.written]
    assert kinds == ["receipt", "answer", "disbursement"]
    (account,) = read_accounts(desk.path)
    assert (account.principal, account.months, account.paid_on) == (50_000_000, 48, DAY)
    assert desk.ansinh.written[2].body["contract_number"] == account.contract_number


async def test_a_bank_whose_day_begins_late_takes_nothing_before_it_was_sent(desk: Desk) -> None:
    sent_on = date(2022, 7, 20)
    desk.ansinh.say(a_view(changed_on=sent_on))
    await desk.work(day=DAY)
    receipt, answer, payment = desk.ansinh.written
    assert receipt.body["received_on"] == answer.body["answered_on"] == "2022-07-20"
    assert payment.body["paid_on"] == "2022-07-20"


async def test_a_refusal_is_told_with_its_reason_and_nothing_is_paid(desk: Desk) -> None:
    desk.ansinh.say(a_view(need_id=a_need_id(approved=False)))
    await desk.work()
    (answer,) = desk.ansinh.taken("answer")
    assert (answer.body["approved"], bool(answer.body["reason"])) == (False, True)
    assert read_counts(desk.path).paid == 0
    assert desk.ansinh.taken("disbursement") == []


@pytest.mark.parametrize("point", ["before", "after"])
@pytest.mark.parametrize("kind", ["receipt", "answer", "disbursement"])
async def test_what_was_promised_is_told_again_word_for_word(
    desk: Desk, kind: str, point: str
) -> None:
    desk.ansinh.say(a_view())
    faults.arm(f"{point}_{kind}_call=raise")
    try:
        with pytest.raises(faults.Fault):
            await desk.work()
    finally:
        faults.arm("")
    await desk.work(day=date(2022, 7, 19))  # the next day: what was promised keeps its own
    told = desk.ansinh.taken(kind)
    assert len(told) == (2 if point == "after" else 1)
    assert len({str(one.body) for one in told}) == 1
    assert len({one.key for one in told}) == 1
    assert read_counts(desk.path).paid == 1


async def test_the_contract_stands_in_the_books_before_the_call(desk: Desk) -> None:
    signed: list[Any] = []

    def look(write: Written) -> None:
        if write.path.endswith("disbursement"):
            signed.extend(_rows(desk, "SELECT contract_number, state FROM payment"))

    desk.ansinh.refuses = look
    desk.ansinh.say(a_view())
    await desk.work()
    (sent,) = desk.ansinh.taken("disbursement")
    assert signed == [(sent.body["contract_number"], "promised")]


async def test_a_household_that_changes_class_before_it_is_paid_loses_its_contract(
    desk: Desk,
) -> None:
    desk.ansinh.say(a_view())
    faults.arm("before_disbursement_call=raise")
    try:
        with pytest.raises(faults.Fault):
            await desk.work()
    finally:
        faults.arm("")
    desk.ansinh.say(a_view(7, "listed", programme="19"))
    await desk.work()
    assert read_counts(desk.path).void == 1
    assert desk.ansinh.taken("disbursement") == []

    desk.ansinh.say(a_view(8, "sent", programme="19"))
    await desk.work()
    assert read_counts(desk.path).paid == 1
    assert len({row[0] for row in _rows(desk, "SELECT contract_number FROM payment")}) == 2


async def test_a_version_that_is_no_longer_right_is_looked_at_again(desk: Desk) -> None:
    desk.ansinh.say(a_view())
    newest = a_view(6, "sent")

    def refuse(write: Written) -> httpx.Response | None:
        desk.ansinh.views[str(newest.referral_id)] = newest
        return a_problem(412, "version.stale") if write.if_match != '"6"' else None

    desk.ansinh.refuses = refuse
    await desk.work()
    assert read_counts(desk.path).paid == 1
    assert read_problems(desk.path) == {}


async def test_a_wrong_amount_is_refused_recorded_and_corrected(desk: Desk) -> None:
    for place in range(8):
        need = a_need_id(number=place)
        desk.ansinh.say(a_view(need_id=need, referral=place))
    limit = 100_000_000

    def refuse(write: Written) -> httpx.Response | None:
        amount = write.body.get("amount") or 0
        return a_problem(422, "disbursement.refused") if amount > limit else None

    desk.ansinh.refuses = refuse
    await desk.work(Mode.WRONG)
    slips = [one for one in desk.ansinh.taken("disbursement") if one.body["amount"] > limit]
    assert read_problems(desk.path) == {"disbursement.refused": len(slips)}
    assert 0 < len(slips) < 8
    assert {account.principal for account in read_accounts(desk.path)} == {50_000_000}
    assert read_counts(desk.path).paid == 8


async def test_a_duplicating_bank_sends_everything_twice_the_second_under_another_key(
    desk: Desk,
) -> None:
    desk.ansinh.say(a_view())
    await desk.work(Mode.DUPLICATING)
    for kind in ("receipt", "answer", "disbursement"):
        first, second = desk.ansinh.taken(kind)
        assert (first.body, first.if_match) == (second.body, second.if_match)
        assert first.key != second.key
    assert read_counts(desk.path).paid == 1


async def test_a_slow_bank_tells_one_thing_a_round(tmp_path: Path) -> None:
    rounds = {}
    for mode in (None, Mode.SLOW):
        folder = tmp_path / str(mode)
        folder.mkdir()
        desk = Desk(folder)
        for place in range(6):
            desk.ansinh.say(a_view(need_id=a_need_id(number=place), referral=place))
        rounds[mode] = await desk.work(*([mode] if mode else []))
        assert read_counts(desk.path).paid == 6
    assert rounds[None] < 5
    assert rounds[Mode.SLOW] >= 18


async def test_what_is_refused_again_and_again_is_left_to_a_person(desk: Desk) -> None:
    desk.ansinh.say(a_view())
    desk.ansinh.refuses = lambda write: (
        a_problem(422, "plan.exceeded") if write.path.endswith("disbursement") else None
    )
    await desk.work()
    assert len(desk.ansinh.taken("disbursement")) == MOST_REFUSALS
    assert (read_counts(desk.path).void, read_counts(desk.path).paid) == (1, 0)


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_no_answer_is_no_refusal(desk: Desk, status: int) -> None:
    desk.ansinh.say(a_view())
    desk.ansinh.refuses = lambda write: httpx.Response(status)
    with pytest.raises(Unreachable):
        await desk.work()
    assert read_problems(desk.path) == {}
    desk.ansinh.refuses = lambda write: None
    await desk.work()
    assert read_counts(desk.path).paid == 1


async def test_after_a_restore_of_an_sinh_all_is_told_again_and_nothing_paid_again(
    desk: Desk,
) -> None:
    refused = a_view(need_id=a_need_id(approved=False), referral="refused")
    desk.ansinh.say(a_view(2, "applied"), a_view(3, "listed"), a_view(), refused)
    await desk.work()
    before = read_accounts(desk.path)
    first = list(desk.ansinh.written)

    desk.ansinh = PlayedAnSinh(is_restored=True)
    desk.ansinh.say(a_view(2, "applied"), a_view(3, "listed"), a_view(), refused)
    await desk.work(Mode.SLOW, day=date(2022, 7, 20))
    assert sorted((one.path, str(one.body)) for one in desk.ansinh.written) == sorted(
        (one.path, str(one.body)) for one in first
    )
    assert read_accounts(desk.path) == before


async def test_money_that_left_stays_paid_where_the_restored_an_sinh_knows_no_need(
    desk: Desk,
) -> None:
    desk.ansinh.say(a_view())
    await desk.work()
    desk.ansinh = PlayedAnSinh(is_restored=True, refuses=lambda write: a_problem(409))
    desk.ansinh.say(a_view(3, "listed"))
    await desk.work()
    assert (read_counts(desk.path).paid, read_counts(desk.path).void) == (1, 0)


async def test_the_same_feed_again_changes_nothing(desk: Desk) -> None:
    desk.ansinh.say(a_view())
    await desk.work()
    written = len(desk.ansinh.written)
    desk.ansinh.say(a_view(), a_view(3, "listed"))
    await desk.work()
    assert len(desk.ansinh.written) == written


async def test_one_need_has_one_contract_that_is_not_void(desk: Desk) -> None:
    desk.ansinh.say(a_view())
    await desk.work()
    with pytest.raises(sqlite3.IntegrityError):
        _rows(
            desk,
            "INSERT INTO payment SELECT 'AS/2022/2', case_id || 'x', referral_id, need_id, amount, "
            "months, source, paid_on, 'promised', 0 FROM payment",
        )

"""The insurer: what it answers to a roll, what it keeps of webhooks, and how it is compared."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from ansinh.demo.counterpart.books import FILE
from ansinh.demo.counterpart.modes import Mode
from ansinh.demo.insurer.books import Books, read_answers, read_counts, read_lines
from ansinh.demo.insurer.comparing import differences, roll_differences, unanswered
from ansinh.demo.insurer.receiver import Receiver
from ansinh.demo.insurer.rules import (
    ISSUED,
    REJECTED,
    WITHDRAWN,
    Answer,
    Key,
    Period,
    Rules,
    follow,
)
from libs.common.ids import derived_id

DAY, FROM, END = date(2022, 7, 11), date(2022, 1, 1), date(2022, 7, 1)
HOUSEHOLD = derived_id("test-household", 1)
ALL_KNOWN = Rules(known_elsewhere_one_in=1)
TRUSTING = Rules(known_elsewhere_one_in=10**9, not_trusted_one_in=10**9)
SECRET = "whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0"


def a_period(person: int = 1, until: date | None = None, group: str = "HN") -> Period:
    return Period(Key(HOUSEHOLD, derived_id("test-person", person), group, FROM), until, 100)


def an_event(version: int, *periods: Period) -> bytes:
    said = [
        {
            "person_id": str(one.key.person_id),
            "group": one.key.group,
            "from_day": str(one.key.from_day),
            "until": one.until and str(one.until),
            "benefit_percent": one.benefit_percent,
        }
        for one in periods
    ]
    event = {
        "type": "insurance.roll_changed.v1",
        "subject": str(HOUSEHOLD),
        "sequence": str(version),
        "data": {"periods": said},
    }
    return json.dumps(event).encode()


def told(roll: Sequence[Period], *before: Answer, rules: Rules = TRUSTING) -> list[tuple[str, int]]:
    last = {answer.key: answer for answer in before}
    return [(one.state, one.number) for one in follow(roll, 2, last, DAY, rules)]


def test_each_line_is_answered_once_and_again_when_it_changes() -> None:
    (card,) = follow([a_period()], 1, {}, DAY, TRUSTING)
    assert (card.state, card.number, card.benefit_level) == (ISSUED, 1, 2)
    assert (card.valid_from, card.valid_until) == (FROM, None)
    assert told([a_period()], card) == []
    assert told([a_period(until=END)], card) == [(ISSUED, 2)]
    assert told([], card) == [(WITHDRAWN, 2)]
    (gone,) = follow([], 2, {card.key: card}, DAY, TRUSTING)
    assert told([], gone) == []
    assert told([a_period()], gone) == [(ISSUED, 3)]


def test_who_is_insured_elsewhere_or_not_trusted_gets_no_card_every_time() -> None:
    assert told([a_period()], rules=ALL_KNOWN) == [(REJECTED, 1)]
    drawn = [follow([a_period(n)], 1, {}, DAY, Rules())[0] for n in range(400)]
    reasons = [answer.reason for answer in drawn]
    assert drawn == [follow([a_period(n)], 1, {}, DAY, Rules())[0] for n in range(400)]
    assert {"other_group", "wrong_identity", None} == set(reasons)
    assert reasons.count(None) > 350


@given(st.randoms(use_true_random=False))
def test_versions_in_any_order_end_with_the_newest_roll_answered(random: Random) -> None:
    rolls = [[a_period()], [a_period(), a_period(2)], [a_period(until=END)], [], [a_period(3)]]
    events = [(str(v), an_event(v, *roll)) for v, roll in enumerate(rolls, 1)] * 2
    random.shuffle(events)
    with Books(Path(":memory:")) as books:
        for place in range(0, len(events), 3):
            with books.writing():
                books.keep(events[place : place + 3])
                books.work(random.randrange(1, 4), TRUSTING, DAY)
        with books.writing():
            books.work(100, TRUSTING, DAY)
        newest: dict[Key, Answer] = {}
        for answer in books.untold():
            newest[answer.key] = answer
    standing = {(one.key.person_id, one.state) for one in newest.values()}
    assert (derived_id("test-person", 3), ISSUED) in standing
    assert sum(state == ISSUED for _, state in standing) == 1


def test_books_and_cards_are_compared_line_by_line(tmp_path: Path) -> None:
    with Books(tmp_path / FILE) as books, books.writing():
        books.keep([("1", an_event(1, a_period(), a_period(2)))])
        books.work(10, TRUSTING, DAY)
        books.tick_off(books.untold())
    answers, lines = read_answers(tmp_path / FILE), read_lines(tmp_path / FILE)
    cards: list[dict[str, Any]] = [{**one.body(), "standing": "current"} for one in answers]
    for card in cards:
        card["reason"] = None
    assert differences(answers, cards) == []
    assert unanswered(lines, answers) == []
    assert roll_differences(lines, cards, DAY) == []
    assert len(differences(answers, cards[1:])) == 1
    assert len(differences(answers, [cards[0], {**cards[1], "standing": "outdated"}])) == 1
    assert len(differences(answers, [cards[0], {**cards[1], "benefit_level": 4}])) == 1
    assert len(unanswered({**lines, a_period(3).key: None}, answers)) == 1
    assert len(roll_differences(lines, [{**cards[0], "until": str(END)}], DAY)) == 2
    assert read_counts(tmp_path / FILE).issued == 2


@pytest.mark.parametrize("modes", [frozenset(), frozenset({Mode.SLOW}), frozenset({Mode.DOWN})])
async def test_a_webhook_is_on_disk_before_it_is_acknowledged_and_kept_once(
    tmp_path: Path, modes: frozenset[Mode]
) -> None:
    with Books(tmp_path / FILE) as books:
        receiver = Receiver(books, [SECRET], lambda: modes)
        transport = httpx.ASGITransport(receiver)
        async with httpx.AsyncClient(transport=transport, base_url="http://insurer") as ansinh:
            right = [_signed(str(number), SECRET) for number in (1, 1, 2)]
            wrong = _signed("3", "whsec_" + "b3RoZXJvdGhlcm90aGVyb3RoZXI=")
            old = _signed("4", SECRET, datetime.now(UTC) - timedelta(minutes=6))
            answers = await asyncio.gather(*(ansinh.post("/", **sent) for sent in right))
            refused = [await ansinh.post("/", **sent) for sent in (wrong, old)]
        kept = read_counts(tmp_path / FILE).webhooks
    if Mode.DOWN in modes:
        assert ({one.status_code for one in answers + refused}, kept) == ({503}, 0)
    else:
        assert [one.status_code for one in answers + refused] == [204, 204, 204, 401, 401]
        assert kept == 2


def _signed(webhook_id: str, secret: str, at: datetime | None = None) -> dict[str, Any]:
    body, at = an_event(1, a_period()), at or datetime.now(UTC)
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, at, body.decode()),
    }
    return {"content": body, "headers": headers}

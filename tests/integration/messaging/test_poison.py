"""A bad event stands alone: its neighbours take effect at once, it itself is kept for a person."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from libs.common.contracts.envelope import Received
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging.replay import replay_once
from libs.common.messaging.settings import ReplaySettings
from tests.support.bus import CONSUME, Bus, a_consumer, an_event, eventually, keep_latest

BROKEN: dict[str, tuple[Callable[[bytes], bytes], str, list[str]]] = {
    "bad bytes": (lambda raw: raw.replace(b'"name":"', b'"name":"\xff\xfe'), "UNDECODABLE", []),
    "cut off": (lambda raw: raw[:-40], "UNDECODABLE", []),
    "a field is missing": (
        lambda raw: re.sub(rb'"code":"\w+",', b"", raw),
        "SCHEMA_INVALID",
        ["data.code"],
    ),
    "an unknown enum value": (
        lambda raw: raw.replace(b"rural_commune", b"moon_base"),
        "UNKNOWN_ENUM",
        ["data.kind"],
    ),
    "an unknown type": (
        lambda raw: raw.replace(b"area.changed.v1", b"area.changed.v9"),
        "UNKNOWN_TYPE",
        ["type"],
    ),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_an_unreadable_event_is_parked_and_its_neighbours_take_effect(
    case: str, bus: Bus
) -> None:
    damage, reason, fields = BROKEN[case]
    first, bad, last = new_id(), new_id(), new_id()
    event = an_event(bad, 1)
    broken = damage(event)
    assert broken != event
    async with bus.running(a_consumer(), relays=0):
        await bus.send(an_event(first, 1), broken, an_event(last, 1))
        await bus.reaches({first: 1, last: 1})

    [parked] = await bus.parked()
    assert parked["reason"] == reason
    assert parked["fields"] == fields
    assert parked["body"] == broken
    assert parked["subject"] == bad
    assert await bus.received() == 2  # a parked event has no receipt, so a re-drive runs


async def test_a_repeat_of_a_parked_event_is_parked_once(bus: Bus) -> None:
    broken = an_event(new_id(), 1).replace(b"rural_commune", b"moon_base")
    good = new_id()
    async with bus.running(a_consumer(), relays=0):
        await bus.send(broken, broken)
        await bus.send(broken)
        await bus.send(an_event(good, 1))
        await bus.reaches({good: 1})
    assert len(await bus.parked()) == 1
    assert await bus.consumer.pool.fetchval("SELECT max(seen) FROM cursor") == 1


async def test_an_event_that_breaks_the_handler_is_parked_after_the_last_rung(bus: Bus) -> None:
    good, bad = [new_id() for _ in range(20)], new_id()
    settings = replace(CONSUME, rungs_seconds=CONSUME.rungs_seconds)

    async def refuse(events: Sequence[Received[Any]], tx: Transaction) -> None:
        if any(event.subject == bad for event in events):
            await tx.execute("SELECT 1 / 0")
        await keep_latest(events, tx)

    events = [an_event(subject, 1) for subject in (*good[:10], bad, *good[10:])]
    async with bus.running(a_consumer(refuse), relays=0, settings=settings):
        await bus.send(*events)
        await bus.reaches(dict.fromkeys(good, 1))

        async def given_up() -> bool:
            return len(await bus.parked()) == 1

        await eventually(given_up)
    [parked] = await bus.parked()
    assert parked["reason"] == "RETRIES_USED"
    assert parked["attempt"] == len(settings.rungs_seconds)
    assert parked["error"] == "DivisionByZeroError 22012"
    assert parked["body"] == events[10]


async def test_a_parked_event_is_redriven_after_the_fix(bus: Bus) -> None:
    subject = new_id()
    broken_now = True

    async def handler(events: Sequence[Received[Any]], tx: Transaction) -> None:
        if broken_now:
            raise ValueError
        await keep_latest(events, tx)

    async with bus.running(a_consumer(handler), relays=0):
        await bus.send(an_event(subject, 1), attempt=len(CONSUME.rungs_seconds))

        async def is_parked() -> bool:
            return len(await bus.parked()) == 1

        await eventually(is_parked)
        broken_now = False
        await bus.consumer.pool.execute("UPDATE parked_message SET state = 'redrive'")
        await replay_once(bus.consumer, bus.transport, "eligibility", ReplaySettings())
        await bus.reaches({subject: 1})
    [parked] = await bus.parked()
    assert parked["state"] == "settled"
    # Seen once, although it was met twice: no gap, and none hidden.
    cursor = await bus.consumer.pool.fetchrow("SELECT version, seen FROM cursor")
    assert cursor is not None
    assert tuple(cursor) == (1, 1)

"""`make demo`, killed with SIGKILL wherever it is, carries on at the next run and ends the same."""

import random
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from ansinh.audit import embedded_dsns
from libs.common.clock import SystemClock
from libs.common.database import Database
from tests.support.demo_process import DemoProcess
from tests.support.holding import standing_of

SEED, HOUSEHOLDS = 5, 24
KILLED = -9

# The line after which it is killed, up to so many seconds later, and whether PostgreSQL goes too.
KILLS = (
    ("máy chủ nhúng", 2.0, False),  # initdb
    ("credit: bảng dữ liệu", 1.0, True),  # schemas
    ("reporting: bảng dữ liệu", 4.0, True),  # areas
    ("hộ đã xét", 2.0, False),  # registering and deciding
    ("Đăng ký / registered", 3.0, True),  # the story
)
_AS_OFTEN_AS_SAID = """
SELECT count(*) FROM (
  SELECT FROM event_log GROUP BY stream, subject HAVING count(*) <> max(version)) AS wrong
"""


@pytest.fixture
def disturbed(tmp_path: Path) -> Iterator[DemoProcess]:
    demo = DemoProcess(tmp_path / "disturbed", SEED, HOUSEHOLDS)
    yield demo
    demo.clean()


@pytest.fixture
def undisturbed(tmp_path: Path) -> Iterator[DemoProcess]:
    demo = DemoProcess(tmp_path / "undisturbed", SEED, HOUSEHOLDS)
    yield demo
    demo.clean()


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_demo_that_is_killed_carries_on_and_ends_the_same(
    disturbed: DemoProcess, undisturbed: DemoProcess
) -> None:
    moment = random.Random(SEED)
    undisturbed.start()  # beside the other
    for words, seconds, server_too in KILLS:
        disturbed.start()
        disturbed.read_until(words)
        disturbed.kill(moment.uniform(0, seconds), server_too=server_too)
    disturbed.start(faults="after_commit=kill:2")  # with effects on the road
    assert disturbed.read_to_end() == KILLED

    disturbed.start()
    assert disturbed.read_to_end() == 0, disturbed.printed
    assert undisturbed.read_to_end() == 0, undisturbed.printed
    assert disturbed.figures() == undisturbed.figures()
    assert await _standing(disturbed.home) == await _standing(undisturbed.home)


async def _standing(home: Path) -> dict[str, list[str]]:
    """What holds in a platform that is stopped; nothing was said twice or left on the road."""
    async with embedded_dsns(home) as dsns, AsyncExitStack() as stack:
        workers = {
            name: await stack.enter_async_context(
                await Database.connect(dsn, SystemClock(), application="test")
            )
            for name, dsn in dsns.items()
        }
        for database in workers.values():
            for left in ("outbox", "local_queue", "parked_message"):
                assert await database.pool.fetchval(f"SELECT count(*) FROM {left}") == 0
            assert await database.pool.fetchval(_AS_OFTEN_AS_SAID) == 0
        return await standing_of(workers)

"""`ansinh health`: what the container engine is told about a process."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from ansinh import health
from libs.common.heartbeat import beat, failing, name_address
from tests.support.bus import eventually
from tests.support.doors import free_port


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def breaks() -> bool:
    raise OSError


async def hangs() -> bool:
    await asyncio.Event().wait()
    return True


async def test_whatever_does_not_say_yes_fails() -> None:
    checks = {"good": yes, "bad": no, "broken": breaks, "hanging": hangs}
    assert await failing(checks, seconds=0.05) == ["bad", "broken", "hanging"]


def test_a_process_without_heartbeat_is_not_well(tmp_path: Path) -> None:
    assert health.look(tmp_path / "none") == (False, "no heartbeat yet")


async def _beat_once(path: Path, checks: dict[str, object]) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(beat(path, checks, stop))  # type: ignore[arg-type]

    async def written() -> bool:
        return health.look(path)[1] != "no heartbeat yet"

    await eventually(written)
    stop.set()
    await task


async def test_a_young_heartbeat_without_faults_is_well(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    await _beat_once(path, {"database": yes})
    assert health.look(path) == (True, "well")


async def test_what_does_not_answer_is_named(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    await _beat_once(path, {"database": yes, "bus": no})
    assert health.look(path) == (False, "failing: bus")


async def test_an_event_loop_that_stands_still_is_not_well(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    await _beat_once(path, {"database": yes})
    long_ago = time.time() - health.OLDEST_SECONDS - 60
    os.utime(path, (long_ago, long_ago))
    is_well, reason = health.look(path)
    assert not is_well
    assert "old" in reason


def test_an_api_is_asked_itself(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    name_address(path, f"http://127.0.0.1:{free_port()}/health/ready")
    assert health.look(path) == (False, "no answer: ConnectionRefusedError")


def test_the_command_answers_by_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANSINH_HEARTBEAT_FILE", str(tmp_path / "none"))
    assert health.main() == 1
    assert capsys.readouterr().out == "no heartbeat yet\n"

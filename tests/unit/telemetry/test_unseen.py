"""A task that fails unseen is told by kind and place, never by its text."""

import asyncio
import gc
import logging

import pytest

from libs.common.roles import run_loop


class _Failed(Exception):
    pass


async def _fails() -> None:
    raise _Failed("Nguyễn Thị Hoa")


async def _forget_one() -> None:
    task = asyncio.create_task(_fails())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    gc.collect()


def test_the_text_of_an_unseen_error_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        run_loop(_forget_one())
    [record] = [one for one in caplog.records if one.message == "a task failed unseen"]
    assert record.__dict__["error"] == "_Failed"
    assert "Hoa" not in caplog.text
